from pathlib import Path

import polib
import pytest

from atrium.home import catalogues
from atrium.home.catalogues import Key

pytestmark = pytest.mark.once

SAID: dict[Key, set[str]] = {
    ("", "Sign in", ""): {"atrium/people/pages.py"},
    ("", "Hello, %(name)s", ""): {"atrium/web/templates/web/page.html"},
    ("", "%(count)s file", "%(count)s files"): {"atrium/files/pages.py"},
    ("verb", "Open", ""): {"atrium/files/pages.py"},
}


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    (tmp_path / "uk" / "LC_MESSAGES").mkdir(parents=True)
    catalogues.catalogue("uk").touch()
    catalogues.merge("uk", SAID)
    return tmp_path


def translate(texts: dict[str, str | list[str]]) -> None:
    path = str(catalogues.catalogue("uk"))
    book = polib.pofile(path)
    for entry in book:
        found = texts.get(entry.msgid)
        if isinstance(found, list):
            entry.msgstr_plural = dict(enumerate(found))
        elif found:
            entry.msgstr = found
    book.save(path)


def test_what_is_not_translated_is_missing(locale: Path) -> None:
    lack = catalogues.lacks("uk", SAID)
    assert lack.total == 4
    assert sorted(lack.missing) == ["%(count)s file", "Hello, %(name)s", "Open", "Sign in"]


def test_a_whole_catalogue_lacks_nothing(locale: Path) -> None:
    translate(
        {
            "Sign in": "Увійти",
            "Hello, %(name)s": "Вітаємо, %(name)s",
            "%(count)s file": ["%(count)s файл", "%(count)s файли", "%(count)s файлів"],
            "Open": "Відкрити",
        }
    )
    lack = catalogues.lacks("uk", SAID)
    assert (lack.missing, lack.broken) == ([], [])


def test_a_plural_with_one_form_left_empty_is_missing(locale: Path) -> None:
    translate({"%(count)s file": ["%(count)s файл", "", "%(count)s файлів"]})
    assert "%(count)s file" in catalogues.lacks("uk", SAID).missing


def test_a_translation_that_loses_a_placeholder_is_broken(locale: Path) -> None:
    translate({"Hello, %(name)s": "Вітаємо, %(ім_я)s"})
    assert catalogues.lacks("uk", SAID).broken == ["Hello, %(name)s"]


def test_merging_keeps_translations_and_drops_what_nobody_says(locale: Path) -> None:
    translate({"Sign in": "Увійти"})
    said: dict[Key, set[str]] = {
        ("", "Sign in", ""): {"atrium/people/pages.py"},
        ("", "Sign out", ""): {"atrium/people/pages.py"},
    }
    assert catalogues.merge("uk", said) == 1
    book = polib.pofile(str(catalogues.catalogue("uk")))
    assert {entry.msgid: entry.msgstr for entry in book} == {"Sign in": "Увійти", "Sign out": ""}


def test_merging_twice_changes_nothing(locale: Path) -> None:
    before = catalogues.catalogue("uk").read_text()
    assert catalogues.merge("uk", SAID) == 0
    assert catalogues.catalogue("uk").read_text() == before


def test_a_catalogue_is_compiled_once(locale: Path) -> None:
    assert catalogues.compile_all() == ["uk"]
    assert catalogues.compile_all() == []
    assert catalogues.catalogue("uk").with_suffix(".mo").exists()
