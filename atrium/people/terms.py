"""What is in force, and what of it somebody has still to agree to."""

from collections import OrderedDict
from uuid import UUID

from atrium.kit.remembered import Remembered
from atrium.people.models import TermsAcceptance, TermsVersion, User

_AGREED_KEPT = 10_000
_agreed: OrderedDict[tuple[UUID, tuple[UUID, ...]], None] = OrderedDict()


def _needed() -> tuple[dict[str, TermsVersion], list[TermsVersion]]:
    """The newest of each kind, and of each kind the newest that has to be agreed to."""
    newest, needed = {}, {}
    for version in TermsVersion.objects.published().defer("text").order_by("number"):
        newest[version.kind] = version
        if version.needs_acceptance:
            needed[version.kind] = version
    return newest, [needed[kind] for kind in sorted(needed, reverse=True)]


_in_force = Remembered(_needed)


def in_force() -> dict[str, TermsVersion]:
    """Return the newest published version of each kind, without its text."""
    return _in_force.get()[0]


def to_accept() -> list[TermsVersion]:
    """Return what whoever has an account must have agreed to."""
    return _in_force.get()[1]


def published(kind: str, number: int | None = None) -> TermsVersion | None:
    """Return one version with its text: that of ``number``, else the newest."""
    found = TermsVersion.objects.published().filter(kind=kind)
    if number is not None:
        found = found.filter(number=number)
    return found.order_by("-number").first()


def missing_for(person: User) -> list[TermsVersion]:
    """Return what the person has still to agree to; asks the database only until they have."""
    needed = to_accept()
    if not needed:
        return []
    key = person.pk, tuple(version.pk for version in needed)
    if key in _agreed:
        return []
    accepted = set(
        TermsAcceptance.objects.filter(by=f"person:{person.pk}", version__in=needed).values_list(
            "version_id", flat=True
        )
    )
    missing = [version for version in needed if version.pk not in accepted]
    if not missing:
        _agreed[key] = None  # for good: nobody takes an agreement back
        while len(_agreed) > _AGREED_KEPT:
            _agreed.popitem(last=False)
    return missing


def with_texts(versions: list[TermsVersion]) -> list[TermsVersion]:
    """Return the same versions with what they say."""
    found = TermsVersion.objects.in_bulk([one.pk for one in versions])
    return [found[one.pk] for one in versions]


def forget() -> None:
    _in_force.forget()
