"""Which columns hold sealed text: all of it is sealed anew when a key is to retire.

An app that seals names its columns in its ``sealed.py``, which ``ready()`` imports.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from atrium.kit.secrets import CannotUnseal, reseal

BATCH = 200
_TRIES = 3
_columns: dict[str, "SealedColumn"] = {}


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A text column with what ``kit.secrets.seal`` made; ``purpose`` says what a row's is for.

    Of a JSON column it is the ``member`` that is sealed.
    """

    model: str
    name: str
    purpose: Callable[[Any], str]
    rows: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows
    member: str = ""

    @property
    def key(self) -> str:
        return ".".join(filter(None, [self.model, self.name, self.member]))

    def filled(self) -> QuerySet[Any]:
        """Return the rows in which something is sealed."""
        rows = self.rows(QuerySet(apps.get_model(self.model)))
        if self.member:
            return rows.filter(**{f"{self.name}__has_key": self.member})
        return rows.exclude(**{self.name: ""})

    def sealed_in(self, row: Model) -> str:
        """Return what is sealed in ``row``."""
        value = getattr(row, self.name)
        return str(value[self.member] if self.member else value)

    def with_sealed(self, row: Model, sealed: str) -> Any:
        """Return what the column of ``row`` holds once ``sealed`` stands in it."""
        return {**getattr(row, self.name), self.member: sealed} if self.member else sealed


@dataclass(slots=True)
class Rekeyed:
    """What became of one column; ``unopened`` are the rows that no key of ours opens."""

    column: str
    resealed: int = 0
    already: int = 0
    unopened: list[str] = field(default_factory=list)


def register(*columns: SealedColumn) -> None:
    for column in columns:
        _columns[column.key] = column


def every_column() -> list[SealedColumn]:
    return [_columns[key] for key in sorted(_columns)]


def rekey_all() -> list[Rekeyed]:
    """Seal everything anew under the newest key; harmless to repeat, and while the house serves."""
    return [rekey(column) for column in every_column()]


def rekey(column: SealedColumn) -> Rekeyed:
    done = Rekeyed(column.key)
    for row in _each(column):
        _rekey_row(column, row, done)
    return done


def _each(column: SealedColumn) -> Iterator[Model]:
    """Read in batches by key: an open cursor would meet its own writes."""
    rows = column.filled().order_by("pk")
    found = list(rows[:BATCH])
    while found:
        yield from found
        found = list(rows.filter(pk__gt=found[-1].pk)[:BATCH])


def _rekey_row(column: SealedColumn, row: Model, done: Rekeyed) -> None:
    for _ in range(_TRIES):
        old = column.sealed_in(row)
        try:
            new = reseal(old, column.purpose(row))
        except CannotUnseal:
            break
        if new == old:
            done.already += 1
            return
        same = column.filled().filter(pk=row.pk, **{column.name: getattr(row, column.name)})
        if same.update(**{column.name: column.with_sealed(row, new)}):
            done.resealed += 1
            return
        # Somebody wrote meanwhile: what stands there now may be under either key.
        still = column.filled().filter(pk=row.pk).first()
        if still is None:
            return
        row = still
    done.unopened.append(str(row.pk))
