from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from atrium.kit.errors import NotFound
from atrium.moderation.models import Appeal, Decision, Opening, Report
from atrium.options.queries import value
from atrium.people.caller import Caller
from atrium.people.models import User


def answer_hours() -> int:
    """How long a report may wait before it counts as overdue."""
    return int(value("moderation.answer_hours"))


def appeal_until(decision: Decision) -> datetime:
    """Return until when an appeal is taken."""
    return decision.decided_at + timedelta(days=int(value("moderation.appeal_days")))


def appeal_against(decision: Decision) -> Appeal | None:
    return Appeal.objects.filter(decision=decision).first()


def may_appeal(decision: Decision, *, at: datetime) -> bool:
    """Whether an appeal would be taken now."""
    made = Appeal.objects.filter(decision=decision).exists()
    return not made and decision.undone_at is None and at < appeal_until(decision)


def decisions_about(caller: Caller) -> "QuerySet[Decision]":
    """What was decided against the caller, the newest first."""
    mine = Decision.objects.visible_to(caller).select_related("appeal", "suspension")
    return mine.order_by("-decided_at", "-id")


def decision_of(caller: Caller, decision_id: UUID) -> Decision:
    """:raises NotFound: when it did not hit the caller"""
    found = decisions_about(caller).filter(pk=decision_id).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not yours to see."))
    return found


def reports_of(caller: Caller) -> "QuerySet[Report]":
    """What the caller reported, the newest first."""
    mine: QuerySet[Report] = Report.objects.visible_to(caller).select_related("decision")
    return mine.order_by("-made_at", "-id")


def opening_of(report: Report, *, by: User, at: datetime) -> Opening | None:
    """Return the opening through which this moderator still may look."""
    mine = Opening.objects.filter(report=report, by=f"person:{by.pk}", ends_at__gt=at)
    return mine.order_by("-ends_at").first()


def how_much_waits(*, at: datetime) -> dict[str, int]:
    """Count what moderators have before them."""
    return {
        "reports": Report.objects.undecided().count(),
        "overdue": Report.objects.overdue(hours=answer_hours(), at=at).count(),
        "appeals": Appeal.objects.undecided().count(),
    }
