from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.events.actions import whisper
from atrium.events.registry import record
from atrium.jobs.actions import enqueue
from atrium.kit import tokens
from atrium.kit.errors import Conflict
from atrium.people import comes_along
from atrium.people.events import ClaimUndone, GuestClaimed
from atrium.people.models import Claim, ClaimCount, Guest, User

GATHER_AGAIN_AFTER = timedelta(minutes=2)


class CannotUndo(Conflict):
    """It was undone before, or a day has passed."""

    code = "cannot_undo"


def claim_guest(*, guest: Guest, person: User, at: datetime) -> Claim | None:
    """Give ``person`` everything the guest made; the claim says how much that was.

    The guest's cookie opens nothing after that. None when somebody had claimed the guest before.
    """
    with transaction.atomic():
        # By the cookie that was shown: an undo has made a new one, and the old one stays dead.
        unclaimed = Guest.objects.filter(pk=guest.pk, claimed_by=None, token_hash=guest.token_hash)
        if not unclaimed.update(claimed_by=person, claimed_at=at):
            return None
        before = Claim.objects.filter(guest=guest).count()
        claim = Claim.objects.create(guest=guest, person=person, number=before + 1, claimed_at=at)
        moved = _gather(claim, at=at, late=False)
        whisper(f"guest:{guest.pk}", "bye", {})  # whoever else held the cookie hears no more
        told = GuestClaimed(guest_id=guest.pk, person_id=person.pk, claim_id=claim.pk)
        record(told, at=at)
        enqueue(
            "people.gather_claimed",
            key=f"people.gather_claimed:{claim.pk}",
            delay=GATHER_AGAIN_AFTER,
            guest_id=guest.pk,
            person_id=person.pk,
            at=at,
        )
        detail = {"guest": str(guest.pk), "rows": moved}
        note("people.guest_claimed", by=_name(person), about=_about(person), detail=detail, at=at)
    return claim


def gather_claimed(*, guest_id: UUID, person_id: UUID, at: datetime) -> int:
    """Give the person each row of the guest that is nobody's yet, and return how many there were.

    Repeated a little after the claim: a request that was under way may have made one more. Not when
    the claim was undone meanwhile.
    """
    with transaction.atomic():
        theirs = Guest.objects.filter(pk=guest_id, claimed_by=person_id)
        if not theirs.update(claimed_by=person_id):  # nobody undoes it while we gather
            return 0
        claim = Claim.objects.standing().filter(guest=guest_id).first()
        return _gather(claim, at=at, late=True) if claim else 0


def undo_claim(*, claim: Claim, at: datetime) -> str:
    """Give back what came along, and return a new token for the guest's cookie, shown this once.

    What the person made or built on since stays theirs. The cookie of before stays dead.

    :raises CannotUndo: when that was done before, or a day has passed
    :raises Refusal: when something cannot go back, such as credits that were spent
    """
    token, person_id = tokens.mint("guest"), claim.person_id
    at = max(at, claim.claimed_at)  # clocks of two machines may differ a little
    with transaction.atomic():
        claimed = Guest.objects.filter(pk=claim.guest_id, claimed_by=person_id)
        undoable = Claim.objects.can_be_undone(at=at).filter(pk=claim.pk)
        is_free = claimed.update(
            claimed_by=None, claimed_at=None, token_hash=tokens.digest(token), last_seen_at=at
        )
        if not (is_free and undoable.update(undone_at=at)):
            raise CannotUndo(
                _("This cannot be undone any more."),
                way_on=_("It can be undone once, within 24 hours."),
            )
        went = sum(_go_back(model, claim) for model in comes_along.moving_models())
        for companion in comes_along.companions():
            companion.go_back(claim, at=at)
        whisper(f"person:{person_id}", "bye", {})  # streams ask again whose they are
        record(ClaimUndone(guest_id=claim.guest_id, person_id=person_id), at=at)
        detail = {"guest": str(claim.guest_id), "rows": went}
        who = claim.person
        note("people.claim_undone", by=_name(who), about=_about(who), detail=detail, at=at)
    claim.refresh_from_db()
    return token


def _gather(claim: Claim, *, at: datetime, late: bool) -> int:
    moved = sum(_bring(model, claim) for model in comes_along.moving_models())
    for companion in comes_along.companions():
        companion.come(claim, at=at, late=late)
    return moved


def _bring(model: type[Model], claim: Claim) -> int:
    rows = _rows(model, guest_id=claim.guest_id, person=None)
    shown = comes_along.shown_of(model)
    seen = rows.filter(shown).count() if shown is not None else 0
    moved = rows.update(person_id=claim.person_id)
    if moved:
        seen = min(seen, moved)
        count, is_new = ClaimCount.objects.get_or_create(
            claim=claim,
            what=model._meta.label_lower,  # noqa: SLF001
            defaults={"rows": moved, "shown": seen},
        )
        if not is_new:
            more = ClaimCount.objects.filter(pk=count.pk)
            more.update(rows=F("rows") + moved, shown=F("shown") + seen)
    return moved


def _go_back(model: type[Model], claim: Claim) -> int:
    rows = _rows(model, guest_id=claim.guest_id, person_id=claim.person_id)
    kept = comes_along.kept_of(model, person_id=claim.person_id)
    if kept:
        # Held first, so that what is asked next sees whatever was being added to them just now.
        rows.update(person_id=claim.person_id)
    for which in kept:
        rows = rows.exclude(pk__in=which)
    went = rows.update(person_id=None)
    counts = ClaimCount.objects.filter(claim=claim, what=model._meta.label_lower)  # noqa: SLF001
    counts.update(gone_back=went)
    return went


def _rows(model: type[Model], **owner: Any) -> QuerySet[Any, Any]:
    return model._default_manager.filter(**owner)  # noqa: SLF001


def _name(person: User) -> str:
    return f"person:{person.pk}"


def _about(person: User) -> tuple[str, UUID]:
    return "person", person.pk
