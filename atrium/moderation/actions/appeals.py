from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict, NotAllowed, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.moderation.access import others_may_decide
from atrium.moderation.models import Appeal, Decision
from atrium.moderation.queries import appeal_until
from atrium.moderation.registry import kind_of
from atrium.notifications.actions import notify
from atrium.options.queries import value
from atrium.people.access import may_judge
from atrium.people.actions import lift_suspension
from atrium.people.caller import Caller
from atrium.people.models import Suspension, User


class CannotAppeal(Unprocessable):
    code = "cannot_appeal"


class AppealTooLate(Conflict):
    code = "appeal_too_late"


class AppealDecided(Conflict):
    """Another moderator was faster."""

    code = "appeal_decided"


class DecidedBefore(NotAllowed):
    """Who decided first does not decide about the appeal, while there is somebody else."""

    code = "decided_before"


def decision_behind(suspension: Suspension) -> Decision:
    """Return the decision that suspended somebody; one is written for what the console did."""
    known = Decision.objects.filter(suspension=suspension).order_by("decided_at").first()
    if known:
        return known
    made, _is_new = Decision.objects.get_or_create(
        pk=suspension.pk,  # so that two who ask at once get the same
        defaults={
            "person": suspension.person,
            "about_kind": "person",
            "about_id": suspension.person_id,
            "title": suspension.person.username,
            "outcome": Decision.Outcome.UPHELD,
            "measure": Decision.Measure.SUSPEND,
            "statement": suspension.reason,
            "decided_by": suspension.by,
            "decided_at": suspension.made_at,
            "suspension": suspension,
        },
    )
    return made


def appeal(*, decision: Decision, by: User, text: str, at: datetime) -> Appeal:
    """Say why a decision that hit ``by`` is wrong; once, within the days that are given.

    Sent again, the first stands.
    """
    if decision.person != by or decision.outcome != Decision.Outcome.UPHELD:
        raise CannotAppeal(_("This decision is not about you."))
    text = text.replace("\0", "").strip()
    if not text or len(text) > LIMITS.note_characters:
        said = _("Write a reason of at most %(limit)s characters.")
        said %= {"limit": LIMITS.note_characters}
        raise CannotAppeal(said, fields={"text": said})
    if known := Appeal.objects.filter(decision=decision).first():
        return known
    if at >= appeal_until(decision):
        raise AppealTooLate(
            _("The time to appeal against this decision is over."),
            limit=int(value("moderation.appeal_days")),
        )
    with transaction.atomic():
        made, is_new = Appeal.objects.get_or_create(
            decision=decision, defaults={"text": text, "made_at": at}
        )
        if is_new:
            note("appeal.made", by=f"person:{by.pk}", about=("appeal", made.pk), at=at)
    return made


def decide_appeal(
    *, appeal: Appeal, by: User, overturn: bool, statement: str, at: datetime
) -> Appeal:
    """Let the decision stand, or undo what it did; whom it hit is told why.

    :raises AppealDecided: another moderator was faster
    :raises DecidedBefore: by who made the decision, or whom it hit, while there is another
    """
    decision = appeal.decision
    _check_judge(decision, by)
    statement = statement.replace("\0", "").strip()
    if not statement or len(statement) > LIMITS.note_characters:
        said = _("Write a reason of at most %(limit)s characters.")
        said %= {"limit": LIMITS.note_characters}
        raise CannotAppeal(said, fields={"statement": _("Needed.")})
    state = Appeal.State.OVERTURNED if overturn else Appeal.State.KEPT
    with transaction.atomic():
        detail = {"outcome": str(state), "decision": str(decision.pk)}
        # First of all: the audit list's head lets one moderator after the other through.
        note(
            "appeal.decided",
            by=f"person:{by.pk}",
            about=("appeal", appeal.pk),
            detail=detail,
            at=at,
        )
        waiting = Appeal.objects.undecided().filter(pk=appeal.pk)
        if not waiting.update(
            state=state, statement=statement, decided_by=f"person:{by.pk}", decided_at=at
        ):
            raise AppealDecided(_("Somebody else decided this appeal."))
        if overturn:
            _undo(decision, by=by, reason=statement, at=at)
        if decision.person:
            notify(
                person=decision.person,
                kind="moderation.appeal_answered",
                params={"title": decision.title, "outcome": str(state), "statement": statement},
                url=reverse("moderation:decision", args=[decision.pk]),
                at=at,
            )
    appeal.refresh_from_db()
    return appeal


def _undo(decision: Decision, *, by: User, reason: str, at: datetime) -> None:
    if not Decision.objects.filter(pk=decision.pk, undone_at=None).update(undone_at=at):
        return
    if decision.measure == Decision.Measure.HIDE:
        _show_again(decision, at=at)
    suspension = decision.suspension
    if suspension is None or suspension.ended_at or decision.person is None:
        return
    # Another decision may rest on the same suspension, which stands then.
    if not Decision.objects.filter(suspension=suspension, undone_at=None).exists():
        lift_suspension(person=decision.person, reason=reason, by=f"person:{by.pk}", at=at)


def _show_again(decision: Decision, *, at: datetime) -> None:
    kind = kind_of(decision.about_kind)
    others = Decision.objects.filter(
        about_kind=decision.about_kind,
        about_id=decision.about_id,
        measure=Decision.Measure.HIDE,
        undone_at=None,
    )
    if kind and kind.restore and not others.exists():
        kind.restore(decision.about_id, at=at)


def _check_judge(decision: Decision, by: User) -> None:
    first = decision.decided_by.removeprefix("person:")
    judged_first = User.objects.filter(pk=first).first() if _is_person(decision) else None
    parties = (decision.person, judged_first)
    if by in parties and others_may_decide(*parties):
        raise DecidedBefore(_("Another moderator decides about this appeal."))
    if decision.person and not may_judge(Caller(person=by), decision.person):
        raise NotAllowed(_("Only an administrator may do this to somebody of the staff."))


def _is_person(decision: Decision) -> bool:
    return decision.decided_by.startswith("person:")
