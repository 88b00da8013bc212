"""What a line of somebody's statement is called, and what it leads to.

Rooms above the ledger say so of their own kinds of entries, and of what entries are about.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.people.caller import Caller

Text = str | Promise
About = tuple[str, UUID]
_FARTHEST = 3  # an entry is about a hold, that about a call, and that about an answer


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entries as people read it.

    ``always``: a line of its own even where nothing more or less is theirs afterwards.
    ``inward``: only finance reads of it, since it changes nothing of what is anybody's.
    ``reversible``: finance may post the opposite; not where money moved at a gateway, too.
    """

    key: str
    title: Text
    order: int = 500
    always: bool = False
    inward: bool = False
    reversible: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a line is about; ``about`` names what knows more, and is asked next."""

    title: str = ""
    note: str = ""
    url: str = ""
    about: About | None = None


Find = Callable[[Collection[UUID], Caller], Mapping[UUID, Told]]
_kinds: dict[str, Kind] = {}
_finders: dict[str, Find] = {}


def tell_kinds(*kinds: Kind) -> None:
    """Make kinds of entries known; a key stands once."""
    for kind in kinds:
        _kinds[kind.key] = kind


def tell_about(kind: str, find: Find) -> None:
    """Have ``find(ids, caller)`` say what entries with this ``about_kind`` are about.

    It leaves out what the caller may not see, and never asks row by row.
    """
    _finders[kind] = find


def every_kind() -> list[Kind]:
    """Return the kinds that lines of statements are of, in their order."""
    lines = (kind for kind in _kinds.values() if not kind.inward)
    return sorted(lines, key=lambda kind: (kind.order, kind.key))


def kind_of(key: str) -> Kind:
    """Return the kind; one that nobody told of has a plain name."""
    return _kinds.get(key) or Kind(key, _("Other"))


def is_of_lines(key: str) -> bool:
    return key in _kinds and not _kinds[key].inward


def told_of(abouts: Iterable[About], *, caller: Caller) -> dict[About, Told]:
    """Return what is known of each; nothing of what nobody can tell, or the caller may not see."""
    told: dict[About, Told] = {about: Told(about=about) for about in abouts}
    for _step in range(_FARTHEST):
        asked = {one.about for one in told.values() if one.about}
        answers = {
            (kind, key): answer
            for kind, find in _finders.items()
            if (keys := {key for named, key in asked if named == kind})
            for key, answer in find(keys, caller).items()
        }
        told = {about: _and(one, answers) for about, one in told.items()}
    return {about: replace(one, about=None) for about, one in told.items()}


def _and(known: Told, answers: Mapping[About, Told]) -> Told:
    more = answers.get(known.about) if known.about else None
    if more is None:
        return replace(known, about=None)
    return Told(
        title=more.title or known.title,
        note=" · ".join(filter(None, (known.note, more.note))),
        url=more.url or known.url,
        about=more.about,
    )


tell_kinds(
    Kind("settle", gettext_lazy("Charged"), 100, reversible=True),
    Kind("adjustment", gettext_lazy("Given for a reason"), 300, reversible=True),
    Kind("reversal", gettext_lazy("Corrected"), 310),
    Kind("claim", gettext_lazy("Brought along"), 400, always=True),
    Kind("claim_undone", gettext_lazy("Went back to the guest"), 410, always=True),
    Kind("freeze", gettext_lazy("Frozen while a dispute runs"), 420, always=True),
    Kind("thaw", gettext_lazy("To spend again after a dispute"), 430, always=True),
    Kind("hold", gettext_lazy("Set aside"), inward=True),
    Kind("release", gettext_lazy("Given back"), inward=True),
    Kind("debt_paid", gettext_lazy("A debt paid"), inward=True),
    Kind("money", gettext_lazy("Money at a gateway"), inward=True),
)
