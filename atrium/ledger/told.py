"""What corrections and claims are called on a statement."""

from collections.abc import Collection, Mapping
from uuid import UUID

from atrium.ledger.models import Correction
from atrium.ledger.statement import audiences_of
from atrium.ledger.telling import Told, tell_about
from atrium.people.caller import Caller


def _corrections(keys: Collection[UUID], caller: Caller) -> Mapping[UUID, Told]:
    mine = Correction.objects.filter(pk__in=keys, holder__in=audiences_of(caller))
    return {one.pk: _told(one) for one in mine.select_related("entry")}


def _told(correction: Correction) -> Told:
    reversed_one = correction.entry
    if reversed_one is None or reversed_one.about_id is None:
        return Told(note=correction.reason)
    return Told(note=correction.reason, about=(reversed_one.about_kind, reversed_one.about_id))


tell_about("correction", _corrections)
