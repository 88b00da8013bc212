"""The chapters as they lie in the package: a title, and sections with names that do not change."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

_TEXTS = Path(__file__).parent / "texts"
_USUAL = "en"
_HEADING = re.compile(r"^## (?P<title>.+?) \{#(?P<name>[a-z-]+)\}$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that can be quoted. ``ref`` finds it again, in the language it is in."""

    ref: str
    title: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    text: str  # Markdown


@dataclass(frozen=True, slots=True)
class Chapter:
    slug: str
    language: str
    title: str
    sections: tuple[Section, ...]

    @property
    def passages(self) -> list[Passage]:
        """Its paragraphs without their marks, in order."""
        return [
            Passage(
                f"{self.language}/{self.slug}#{section.name}/{number}",
                self.title,
                section.title,
                _plain(paragraph),
            )
            for section in self.sections
            for number, paragraph in enumerate(_paragraphs(section.text), start=1)
        ]


def language_of(asked: str | None) -> str:
    """Return the language of the handbook for who reads in ``asked``."""
    wanted = (asked or _USUAL).partition("-")[0]
    return wanted if (_TEXTS / wanted).is_dir() else _USUAL


def chapters(language: str | None = None) -> tuple[Chapter, ...]:
    """Return all chapters in their order, in this language or in the reader's."""
    return _chapters(language_of(language or get_language()))


def chapter_called(slug: str, language: str | None = None) -> Chapter | None:
    return next((one for one in chapters(language) if one.slug == slug), None)


def passage_called(ref: str) -> Passage | None:
    """Return the passage with this ``ref``; None when the handbook says it no longer."""
    language, _slash, _rest = ref.partition("/")
    if language != language_of(language):
        return None
    known = (one for chapter in _chapters(language) for one in chapter.passages)
    return next((passage for passage in known if passage.ref == ref), None)


def place_of(ref: str) -> tuple[str, str]:
    """Return the chapter's slug and the section's name of a ``ref``."""
    _language, _slash, rest = ref.partition("/")
    slug, _hash, place = rest.partition("#")
    return slug, place.partition("/")[0]


@cache
def _chapters(language: str) -> tuple[Chapter, ...]:
    return tuple(_read(path, language) for path in sorted((_TEXTS / language).glob("*.md")))


def _read(path: Path, language: str) -> Chapter:
    _number, _dash, slug = path.stem.partition("-")
    head, *rest = _HEADING.split(path.read_text(encoding="utf-8"))
    sections = tuple(
        Section(name, title, text.strip())
        for title, name, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    )
    return Chapter(slug, language, head.strip().removeprefix("# "), sections)


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n{2,}", text) if part and not part.startswith("    ")]


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text).replace("`", "").replace("**", "")
