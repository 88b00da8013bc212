"""Who else keeps bytes in the storage: what a room's own rows name is verified and never swept."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from atrium.files.models import File, Picture


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes that a row names, and what the row says of them."""

    storage_name: str
    size: int
    sha256: str
    row: str  # for whoever reads the report


@dataclass(frozen=True, slots=True)
class Holder:
    """A table of a room: which of some names are in it, and everything that it names.

    ``every`` leaves out what is still being written; ``names`` does not.
    """

    key: str
    names: Callable[[Collection[str]], set[str]]
    drafts: Callable[[Collection[str]], set[str]]
    every: Callable[[], Iterator[Held]]


_holders: dict[str, Holder] = {}


def register(holder: Holder) -> None:
    _holders[holder.key] = holder


def held_elsewhere() -> Iterator[Held]:
    """Yield what rooms keep beside our own tables."""
    for holder in _holders.values():
        yield from holder.every()


def known(names: Collection[str]) -> set[str]:
    """Return those of the storage ``names`` that a row names."""
    found = set(File.objects.filter(storage_name__in=names).values_list("storage_name", flat=True))
    found |= set(
        Picture.objects.filter(storage_name__in=names).values_list("storage_name", flat=True)
    )
    return found.union(*(holder.names(names) for holder in _holders.values()))


def known_drafts(names: Collection[str]) -> set[str]:
    """Return those of the draft ``names`` that a room is writing to."""
    return set().union(*(holder.drafts(names) for holder in _holders.values()))
