from typing import cast

from django.http import HttpRequest, HttpResponse

from atrium.payments import wallet_cards
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="somebody")
def wallet(request: HttpRequest) -> HttpResponse:
    """Show what is the caller's, and what each room says of it."""
    caller = cast(Caller, request.caller)  # type: ignore[attr-defined]
    context = {
        "main": wallet_cards.cards_for(request, "main"),
        "side": wallet_cards.cards_for(request, "side"),
        "links": wallet_cards.links_for(caller),
    }
    return render_page(
        request, "payments/wallet.html", context, fragment="payments/parts/wallet.html"
    )
