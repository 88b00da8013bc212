from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.files import storage
from atrium.files.storage import Written
from atrium.jobs.actions import cancel, enqueue, run_again
from atrium.jobs.models import Job
from atrium.kit.errors import NotAllowed, Unprocessable
from atrium.notifications.actions import notify
from atrium.options.queries import value
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.privacy.models import Export

AGAIN_AFTER = timedelta(days=1)
EXPIRED_AT_ONCE = 200


class NothingOfYours(NotAllowed):
    """Nobody asks for a copy of what is theirs."""

    code = "nothing_of_yours"


class ReasonNeeded(Unprocessable):
    code = "reason_needed"


def ask_export(*, by: Caller, language: str = "", at: datetime) -> Export:
    """Have everything of the caller put into one zip; asked again within a day it is the same.

    :raises NothingOfYours: when nobody asks
    """
    if by.is_nobody:
        raise NothingOfYours(_("There is nothing here that is yours."))
    mine = Export.objects.of(by).by_the_owner()
    known = mine.filter(state=Export.State.MAKING).first() or (
        mine.ready(at=at).filter(asked_at__gt=at - AGAIN_AFTER).newest_first().first()
    )
    if known:
        return known  # type: ignore[no-any-return]
    try:
        with transaction.atomic():
            return _make(
                {**by.as_owner(), "asked_by": by.audience, "language": language},
                owner=by.audience,
                at=at,
            )
    except IntegrityError:  # asked twice in the same moment
        return mine.filter(state=Export.State.MAKING).get()  # type: ignore[no-any-return]


def break_glass(*, person: User, reason: str, by: str, at: datetime) -> Export:
    """Have a copy made of another person's data; it is audited, and the person reads why.

    :param by: the audience of an administrator, or ``console:<user>``
    """
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise ReasonNeeded(_("Give a reason."), fields={"reason": _("Empty.")})
    with transaction.atomic():
        told = {"person": person, "asked_by": by, "reason": reason}
        export = _make(told, owner=by if by.startswith("person:") else "", at=at)
        notify(
            person=person,
            kind="privacy.glass_broken",
            params={"reason": reason},
            url="/settings/data",
            at=at,
        )
        note(
            "privacy.glass_broken",
            by=by,
            about=("person", person.pk),
            detail={"reason": reason, "export": str(export.pk)},
            at=at,
        )
    return export


def foretell(*, export: Export) -> Export:
    """Say in the row where the bytes will lie, so that nothing of a killed try is left over."""
    Export.objects.filter(pk=export.pk, storage_name="").update(
        storage_name=storage.new_name(), draft_name=storage.new_draft_name()
    )
    export.refresh_from_db()
    return export


def finish_export(*, export: Export, written: Written, at: datetime) -> bool:
    """Offer the copy until it expires, and tell who asked; False when it was called off."""
    until = at + timedelta(days=int(value("privacy.export_days")))
    making = Export.objects.filter(pk=export.pk, state=Export.State.MAKING)
    if not making.update(
        state=Export.State.READY,
        size=written.size,
        sha256=written.sha256,
        draft_name="",
        ready_at=at,
        expires_at=until,
    ):
        drop_bytes(export)
        return False
    _tell_ready(export, until=until, at=at)
    return True


def end_export(*, export: Export, state: Export.State, failure: str = "") -> bool:
    """End a copy that could not be made, or is not wanted any more, with what there is of it."""
    making = Export.objects.filter(pk=export.pk, state=Export.State.MAKING)
    if not making.update(state=state, failure=failure[:300]):
        return False
    drop_bytes(export)
    return True


def call_off_export(*, export: Export, at: datetime) -> None:
    """Stop making a copy; one that is made stays."""
    job = Job.objects.about("privacy.export", export.pk).unfinished().first()
    if job:
        cancel(job=job, at=at)


def make_again(*, export: Export, at: datetime) -> None:
    """Begin anew with a copy that could not be made."""
    with transaction.atomic():
        again = Export.objects.filter(pk=export.pk, state=Export.State.FAILED)
        if again.update(state=Export.State.MAKING, failure=""):
            run_again(job=Job.objects.about("privacy.export", export.pk).get(), at=at)


def expire_exports(*, at: datetime) -> int:
    """Remove copies whose time is over; return how many."""
    gone = 0
    for export in Export.objects.expired(at=at).order_by("expires_at")[:EXPIRED_AT_ONCE]:
        drop_bytes(export)
        ready = Export.objects.filter(pk=export.pk, state=Export.State.READY)
        gone += ready.update(state=Export.State.GONE, storage_name="", draft_name="")
    return gone


def note_download(*, export: Export, by: Caller, at: datetime) -> None:
    """Write down that staff took the copy that they broke glass for."""
    if export.is_broken_glass:
        note(
            "privacy.export_downloaded",
            by=by.audience,
            about=("person", export.person_id),
            detail={"export": str(export.pk)},
            at=at,
        )


def drop_bytes(export: Export) -> None:
    """Remove what there is of the copy, whole or begun."""
    storage.drop(export.storage_name)
    if export.draft_name:
        storage.draft_path(export.draft_name).unlink(missing_ok=True)


def _make(fields: dict[str, Any], *, owner: str, at: datetime) -> Export:
    export = Export.objects.create(asked_at=at, **fields)
    job = enqueue(
        "privacy.make_export",
        owner=owner,
        about=("privacy.export", export.pk),
        export_id=export.pk,
        at=at,
    )
    export.job_id = job.pk
    export.save(update_fields=["job_id"])
    return export


def _tell_ready(export: Export, *, until: datetime, at: datetime) -> None:
    """Tell whoever asked, if that was a person."""
    who, _colon, key = export.asked_by.partition(":")
    if not export.is_broken_glass:
        person, url = export.person, "/settings/data"
    else:
        person = User.objects.filter(pk=key).first() if who == "person" else None
        url = f"/console/privacy/export/{export.pk}/change/"
    if person:
        params = {"until": until.isoformat()}
        notify(person=person, kind="privacy.export_ready", params=params, url=url, at=at)
