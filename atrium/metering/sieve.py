"""What lists of receipts are filtered by."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from atrium.kit.errors import Unprocessable
from atrium.ledger.statement import BadFilter, sieve_of
from atrium.metering.models import Receipt, ReceiptQuerySet
from atrium.people.caller import Caller

NEWEST_FIRST = ("-began_at", "-id")


class BadSieve(Unprocessable):
    code = "bad_filter"


@dataclass(frozen=True, slots=True)
class ReceiptSieve:
    """Only receipts of a model, with a payer, and that began within these days."""

    model: str = ""
    payer: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def of(self, receipts: ReceiptQuerySet) -> ReceiptQuerySet:
        within = Q()
        if self.model:
            within &= Q(model__slug=self.model)
        if self.payer:
            within &= Q(payer=self.payer)
        if self.since:
            within &= Q(began_at__gte=self.since)
        if self.until:
            within &= Q(began_at__lt=self.until)
        return receipts.filter(within)


def receipt_sieve(
    caller: Caller, *, model: str = "", payer: str = "", since: str = "", until: str = ""
) -> ReceiptSieve:
    """Read what somebody filters by: days of their own calendar, both included.

    :raises BadSieve: field by field, with what would be right
    """
    wrong: dict[str, str] = {}
    if payer and payer not in Receipt.Payer.values:
        wrong["payer"] = _("Either “window” or “credits” pays.")
    first = last = None
    try:
        days = sieve_of(caller, since=since, until=until)
        first, last = days.since, days.before
    except BadFilter as refusal:
        wrong |= refusal.fields
    if wrong:
        raise BadSieve(_("Receipts cannot be filtered like that."), fields=wrong)
    return ReceiptSieve(model, payer, first, last)
