"""A real browser goes through every page that shows what strangers wrote, and nothing happens."""

from collections.abc import Callable
from functools import partial

import pytest
from django.conf import settings as house
from playwright.sync_api import BrowserContext, Dialog, Error, Page

from tests.house import corpus
from tests.house.matrix.everybody import Everybody
from tests.house.matrix.routes import every_way, fill
from tests.house.matrix.whose import fill as write
from tests.house.matrix.whose import rows_of, texts_of, ways_to_owners

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WITHOUT_A_PAGE = (".csv", ".webmanifest", ".js", ".json", "/content", "/picture", "/thumbnail")


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_no_page_runs_what_was_written(
    role: str, server: str, open_context: Callable[..., BrowserContext]
) -> None:
    everybody = Everybody()
    _write_everywhere(everybody)
    happened: list[str] = []
    shown = 0
    page = _signed_in(open_context(), everybody, role, server).new_page()
    page.on("dialog", partial(_dismiss, happened))
    for where in _addresses(everybody, role):
        if not _opened(page, where):
            continue
        shown += corpus.MARK in page.inner_text("body")
        made = page.evaluate(_MADE, corpus.MARK)
        happened += [f"{where}: {one}" for one in made]

    assert not happened, "\n".join(happened)
    assert shown > 4  # else there was nothing to be seen


def _opened(page: Page, where: str) -> bool:
    """Go there, and say whether there is a page to look at; a download is none."""
    try:
        answer = page.goto(where, wait_until="load")
    except Error:
        assert page.request.get(where).status < 500, where
        return False
    assert answer is not None
    assert answer.status < 500, where
    return True


_MADE = """mark => [...document.querySelectorAll('*')].flatMap(one => [
  ...(one.localName.includes(mark) ? [one.localName] : []),
  ...one.getAttributeNames().filter(name => name.includes(mark) || name.startsWith('on')),
])"""


def _write_everywhere(everybody: Everybody) -> None:
    pieces = (*corpus.MARKUP, *corpus.MARKDOWN)
    for number, (table, ways) in enumerate(ways_to_owners().items()):
        for field in texts_of(table):
            longest = getattr(field, "max_length", None) or 20_000
            fitting = [piece for piece in pieces if len(piece) <= longest]
            if fitting:
                text = "\n".join(fitting) if longest == 20_000 else fitting[number % len(fitting)]
                write(rows_of(everybody.alice, table, ways), field, text)


def _signed_in(
    context: BrowserContext, everybody: Everybody, role: str, server: str
) -> BrowserContext:
    key = everybody.roles[role].cookies[house.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": house.SESSION_COOKIE_NAME, "value": key, "url": server}])
    return context


def _addresses(everybody: Everybody, role: str) -> list[str]:
    found = []
    for asked in every_way():
        is_json = asked.is_api or asked.route.startswith("/_allauth/")
        is_shown = asked.policy is not None and asked.method == "GET" and not is_json
        if not is_shown or asked.route.endswith(WITHOUT_A_PAGE) or "<str:name>" in asked.route:
            continue
        assert asked.policy is not None
        if (asked.policy.who == "staff") == (role == "admin"):
            found.append(fill(asked, everybody.roles[role].things.called))
    return found


def _dismiss(happened: list[str], dialog: Dialog) -> None:
    happened.append(f"a dialog that says {dialog.message}")
    dialog.dismiss()
