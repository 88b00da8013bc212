"""The translations: what code and templates say, what catalogues know, and the .mo made of them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from atrium.environment import CHECKOUT

SOURCE = CHECKOUT / "atrium"
LOCALE = SOURCE / "locale"
PLURALS = {
    "uk": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 &&"
    " (n%100<10 || n%100>=20) ? 1 : 2);",
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")

Key = tuple[str, str, str]
"""Context, text, plural."""


@dataclass(frozen=True)
class Lack:
    """What one catalogue lacks."""

    language: str
    missing: list[str]
    broken: list[str]
    total: int


def languages() -> list[str]:
    """Return the languages that have a catalogue; English is the source and needs none."""
    return sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po"))


def catalogue(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def compile_all() -> list[str]:
    """Make the .mo of each .po that is newer than it, and return the languages made anew."""
    made = []
    for language in languages():
        po = catalogue(language)
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime_ns <= po.stat().st_mtime_ns:
            draft = mo.with_suffix(".draft")
            polib.pofile(str(po)).save_as_mofile(str(draft))
            draft.replace(mo)
            made.append(language)
    return made


def merge(language: str, said: dict[Key, set[str]]) -> int:
    """Bring one catalogue up to date with what is said, and return how many texts are new."""
    path = catalogue(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {_key(entry): entry for entry in _read(path) if not entry.obsolete}
    fresh = polib.POFile(wrapwidth=98)
    fresh.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS.get(language, "nplurals=2; plural=(n != 1);"),
    }
    for key in sorted(said, key=lambda key: (min(said[key]), key)):
        entry = known.get(key) or _entry(key, language)
        entry.occurrences = [(place, "") for place in sorted(said[key])]
        fresh.append(entry)
    fresh.save(str(path))
    return len(set(said) - set(known))


def lacks(language: str, said: Iterable[Key]) -> Lack:
    """Compare what is said with what the language's catalogue knows."""
    known = {_key(entry): entry for entry in _read(catalogue(language))}
    missing, broken, total = [], [], 0
    for key in sorted(said):
        total += 1
        entry = known.get(key)
        if entry is None or entry.obsolete or not entry.translated():
            missing.append(key[1])
        elif not _keeps_placeholders(entry):
            broken.append(key[1])
    return Lack(language, missing, broken, total)


def _read(path: Path) -> Iterator[polib.POEntry]:
    yield from polib.pofile(str(path), wrapwidth=98) if path.exists() else ()


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def _entry(key: Key, language: str) -> polib.POEntry:
    context, text, plural = key
    entry = polib.POEntry(msgid=text, msgctxt=context or None)
    if plural:
        entry.msgid_plural = plural
        entry.msgstr_plural = dict.fromkeys(range(3 if language == "uk" else 2), "")
    if "%(" in text:
        entry.flags.append("python-format")
    return entry


def _keeps_placeholders(entry: polib.POEntry) -> bool:
    wanted = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural or "")
    if not entry.msgid_plural:
        return _placeholders(entry.msgstr) == wanted
    # One form may leave the number out (“one file”); none may invent a placeholder.
    return all(_placeholders(form) <= wanted for form in entry.msgstr_plural.values())


def _placeholders(text: str) -> set[str]:
    return {match[0] for match in _PLACEHOLDER.finditer(text)}
