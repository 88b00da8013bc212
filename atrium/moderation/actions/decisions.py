from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict, NotAllowed, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.moderation.access import others_may_decide
from atrium.moderation.models import Decision, Opening, Report
from atrium.moderation.registry import kind_of
from atrium.notifications.actions import notify
from atrium.people.access import may_judge
from atrium.people.actions import suspend
from atrium.people.caller import Caller
from atrium.people.models import User

OPEN_FOR = timedelta(hours=1)
LONGEST_DAYS = 3_650


class AlreadyDecided(Conflict):
    """Another moderator was faster, or has it in hand."""

    code = "already_decided"


class CannotDecide(Unprocessable):
    code = "cannot_decide"


class YourOwnMatter(NotAllowed):
    """Who reported it or made it does not judge it, while there is somebody else."""

    code = "your_own_matter"


def take(*, report: Report, by: User, at: datetime) -> Report:
    """Take the report in hand, also out of another's: who was first may have left it."""
    _check_party(report, by)
    with transaction.atomic():
        note("report.taken", by=_name(by), about=("report", report.pk), at=at)
        waiting = Report.objects.undecided().filter(pk=report.pk)
        if not waiting.update(state=Report.State.IN_HAND, taken_by=_name(by), taken_at=at):
            raise AlreadyDecided(_("This was decided already."))
    report.refresh_from_db()
    return report


def dismiss(*, report: Report, by: User, statement: str, at: datetime) -> Decision:
    """Find that the thing may stay; whoever reported it is told why, and nobody else is."""
    return _decide(report, by, Decision.Outcome.DISMISSED, statement=statement, at=at)


def uphold(
    *,
    report: Report,
    by: User,
    measure: str,
    statement: str,
    days: int | None = None,
    at: datetime,
) -> Decision:
    """Find that the report is right, do what the measure says, and tell all concerned.

    Every report of the same thing that waits is decided with it.

    :param days: how long a suspension lasts; for ever without it
    :raises AlreadyDecided: another moderator was faster, or has it in hand
    """
    _check_measure(report, by, measure)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise CannotDecide(_("Give a number of days."), fields={"days": _("Not so many.")})
    return _decide(
        report, by, Decision.Outcome.UPHELD, measure=measure, statement=statement, days=days, at=at
    )


def break_glass(*, report: Report, by: User, reason: str, at: datetime) -> Opening:
    """Let one moderator see what stands around the thing, for an hour; whose it is are told."""
    kind = kind_of(report.about_kind)
    around = kind.around(report.about_id) if kind and kind.around else None
    if around is None:
        raise CannotDecide(_("There is nothing more to see."))
    reason = _said(reason, field="reason")
    with transaction.atomic():
        opening = Opening.objects.create(
            report=report, by=_name(by), reason=reason, opened_at=at, ends_at=at + OPEN_FOR
        )
        for person in around.persons:
            notify(
                person=person,
                kind="moderation.opened",
                params={"title": report.title, "reason": reason},
                url=report.url,
                at=at,
            )
            note(
                "moderation.looked",
                by=_name(by),
                about=("person", person.pk),
                detail={"report": str(report.pk), "reason": reason},
                at=at,
            )
    return opening


def _decide(
    report: Report,
    by: User,
    outcome: Decision.Outcome,
    *,
    measure: str = Decision.Measure.NOTHING,
    statement: str,
    days: int | None = None,
    at: datetime,
) -> Decision:
    _check_party(report, by)
    statement = _said(statement, field="statement")
    detail: dict[str, Any] = {"outcome": str(outcome), "measure": str(measure), "days": days}
    with transaction.atomic():
        # First of all: the audit list's head lets one moderator after the other through.
        note("report.decided", by=_name(by), about=("report", report.pk), detail=detail, at=at)
        decision = Decision.objects.create(
            person=report.reported,
            about_kind=report.about_kind,
            about_id=report.about_id,
            title=report.title,
            excerpt=report.excerpt,
            outcome=outcome,
            measure=measure,
            statement=statement,
            decided_by=_name(by),
            decided_at=at,
        )
        reporters = _settle(report, decision, by=by)
        _apply(decision, by=by, days=days, at=at)
        _tell(decision, reporters, at=at)
    report.refresh_from_db()
    return decision


