"""Where a payment stands, as a pure function of what is known of it.

What is known only grows: ranks by their maximum, refunds and disputes by their references. So the
order in which facts arrive, and how often, cannot matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """What people and programs are told."""

    PENDING = "pending", _("Waiting for you")
    PROCESSING = "processing", _("Under way")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")
    PARTLY_REFUNDED = "partly_refunded", _("Partly refunded")
    UNKNOWN = "unknown", _("Being asked about")


OPEN = (State.PENDING, State.PROCESSING, State.UNKNOWN)
"""States in which nothing is decided yet."""
GIVEN = (State.PAID, State.PARTLY_REFUNDED)
"""States in which we keep money for it."""


class Progress(IntegerChoices):
    """How far the money came. Paid outranks failed: a second try on the same order may succeed."""

    CREATED = 0, _("created")
    PROCESSING = 1, _("under way")
    CANCELLED = 2, _("cancelled")
    FAILED = 3, _("failed")
    PAID = 4, _("paid")


class RefundRank(IntegerChoices):
    """How far a refund came. One that succeeded may still fail, days later; never the reverse."""

    ASKED = 0, _("asked for")
    PENDING = 1, _("under way")
    DONE = 2, _("paid back")
    FAILED = 3, _("failed")


class DisputeRank(IntegerChoices):
    """How a dispute stands. Where both ends are reported, the money is taken for gone."""

    OPENED = 0, _("open")
    WON = 1, _("won")
    LOST = 2, _("lost")


@dataclass(frozen=True, slots=True)
class RefundFact:
    """What is known of one refund; ``key`` is ours, if we asked for it."""

    reference: str
    amount_minor: int
    rank: RefundRank
    key: str = ""


@dataclass(frozen=True, slots=True)
class DisputeFact:
    reference: str
    amount_minor: int
    rank: DisputeRank


Fact = TypeVar("Fact", RefundFact, DisputeFact)


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a payment."""

    progress: Progress = Progress.CREATED
    refunds: Mapping[str, RefundFact] = field(default_factory=lambda: MappingProxyType({}))
    disputes: Mapping[str, DisputeFact] = field(default_factory=lambda: MappingProxyType({}))

    def and_also(
        self,
        progress: Progress = Progress.CREATED,
        refunds: Iterable[RefundFact] = (),
        disputes: Iterable[DisputeFact] = (),
    ) -> "Known":
        """Return what is known with these facts as well; repeating them changes nothing."""
        refunded = dict(self.refunds)
        for refund in refunds:
            before = refunded.get(refund.reference)
            refunded[refund.reference] = _further(before, refund) if before else refund
        disputed = dict(self.disputes)
        for dispute in disputes:
            known = disputed.get(dispute.reference)
            disputed[dispute.reference] = _further(known, dispute) if known else dispute
        went_back = any(one.rank >= RefundRank.PENDING for one in refunded.values())
        # What went back, or is fought about, was paid, whether or not anybody told us.
        least = Progress.PAID if went_back or disputed else Progress.CREATED
        return Known(
            progress=max(self.progress, progress, least),
            refunds=MappingProxyType(refunded),
            disputes=MappingProxyType(disputed),
        )

    def returned_of(self, amount_minor: int) -> int:
        """Return how much of the amount went back, by refunds and by disputes lost."""
        refunded = sum(
            one.amount_minor for one in self.refunds.values() if one.rank == RefundRank.DONE
        )
        lost = sum(
            one.amount_minor for one in self.disputes.values() if one.rank == DisputeRank.LOST
        )
        return min(amount_minor, refunded + lost)

    @property
    def is_disputed(self) -> bool:
        return any(one.rank == DisputeRank.OPENED for one in self.disputes.values())

    def state(self, amount_minor: int, *, is_unsure: bool = False) -> State:
        """Return where a payment of this amount stands.

        ``is_unsure`` after a call that moves money ended without an answer.
        """
        if self.progress == Progress.PAID:
            returned = self.returned_of(amount_minor)
            if not returned:
                return State.PAID
            return State.REFUNDED if returned == amount_minor else State.PARTLY_REFUNDED
        if self.progress == Progress.CREATED and is_unsure:
            return State.UNKNOWN
        return _PLAIN[self.progress]


_PLAIN = {
    Progress.CREATED: State.PENDING,
    Progress.PROCESSING: State.PROCESSING,
    Progress.CANCELLED: State.CANCELLED,
    Progress.FAILED: State.FAILED,
}


def _further(before: Fact, now: Fact) -> Fact:
    return replace(
        before,
        amount_minor=max(before.amount_minor, now.amount_minor),
        rank=max(before.rank, now.rank),
    )
