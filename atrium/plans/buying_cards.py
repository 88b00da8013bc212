"""What buying brings to the wallet's page: the button, and when to be told that credits run low."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from atrium.payments.wallet_cards import Card, Link, register, register_link
from atrium.plans.low_balance_form import LowBalanceForm


def _told(request: HttpRequest) -> Mapping[str, Any] | None:
    caller = request.caller  # type: ignore[attr-defined]
    return {"form": LowBalanceForm(person=caller.person)} if caller.is_member else None


register(
    Card(
        key="low_balance",
        order=200,
        place="side",
        template="plans/parts/low_balance_card.html",
        context=_told,
    )
)
register_link(
    Link(key="buy", order=10, title=_("Buy credits"), url_name="plans:buy", icon="coin", buys=True)
)
