"""Tokens of a window: one UPDATE sets them aside, and one ends that."""

from datetime import datetime
from typing import Any

from django.db.models import Case, DateTimeField, F, Field, PositiveBigIntegerField, Q, Value, When

from atrium.metering.models import Receipt, Window
from atrium.metering.window import LENGTH


def set_aside(*, holder: str, tokens: int, most: int | None, at: datetime) -> Window | None:
    """Set the tokens aside, in a new window when the last one is over; None when they do not fit.

    ``most`` is how many the window has; None for no bound.
    """
    if most is not None and tokens > most:
        return None
    is_over = Q(resets_at=None) | Q(resets_at__lte=at)
    fits = Q()
    if most is not None:
        fits = is_over | Q(used__lte=most - tokens - F("held"))

    def anew(name: str, new: object, running: object | None = None) -> Case:
        field: Field[Any, Any]
        field = DateTimeField() if name.endswith("_at") else PositiveBigIntegerField()
        return Case(When(is_over, then=new), default=running or F(name), output_field=field)

    changes = {
        "number": anew("number", F("number") + 1),
        "opened_at": anew("opened_at", Value(at)),
        "resets_at": anew("resets_at", Value(at + LENGTH)),
        "used": anew("used", Value(0)),
        "held": anew("held", Value(tokens), F("held") + tokens),
    }
    theirs = Window.objects.filter(holder=holder)
    if not theirs.filter(fits).update(**changes):
        if theirs.exists():
            return None
        Window.objects.bulk_create([Window(holder=holder)], ignore_conflicts=True)
        if not theirs.filter(fits).update(**changes):
            return None
    return theirs.get()


def end_in_window(receipt: Receipt, *, used: int) -> None:
    """Count what was used, and set nothing aside for the call any more.

    A window that was over before the call was changes no more; one that nothing was used of, after
    all, has not begun.
    """
    rows = Window.objects.filter(pk=receipt.window_id or 0, number=receipt.window_number)
    rows.update(held=F("held") - receipt.reserved, used=F("used") + used)
    if not used:
        rows.filter(used=0, held=0).update(opened_at=None, resets_at=None)
