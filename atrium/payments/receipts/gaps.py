"""Whether every number that was taken is there: what a tax office asks first."""

from dataclasses import dataclass

from django.db.models import Count, Max

from atrium.payments.models import PaymentReceipt, ReceiptKind, ReceiptSeries

_NAMED = 20


@dataclass(frozen=True, slots=True)
class Series:
    """One series of numbers: the last that was taken, how many are there, the first that lack."""

    kind: ReceiptKind
    last: int
    there: int
    missing: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        return self.there == self.last and not self.missing


def every_series() -> list[Series]:
    """Return each series as it is; numbers are named only of one that is not whole."""
    taken = dict(ReceiptSeries.objects.values_list("kind", "last"))
    found = {
        row["kind"]: (row["there"], row["highest"])
        for row in PaymentReceipt.objects.values("kind").annotate(
            there=Count("pk"), highest=Max("number")
        )
    }
    series = []
    for kind in ReceiptKind:
        there, highest = found.get(kind, (0, 0))
        last = max(taken.get(kind, 0), highest)
        missing = () if there == last else _missing(kind, last)
        series.append(Series(kind, last, there, missing))
    return series


def _missing(kind: ReceiptKind, last: int) -> tuple[int, ...]:
    lacking: list[int] = []
    expected = 1
    numbers = PaymentReceipt.objects.filter(kind=kind).order_by("number")
    for number in numbers.values_list("number", flat=True).iterator(chunk_size=1000):
        lacking.extend(range(expected, min(number, expected + _NAMED)))
        expected = number + 1
        if len(lacking) >= _NAMED:
            return tuple(lacking[:_NAMED])
    lacking.extend(range(expected, min(last + 1, expected + _NAMED)))
    return tuple(lacking[:_NAMED])
