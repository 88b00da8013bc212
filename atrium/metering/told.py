"""What a call was, on the line of a statement that it was charged by."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.ledger.telling import Told, tell_about
from atrium.metering.models import Receipt
from atrium.people.caller import Caller


def _calls(holds: Collection[UUID], caller: Caller) -> Mapping[UUID, Told]:
    receipts = Receipt.objects.visible_to(caller).filter(hold__in=holds).select_related("model")
    return {
        receipt.hold_id: Told(
            title=_("A call to a model"),
            note=_note(receipt),
            about=(receipt.about_kind, receipt.about_id),
        )
        for receipt in receipts
    }


def _note(receipt: Receipt) -> str:
    if receipt.state == Receipt.State.OPEN:
        return receipt.model.title
    tokens = ngettext("%(count)s token", "%(count)s tokens", receipt.tokens)
    said = tokens % {"count": number_format(receipt.tokens, force_grouping=True)}
    return f"{receipt.model.title}, {said}"


tell_about("hold", _calls)
