"""The catalogues that are shipped, and the pages that speak them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import polib
import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real
from playwright.sync_api import BrowserContext, Page

from atrium.engines.actions import offer_built_in
from atrium.home import catalogues
from atrium.home.catalogues import Key
from atrium.home.said import said
from atrium.kit import clock
from atrium.people.models import User
from atrium.web.templatetags.ui import ago
from tests import make
from tests.house.browser import sign_in

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def texts() -> dict[Key, set[str]]:
    return said()


def test_ukrainian_keeps_every_placeholder(texts: dict[Key, set[str]]) -> None:
    # That nothing is missing is looked at by bin/check.
    assert catalogues.lacks("uk", texts).broken == []


def test_no_translation_shouts_or_speaks_two_alphabets_in_one_word() -> None:
    mixed = re.compile(r"\w*(?:[а-яіїєґ][a-z]|[a-z][а-яіїєґ])\w*", re.IGNORECASE)
    for entry in polib.pofile(str(catalogues.catalogue("uk"))):
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert "!" not in text
            # A letter that only looks like ours (“о” for “o”) breaks search and screen readers.
            assert not mixed.findall(re.sub(r"%\(\w+\)[sd]|\{\w+\}", " ", text)), text


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "Збережено 1 файл."),
        (3, "Збережено 3 файли."),
        (5, "Збережено 5 файлів."),
        (12, "Збережено 12 файлів."),
        (21, "Збережено 21 файл."),
    ],
)
def test_a_number_takes_its_form(ukrainian: None, number: int, sentence: str) -> None:
    text = translation.ngettext("{count} file is kept.", "{count} files are kept.", number)
    assert text.format(count=number) == sentence


@pytest.mark.parametrize(
    ("away", "said_as"),
    [
        (timedelta(minutes=-1), "1 хвилину тому"),
        (timedelta(hours=-2), "2 години тому"),
        (timedelta(days=5), "через 5 днів"),
        (timedelta(days=7), "через 1 тиждень"),
    ],
)
def test_a_span_of_time_stands_in_its_case(
    ukrainian: None, away: timedelta, said_as: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    assert f">{said_as}<" in ago(now + away).replace("\xa0", " ")


@pytest.fixture
def ukrainian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[None]:
    """Speak what the catalogue says now, whether or not it was compiled."""
    yield from _speaking(polib.pofile(str(catalogues.catalogue("uk"))), tmp_path, settings)


@pytest.mark.browser
def test_nothing_runs_off_a_phone_in_ukrainian(
    ukrainian: None, open_context: Callable[..., BrowserContext]
) -> None:
    make.person(username="olena", password=make.PASSWORD)
    offer_built_in()
    page = open_context(viewport={"width": 360, "height": 740}, locale="uk-UA").new_page()
    wide = [
        address for address in ("/", "/sign-in", "/sign-up", "/chat") if _is_wide(page, address)
    ]
    sign_in(page, "olena", make.PASSWORD)
    wide += [address for address in FOR_ALICE[:-1] if _is_wide(page, address)]
    assert wide == []


def _is_wide(page: Page, address: str) -> bool:
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == "uk"
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


# The pseudo-locale: every text of ours in ⟦ ⟧, so that what has none is not translatable.


@pytest.fixture
def pseudo(tmp_path: Path, settings: object, texts: dict[Key, set[str]]) -> Iterator[None]:
    book = polib.POFile()
    book.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": catalogues.PLURALS["uk"],
    }
    for context, one, many in texts:
        entry = polib.POEntry(msgid=one, msgid_plural=many, msgctxt=context or None)
        if many:
            entry.msgstr_plural = dict.fromkeys(range(3), f"⟦{many}⟧")
        else:
            entry.msgstr = f"⟦{one}⟧"
        book.append(entry)
    yield from _speaking(book, tmp_path, settings)


def _speaking(book: polib.POFile, folder: Path, settings: object) -> Iterator[None]:
    place = folder / "uk" / "LC_MESSAGES"
    place.mkdir(parents=True)
    book.save_as_mofile(str(place / "django.mo"))
    settings.LOCALE_PATHS = [folder]  # type: ignore[attr-defined]
    _forget()
    with translation.override("uk"):
        yield
    _forget()


def _forget() -> None:
    trans_real._translations = {}  # type: ignore[attr-defined]
    trans_real._default = None  # type: ignore[attr-defined]


SPOKEN = {"title", "aria-label", "placeholder", "alt", "aria-description"}
SILENT = {"script", "style", "code", "kbd", "svg", "time"}
VOID = {"meta", "link", "input", "img", "br", "hr", "source", "wbr"}


@dataclass
class Spoken(HTMLParser):
    """Gathers what a person reads or hears of a page."""

    texts: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.attributes += [given[name] or "" for name in SPOKEN & set(given)]
        if tag not in VOID:
            is_name = given.get("translate") == "no" or given.get("name") == "time_zone"
            self.inside.append("code" if is_name else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.inside:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not SILENT & set(self.inside):
            self.texts.append(data)


NAMES = re.compile(
    r"\b(Atrium|Reader|English|alice|root|UTC|CSV|API|HTML|JSON|Markdown|Leaves|kB|MB|GB"
    r"|[A-Z]\w+/[\w/+-]+|[a-z0-9_]+(?:\.[a-z0-9_]+)+)\b|\.[a-z0-9]+\b"
)
"""What is called the same everywhere: names, time zones, keys of options, endings of files."""


def bare(page: str) -> list[str]:
    """Return what a page says that went through no catalogue."""
    reader = Spoken()
    reader.feed(page)
    rest, before = "\n".join([*reader.attributes, *reader.texts]), ""
    while before != rest:  # one text may stand inside another, and have markup inside
        before, rest = rest, re.sub(r"⟦[^⟦⟧]*⟧", "", rest)
    lines = (" ".join(line.split()) for line in NAMES.sub("", rest).splitlines())
    return [line for line in lines if re.search(r"[A-Za-z]{2,}", line)]


def test_the_search_sees_a_planted_text() -> None:
    page = '<p>⟦Hello, ⟦you⟧⟧</p><a title="Go on">⟦x⟧</a><p>Plain words</p><code>ls</code>'
    assert bare(page) == ["Go on", "Plain words"]


FOR_ANYONE = ["/", "/chat", "/files", "/sign-in", "/sign-up", "/no-such-page", "/settings"]
FOR_ALICE = [
    *("/", "/chat", "/chat?trash", "/files", "/files?trash", "/settings", "/notifications"),
    *("/notifications/choices", "/settings/history", "/no-such-page", "/chat/{chat}"),
]
FOR_ROOT = [
    *(
        "/console/",
        "/console/options/setting/",
        "/console/options/setting/files.trash_days/change/",
    ),
    *("/console/people/user/", "/console/people/guest/", "/console/people/apikey/"),
    *("/console/jobs/job/", "/console/jobs/schedule/", "/console/jobs/worker/"),
    *("/console/events/stream/", "/console/audit/auditentry/", "/console/notifications/mail/"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", FOR_ANYONE)
def test_a_visitor_reads_only_what_can_be_translated(
    pseudo: None, client: Client, address: str
) -> None:
    assert bare(_page(client, address)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", FOR_ALICE)
def test_a_person_reads_only_what_can_be_translated(
    pseudo: None, client: Client, alice: User, address: str
) -> None:
    client.force_login(alice)
    make.document(by=alice, name="leaves.txt")
    offer_built_in()
    asked = client.post("/chat/new", {"text": "123?", "key": str(uuid4())})
    chat = asked["Location"].rpartition("/")[2]
    assert bare(_page(client, address.format(chat=chat))) == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", FOR_ROOT)
def test_an_administrator_reads_only_what_can_be_translated(
    pseudo: None, client: Client, address: str
) -> None:
    client.force_login(make.admin())
    assert bare(_page(client, address)) == []


def _page(client: Client, address: str) -> str:
    client.cookies["language"] = "uk"
    return client.get(address, follow=True).content.decode()
