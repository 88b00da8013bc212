"""What moderation keeps of somebody."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.moderation.models import Appeal, Block, Decision, Opening, Report
from atrium.people.belongings import AT_ONCE, Belonging, Part, Rule, Whose, register


def _reports(whose: Whose) -> "QuerySet[Report]":
    return Report.objects.filter(whose.owns())


def _decisions(whose: Whose) -> "QuerySet[Decision]":
    hit = whose.is_theirs("person")
    return Decision.objects.filter(hit, outcome=Decision.Outcome.UPHELD)


def _forget_blocks(whose: Whose, *, at: datetime) -> int:
    """Delete what they blocked, and their name where others did: of that they are never told."""
    either = whose.is_theirs("person") | whose.is_theirs("blocked")
    rows = Block.objects.filter(pk__in=Block.objects.filter(either).values("pk")[:AT_ONCE])
    return rows.delete()[0]


def _empty_reports(whose: Whose, *, at: datetime) -> int:
    """Delete their reports, and take their words out of what others reported of them."""
    about = Report.objects.filter(whose.is_theirs("reported"))
    emptied = about.update(title="", excerpt="", url="", reported=None)
    mine = Report.objects.filter(pk__in=_reports(whose).values("pk")[:AT_ONCE])
    return emptied + mine.delete()[0]


def _empty_decisions(whose: Whose, *, at: datetime) -> int:
    hit = Decision.objects.filter(whose.is_theirs("person"))
    return hit.update(title="", excerpt="", statement="", person=None)


register(
    Part(
        key="moderation",
        title=_("Blocks, reports and decisions"),
        order=550,
        belongings=(
            Belonging(
                table=Block,
                title=_("Names they block"),
                of=lambda whose: Block.objects.filter(whose.is_theirs("person")),
                told=("name", "made_at"),
                erase=_forget_blocks,
            ),
            Belonging(
                table=Opening,
                title=_("Looks of moderators around what they reported"),
                of=lambda whose: Opening.objects.filter(whose.owns("report")),
                told=("reason", "opened_at", "ends_at"),
            ),
            Belonging(
                table=Appeal,
                title=_("Appeals"),
                of=lambda whose: Appeal.objects.filter(
                    whose.is_theirs("decision__person") & ~Q(decision__person=None)
                ),
                told=("text", "made_at", "state", "statement", "decided_at"),
            ),
            Belonging(
                table=Report,
                title=_("What they reported"),
                of=_reports,
                told=(
                    # Without what was reported, which is another person's.
                    *("about_kind", "about_id", "category", "text", "made_at", "state"),
                    "decided_at",
                ),
                erase=_empty_reports,
            ),
            Belonging(
                table=Decision,
                title=_("Decisions against them"),
                of=_decisions,
                told=(
                    *("about_kind", "about_id", "title", "excerpt", "measure", "statement"),
                    *("decided_at", "undone_at"),
                ),
                rule=Rule.ANONYMISED,
                why=_("That something was decided stays, without their words and their name."),
                erase=_empty_decisions,
            ),
        ),
    )
)
