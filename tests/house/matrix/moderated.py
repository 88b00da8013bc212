"""What moderation keeps of somebody, and what addresses call it."""

from datetime import timedelta
from uuid import UUID

from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.moderation.models import Appeal, Block, Decision, Opening, Report
from atrium.people.models import Guest, Suspension, User
from tests import make


def moderated(owner: User | Guest, *, answer: str) -> dict[str, str]:
    """Make a report of the owner's, and for a person a decision against them with an appeal."""
    by, now = make.caller(owner), clock.now()
    report = Report.objects.create(
        **by.as_owner(),
        made_as=by.audience,
        about_kind="answer",
        about_id=UUID(answer),
        category="other",
        text="Look at this.",
        title="A note",
        excerpt="Buy from me.",
        url="/",
        made_at=now,
    )
    Opening.objects.create(report=report, by="system", reason="To see.", opened_at=now, ends_at=now)
    called = {
        "kind": "answer",
        "thing_id": answer,
        "report_id": str(report.pk),
        "moderation.report": str(report.pk),
    }
    return called | (_against(owner) if isinstance(owner, User) else {})


def _against(person: User) -> dict[str, str]:
    now = clock.now()
    block = Block.objects.create(person=person, name="somebody", made_at=now)
    over = Suspension.objects.create(
        person=person,
        reason="It was late.",
        by="system",
        made_at=now - timedelta(days=2),
        until=now - timedelta(days=1),
        ended_at=now - timedelta(days=1),
    )
    decision = Decision.objects.create(
        person=person,
        about_kind="note",
        about_id=new_id(),
        title="A note",
        excerpt="Buy from me.",
        outcome=Decision.Outcome.UPHELD,
        measure=Decision.Measure.SUSPEND,
        statement="It was late.",
        decided_by="system",
        decided_at=now,
        suspension=over,
    )
    appeal = Appeal.objects.create(decision=decision, text="It was not.", made_at=now)
    return {
        "block_id": str(block.pk),
        "username": block.name,
        "decision_id": str(decision.pk),
        "moderation.appeal": str(appeal.pk),
    }
