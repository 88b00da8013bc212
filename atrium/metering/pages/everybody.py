from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from atrium.kit import clock
from atrium.metering import queries
from atrium.metering.costs import costs_since
from atrium.metering.statistics import DAYS, money_of_days, usage
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="staff", area="finance")
def everybody(request: HttpRequest) -> HttpResponse:
    """Show what everybody used in the last days: what it is worth beside what was paid."""
    now = clock.now()
    found = usage(queries.all_receipts(), at=now)
    context = {
        "usage": found,
        "by_plans": found.sums.worth - found.sums.charged,
        "money": money_of_days(at=now),
        "costs": costs_since(now - timedelta(days=DAYS)),
        "days": DAYS,
    }
    return render_page(request, "metering/everybody.html", context)
