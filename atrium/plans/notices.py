from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register

_BOTH = frozenset({Channel.IN_APP, Channel.MAIL})
Said = Mapping[str, Any]


def _day(text: str) -> str:
    return date_format(datetime.fromisoformat(text), "DATE_FORMAT") if text else ""


def _failed(said: Said) -> str:
    return " ".join(
        (
            _("We try again on {day}.").format(day=_day(said["again"])),
            _("You keep {plan} until {day}.").format(plan=said["plan"], day=_day(said["until"])),
            _("You can pay now on the page of your plan."),
        )
    )


def _ended(said: Said) -> str:
    words = {
        "canceled": _("You cancelled it."),
        "unpaid": _("Its renewal was not paid."),
        "refunded": _("Its payment went back."),
        "staff": _("Staff ended it."),
    }
    first = words.get(said["why"], "")
    return f"{first} {_('You go on with the free plan, and nothing of yours is lost.')}".strip()


def _paid_back(said: Said) -> str:
    words = {
        "subscribed": _("You had a plan already."),
        "renewed": _("The month was paid already."),
        "ended": _("The plan had ended."),
        "changed": _("Your plan had changed meanwhile."),
    }
    return words.get(said["why"], "")


def _kind(key: str, description: Any, title: Any, body: Any, **more: Any) -> NotificationKind:
    told = {"channels": _BOTH, "icon": "wallet", **more}
    return NotificationKind(
        key=f"plans.{key}", description=description, title=title, body=body, **told
    )


register(
    _kind(
        "began",
        gettext_lazy("A plan of yours began"),
        lambda said: _("You have {plan} now").format(plan=said["plan"]),
        lambda said: _("It renews on {day}.").format(day=_day(said["until"])),
    ),
    _kind(
        "renewed",
        gettext_lazy("Your plan was renewed"),
        lambda said: _("{plan} was renewed").format(plan=said["plan"]),
        lambda said: _("{amount} were paid. It renews again on {day}.").format(
            amount=said["amount"], day=_day(said["until"])
        ),
    ),
    _kind(
        "changed",
        gettext_lazy("Your plan changed"),
        lambda said: _("Your plan is {plan} now").format(plan=said["plan"]),
        lambda said: (
            _("{amount} were paid.").format(amount=said["amount"]) if said["amount"] else ""
        ),
    ),
    _kind(
        "will_change",
        gettext_lazy("Your plan will change"),
        lambda said: _("{plan} stays until {day}").format(
            plan=said["plan"], day=_day(said["until"])
        ),
        lambda said: _("From then on you have {plan}.").format(plan=said["next"]),
        channels=frozenset({Channel.IN_APP}),
    ),
    _kind(
        "will_end",
        gettext_lazy("You cancelled your plan"),
        lambda said: _("{plan} ends on {day}").format(plan=said["plan"], day=_day(said["until"])),
        lambda said: _("Nothing more is charged. Until then you can let it go on."),
    ),
    _kind(
        "goes_on",
        gettext_lazy("Your plan goes on after all"),
        lambda said: _("{plan} goes on").format(plan=said["plan"]),
        lambda said: "",
        channels=frozenset({Channel.IN_APP}),
    ),
    _kind(
        "renewal_failed",
        gettext_lazy("Your plan could not be renewed"),
        lambda said: _("{plan} could not be renewed").format(plan=said["plan"]),
        _failed,
        always=_BOTH,
    ),
    _kind(
        "payment_needed",
        gettext_lazy("Your plan waits for a payment"),
        lambda said: _("{plan} is to be paid for the next month").format(plan=said["plan"]),
        lambda said: _("You keep it until {day}. Pay before then, and it goes on.").format(
            day=_day(said["until"])
        ),
        always=_BOTH,
    ),
    _kind(
        "last_warning",
        gettext_lazy("The last word before your plan ends"),
        lambda said: _("{plan} ends on {day}").format(plan=said["plan"], day=_day(said["until"])),
        lambda said: _("Its renewal is not paid, and we do not try again. You can still pay."),
        always=_BOTH,
    ),
    _kind(
        "ended",
        gettext_lazy("Your plan ended"),
        lambda said: _("{plan} ended").format(plan=said["plan"]),
        _ended,
        always=_BOTH,
    ),
    _kind(
        "extended",
        gettext_lazy("Your plan was extended"),
        lambda said: _("You keep {plan} until {day}").format(
            plan=said["plan"], day=_day(said["until"])
        ),
        lambda said: _("It was extended for you."),
    ),
    _kind(
        "paused",
        gettext_lazy("Your plan rests"),
        lambda said: _("{plan} rests").format(plan=said["plan"]),
        lambda said: _("Its payment is disputed. When that is settled, it goes on or ends."),
    ),
    _kind(
        "paid_back",
        gettext_lazy("A payment for a plan goes back to you"),
        lambda said: _("{amount} go back to you").format(amount=said["amount"]),
        _paid_back,
        always=_BOTH,
    ),
    _kind(
        "price_rises",
        gettext_lazy("The price of your plan rises"),
        lambda said: _("{plan} will cost {price} a month").format(
            plan=said["plan"], price=said["price"]
        ),
        lambda said: _("The new price counts from your renewal on {day}.").format(
            day=_day(said["until"])
        ),
        always=_BOTH,
    ),
)
