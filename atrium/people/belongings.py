"""What each room keeps of somebody: how they are told of it, and what becomes of it when they go.

Each room describes its tables in ``<app>/personal.py``; the export, the erasure and the published
table are made of that. A table that could name somebody and is in nobody's part fails a test.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from atrium.people.models import Guest, User

AT_ONCE = 200
"""How many rows are erased in one transaction."""

Text = str | Promise
Table = type[models.Model]


class Rule(models.TextChoices):
    ERASED = "erased", _("Erased")
    ANONYMISED = "anonymised", _("Made anonymous")
    PSEUDONYM = "pseudonym", _("Kept under a number that leads to nobody")


@dataclass(frozen=True)
class Whose:
    """Somebody as rows name them: a person, with the guests they turned out to be; or a guest."""

    person: User | None = None
    guest: Guest | None = None

    @property
    def key(self) -> str:
        """Their audience: ``person:…`` or ``guest:…``."""
        return f"person:{self.person.pk}" if self.person else f"guest:{self._guest.pk}"

    @cached_property
    def guest_ids(self) -> list[UUID]:
        if self.person is None:
            return [self._guest.pk]
        return list(Guest.objects.filter(claimed_by=self.person).values_list("pk", flat=True))

    @cached_property
    def ids(self) -> list[str]:
        """Every id of theirs, as rows without a foreign key hold it."""
        mine = [str(self.person.pk)] if self.person else []
        return [*mine, *map(str, self.guest_ids)]

    @cached_property
    def audiences(self) -> list[str]:
        mine = [f"person:{self.person.pk}"] if self.person else []
        return [*mine, *(f"guest:{key}" for key in self.guest_ids)]

    @cached_property
    def addresses(self) -> list[str]:
        """Their mail addresses, in small letters."""
        if self.person is None:
            return []
        found = {self.person.email.lower()}
        if apps.is_installed("allauth.account"):
            every = apps.get_model("account", "EmailAddress")._default_manager  # noqa: SLF001
            rows = every.filter(user_id=self.person.pk)
            found |= {address.lower() for address in rows.values_list("email", flat=True)}
        return sorted(found - {""})

    def owns(self, path: str = "") -> Q:
        """Their rows of an ``Owned`` table, or of one that leads to it by ``path``."""
        at = f"{path}__" if path else ""
        as_guest = Q(**{f"{at}guest__in": self.guest_ids, f"{at}person": None})
        return as_guest | Q(**{f"{at}person": self.person}) if self.person else as_guest

    def is_theirs(self, column: str) -> Q:
        """Their rows of a table with a foreign key to the person; a guest has none."""
        return Q(**{column: self.person}) if self.person else Q(pk__in=[])

    @property
    def _guest(self) -> Guest:
        assert self.guest is not None, "somebody is a person or a guest"
        return self.guest


class Erase(Protocol):
    """Erase a little and return how much; 0 when nothing is left."""

    def __call__(self, whose: Whose, /, *, at: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """One table: whose its rows are, which columns the export tells, what becomes of them.

    Columns are told by name, so that no secret is told by accident; ``not_told`` says why a table
    is left out. Without ``erase`` rows of the rule *erased* are deleted, and others stay.
    """

    table: Table
    title: Text
    of: Callable[[Whose], "QuerySet[Any]"]
    told: tuple[str, ...] = ()
    not_told: Text = ""
    rule: Rule = Rule.ERASED
    why: Text = ""
    erase: Erase | None = None

    def __post_init__(self) -> None:
        assert bool(self.told) != bool(self.not_told), f"{self.table}: told, or why not"
        assert self.rule == Rule.ERASED or self.why, f"{self.table}: say why it is kept"

    @property
    def key(self) -> str:
        """Its name in the export."""
        return str(self.table._meta.verbose_name_plural).replace(" ", "_")  # noqa: SLF001

    def erase_some(self, whose: Whose, *, at: datetime) -> int:
        """Do what the rule says to some of the rows; 0 when nothing is left to do."""
        if self.erase:
            return self.erase(whose, at=at)
        if self.rule != Rule.ERASED:
            return 0
        return delete_some(self.of(whose))


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Bytes that go into the export under a name that a person gave them.

    ``read`` raises FileNotFoundError for what was removed since.
    """

    name: str
    size: int
    read: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one room keeps. Parts are erased in their order: what refers before what is referred to.

    ``ends`` is called before anything of the part is erased, to stop what is under way. Who reads
    a copy finds the parts by ``reading``: the account first, what machines keep last.
    """

    key: str
    title: Text
    order: int
    belongings: tuple[Belonging, ...]
    files: Callable[[Whose], Iterator[KeptFile]] | None = None
    ends: Callable[[Whose, datetime], None] | None = None
    reading: int = 50


@dataclass(frozen=True, slots=True)
class Nobodys:
    """A table that could name somebody by its columns, and why it is in nobody's part."""

    label: str
    why: Text


_parts: dict[str, Part] = {}
_nobodys: dict[str, Nobodys] = {}


def register(part: Part) -> None:
    _parts[part.key] = part


def nobodys(label: str, why: Text) -> None:
    """Declare that a table (``app.Model``) says nothing of anybody in particular."""
    _nobodys[label] = Nobodys(label, why)


def every_part() -> list[Part]:
    return sorted(_parts.values(), key=lambda part: (part.order, part.key))


def every_exception() -> list[Nobodys]:
    """Return the tables that are nobody's, with their reasons, in the order of their names."""
    return [_nobodys[label] for label in sorted(_nobodys)]


def part_of(key: str) -> Part:
    return _parts[key]


def delete_some(rows: "QuerySet[Any]") -> int:
    """Delete the first of ``rows`` with what hangs on them, and return how many they were."""
    chosen = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    rows.model._default_manager.filter(pk__in=chosen).delete()  # noqa: SLF001
    return len(chosen)


def unregistered(tables: Iterable[Table]) -> list[str]:
    """Return those of ``tables`` that could name somebody and are in nobody's part."""
    known = {one.table._meta.label for part in every_part() for one in part.belongings}  # noqa: SLF001
    known |= {one.label for one in every_exception()}
    found = (table for table in tables if could_name_somebody(table))
    return sorted(table._meta.label for table in found if table._meta.label not in known)  # noqa: SLF001


_LENGTH_OF_AN_ID = 32


def could_name_somebody(table: Table) -> bool:
    """Whether a row of ``table`` could hold a person's id, or words: by key, as text or as JSON."""
    return any(_could_hold_an_id(field) for field in table._meta.concrete_fields)  # noqa: SLF001


def _could_hold_an_id(field: Any) -> bool:
    if field.related_model is not None or isinstance(field, models.JSONField | models.BinaryField):
        return True
    if isinstance(field, models.UUIDField):
        return not field.primary_key
    if isinstance(field, models.TextField):
        return True
    longest = getattr(field, "max_length", None)
    is_text = isinstance(field, models.CharField) and not field.choices
    return is_text and (longest is None or longest >= _LENGTH_OF_AN_ID)
