from functools import cache
from pathlib import Path
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse

from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.ledger import check
from atrium.ledger.days import proof_of
from atrium.ledger.queries import closed_days
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def days(request: HttpRequest) -> HttpResponse:
    """Show the roots and heads of the closed days, and how to check a proof against them."""
    after = request.GET.get("after")
    found = page_of(closed_days(), after=after, size=LIMITS.page_items, order=("-date",))
    newest = closed_days().order_by("date").last()
    context = {"page": found, "newest": newest, "script": _script()}
    return render_page(request, "ledger/days.html", context)


@page("GET", who="anyone")
def script(request: HttpRequest) -> HttpResponse:
    """Send the script that checks a proof with nothing but Python."""
    answer = HttpResponse(_script(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="check.py"'
    return answer


@page("GET", who="somebody")
def proof(request: HttpRequest, line: int) -> HttpResponse:
    """Send what shows that a line of the caller's stands in the books."""
    caller = cast(Caller, request.caller)  # type: ignore[attr-defined]
    answer = JsonResponse(proof_of(line, caller=caller), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="proof-{line}.json"'
    return answer


@cache
def _script() -> str:
    return Path(check.__file__).read_text(encoding="utf-8")