def _settle(report: Report, decision: Decision, *, by: User) -> list[User]:
    """Close the report and all others of the same thing; return who is to be told."""
    done = {
        "state": decision.outcome,
        "decided_at": decision.decided_at,
        "decision": decision,
    }
    free = Q(state=Report.State.OPEN) | Q(state=Report.State.IN_HAND, taken_by=_name(by))
    if not Report.objects.filter(free, pk=report.pk).update(**done):
        raise AlreadyDecided(
            _("Somebody else decided this, or has it in hand."),
            way_on=_("Look at it again, and take it in hand first."),
        )
    Report.objects.undecided().filter(
        about_kind=report.about_kind, about_id=report.about_id
    ).update(**done)
    told = decision.reports.exclude(person=None).select_related("person")
    return [one.person for one in told if one.person]


def _apply(decision: Decision, *, by: User, days: int | None, at: datetime) -> None:
    if decision.measure == Decision.Measure.HIDE:
        kind = kind_of(decision.about_kind)
        assert kind is not None, "checked before"
        assert kind.hide is not None, "checked before"
        kind.hide(decision.about_id, at=at)
    if decision.measure == Decision.Measure.SUSPEND:
        assert decision.person is not None, "checked before"
        decision.suspension = suspend(
            person=decision.person,
            reason=decision.statement,
            until=at + timedelta(days=days) if days else None,
            by=_name(by),
            at=at,
        )
        decision.save(update_fields=["suspension"])


def _tell(decision: Decision, reporters: list[User], *, at: datetime) -> None:
    upheld = decision.outcome == Decision.Outcome.UPHELD
    if upheld and decision.person:
        notify(
            person=decision.person,
            kind="moderation.decided",
            params={
                "title": decision.title,
                "measure": str(decision.measure),
                "statement": decision.statement,
            },
            url=reverse("moderation:decision", args=[decision.pk]),
            at=at,
        )
    for person in reporters:
        notify(
            person=person,
            kind="moderation.answered",
            # To who only reported, the statement of reasons is somebody else's letter.
            params={
                "title": decision.title,
                "outcome": str(decision.outcome),
                "statement": "" if upheld else decision.statement,
            },
            url=reverse("moderation:blocked"),
            at=at,
        )


def _check_measure(report: Report, by: User, measure: str) -> None:
    if measure not in Decision.Measure.values:
        raise CannotDecide(_("Choose what to do."), fields={"measure": _("Choose one.")})
    kind = kind_of(report.about_kind)
    if measure == Decision.Measure.HIDE and not (kind and kind.hide):
        said = _("Things of this kind cannot be hidden.")
        raise CannotDecide(said, fields={"measure": said})
    if measure not in {Decision.Measure.WARN, Decision.Measure.SUSPEND}:
        return
    if report.reported is None:
        said = _("No person with an account made this.")
        raise CannotDecide(said, fields={"measure": said})
    if measure == Decision.Measure.SUSPEND and not may_judge(Caller(person=by), report.reported):
        raise NotAllowed(_("Only an administrator may do this to somebody of the staff."))


def _check_party(report: Report, by: User) -> None:
    parties = (report.reported, report.person)
    if by in parties and others_may_decide(*parties):
        raise YourOwnMatter(_("This is your own matter: another moderator decides it."))


def _said(text: str, *, field: str) -> str:
    text = text.replace("\0", "").strip()
    if not text or len(text) > LIMITS.note_characters:
        said = _("Write a reason of at most %(limit)s characters.")
        raise CannotDecide(said % {"limit": LIMITS.note_characters}, fields={field: _("Needed.")})
    return text


def _name(person: User) -> str:
    return f"person:{person.pk}"
