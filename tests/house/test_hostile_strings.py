"""Whatever is typed into whatever takes text: refused or kept, never a fault, never markup."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.forms import BaseForm, Form

from atrium.api.openapi import document
from atrium.environment import CHECKOUT
from tests.house import corpus
from tests.house.markup import Form as Found
from tests.house.markup import forms_of, intruders
from tests.house.matrix.asking import GOOD, answered, body_of, undone
from tests.house.matrix.everybody import Everybody
from tests.house.matrix.routes import every_way, fill

# Thousands of calls; the general limit is for tests that hang.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

ASKING = ("nobody", "guest", "owner", "admin")
NOT_ON_A_PAGE = {
    *("TryMailForm", "SampleForm"),
    *("ChangePasswordInput", "NewPasskeyInput", "PrimaryInput"),  # of JSON
}
"""Forms that no page shows as things stand in the tests."""


# What can be asked


def pages(everybody: Everybody, role: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the HTML of every page that the role is let in to."""
    who = everybody.roles[role]
    for asked in every_way():
        if asked.policy is None or asked.method != "GET" or asked.route == "/look":
            continue
        if (asked.policy.who == "staff") != (role == "admin"):
            continue
        with answered(everybody, who, asked) as answer:
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield fill(asked, who.things.called), body_of(answer).decode()


def every_form(everybody: Everybody) -> dict[tuple[Any, ...], tuple[str, Found]]:
    """Return each form of every page once, with who was shown it first."""
    found: dict[tuple[Any, ...], tuple[str, Found]] = {}
    for role in ASKING:
        for address, html in pages(everybody, role):
            for form in forms_of(html):
                form.action = form.action or address
                if form.fields:
                    found.setdefault(form.shape, (role, form))
    return found


def submit(everybody: Everybody, role: str, form: Found, fields: dict[str, Any]) -> Any:
    everybody.client.cookies = copied(everybody, role)
    if form.method == "GET":
        separator = "&" if "?" in form.action else "?"
        text = urlencode(fields, errors="surrogatepass", doseq=True)
        return everybody.client.get(f"{form.action}{separator}{text}")
    return everybody.client.post(form.action, fields)


def copied(everybody: Everybody, role: str) -> SimpleCookie:
    cookies = everybody.roles[role].cookies
    return SimpleCookie({name: one.value for name, one in cookies.items()})


def complaints(what: str, answer: Any) -> list[str]:
    """Say what is wrong with an answer, whoever asked and whatever they typed."""
    found = [f"{what}: {answer.status_code}"] if answer.status_code >= 500 else []
    if corpus.MARK in answer.cookies:
        found.append(f"{what}: sets a cookie of theirs")
    place = answer.get("Location", "")
    if place and (not place.startswith("/") or place.startswith(("//", "/\\"))):
        found.append(f"{what}: leads to {place}")
    if answer.get("Content-Type", "").startswith("text/html"):
        found += [f"{what}: {one}" for one in intruders(body_of(answer).decode())]
    return found


# Forms


def test_every_form_takes_every_string(everybody: Everybody) -> None:
    found: list[str] = []
    turns = cycle(range(3))  # a third of the strings for each field, another one for the next
    for role, form in every_form(everybody).values():
        good = {**form.fields, **_good_fields(form)}
        for name in form.fields:
            is_typed = form.method == "POST" and name in form.typed
            texts = corpus.STRINGS[next(turns) :: 3] if is_typed else corpus.SOME[1::5]
            for text in corpus.for_this_engine(name, texts):
                what = f"{form.method} {form.action} as {role}, {name}={text[:60]!r}"
                with undone():
                    answer = submit(everybody, role, form, {**good, name: text})
                    found += complaints(what, answer)
                    if answer.status_code == 302 and text in corpus.MARKUP:
                        after = everybody.client.get(answer["Location"])
                        found += complaints(f"{what}, afterwards", after)

    assert not found, "\n".join(found[:60])


def _good_fields(form: Found) -> dict[str, Any]:
    for asked in every_way():
        pattern = re.escape(asked.route).replace("<", "\x00<")
        pattern = re.sub(r"\x00<[^>]*>", "[^?]+", pattern)
        is_it = re.fullmatch(pattern, form.action.partition("?")[0])
        if is_it and asked.name in GOOD and asked.method == form.method:
            data = GOOD[asked.name].data
            return data if isinstance(data, dict) else {}
    return {}


@pytest.mark.once
def test_every_form_of_ours_was_found_on_a_page(everybody: Everybody) -> None:
    shown = {name for _role, form in every_form(everybody).values() for name in form.fields}
    # For who has a password, and for administrators among members.
    shown |= {"files", "old", "passwordless", "for_everybody"}

    missing = {
        f"{kind.__name__}.{name}"
        for kind in _forms_of_ours(Form)
        if kind.__name__ not in NOT_ON_A_PAGE
        for name in kind.base_fields
        if name not in shown | {"model", "beside"}  # choices that stand there with two models
    }
    assert missing == set()


def _forms_of_ours(kind: type[BaseForm]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("atrium."):
            yield one
        yield from _forms_of_ours(one)


_PLAIN = "application/x-www-form-urlencoded"
BROKEN = (
    (b"%ED%A0%80", _PLAIN),
    (b"%FF%FE", f"{_PLAIN}; charset=utf-16"),
    (b"%00", _PLAIN),
    (b"%F0%9F&=&&=;%", f"{_PLAIN}; charset=nonsense"),
    (b"x", "multipart/form-data; boundary=x"),
    (b"x", "multipart/form-data"),
    (b"x", "application/json"),
)


def test_every_form_takes_bytes_that_are_no_text(everybody: Everybody) -> None:
    found = []
    for role, form in every_form(everybody).values():
        for raw, kind in BROKEN:
            body = b"&".join(name.encode() + b"=" + raw for name in form.fields)
            everybody.client.cookies = copied(everybody, role)
            with undone():
                if form.method == "GET":
                    answer = everybody.client.get(form.action, QUERY_STRING=body.decode())
                else:
                    answer = everybody.client.generic("POST", form.action, body, content_type=kind)
                found += complaints(f"{form.method} {form.action} {kind} {body!r}", answer)

    assert not found, "\n".join(found[:60])


# Addresses


def test_every_query_takes_every_string(everybody: Everybody) -> None:
    names = sorted(_names_of_queries())
    assert {"after", "next", "sig", "from"} <= set(names)
    found = []
    for asked in every_way():
        if asked.policy is None or asked.method != "GET":
            continue
        role = "admin" if asked.policy.who == "staff" else "owner"
        texts = corpus.SOME[::2] if role == "owner" else ("a\0b",)
        for text in corpus.for_this_engine(asked.name, texts):
            query = urlencode(dict.fromkeys(names, text))
            found += _asked_at(everybody, role, f"{fill(asked, _called(everybody, role))}?{query}")

    assert not found, "\n".join(found[:60])


def _names_of_queries() -> set[str]:
    """Return whatever our pages and the API read from a query."""
    said = re.compile(r'request\.GET(?:\.get\(|\.getlist\(|\[)"(\w+)"|"(\w+)" in request\.GET')
    texts = (path.read_text() for path in (CHECKOUT / "atrium").rglob("*.py"))
    found = {name for text in texts for pair in said.findall(text) for name in pair if name}
    for methods in document()["paths"].values():
        for told in methods.values():
            found |= {one["name"] for one in told["parameters"] if one.get("in") == "query"}
    return found


def test_the_lists_of_the_console_take_every_string(everybody: Everybody) -> None:
    found = []
    for asked in every_way():
        is_list = re.fullmatch(r"/console/\w+/\w+/(audit\.csv)?", asked.route)
        if not is_list or asked.method != "GET":
            continue
        everybody.client.cookies = copied(everybody, "admin")
        texts = ("a\0b", "9" * 400, "(((", "१.x")
        for name in ("q", "o", "p", "state__exact", "pk__in", "id__lt", "name__regex"):
            for text in texts[:2] if name != "name__regex" else texts[2:]:
                query = urlencode({name: text})
                found += _asked_at(everybody, "admin", f"{asked.route}?{query}")

    assert not found, "\n".join(found[:60])


def test_every_part_of_an_address_takes_every_string(everybody: Everybody) -> None:
    found = []
    for asked in every_way():
        if asked.policy is None or not re.search(r"<(str|path|slug|app_label)", asked.route):
            continue
        role = "admin" if asked.policy.who == "staff" else "nobody"
        texts = corpus.SOME if role == "nobody" else ("a\0b", "' OR 1=1 --", "_5F_", "9" * 400)
        for text in corpus.for_this_engine(asked.name, texts):
            part = quote(text, safe="", errors="surrogatepass")[:4_000]
            where = re.sub(r"<\w+:(file_id)>", everybody.owned.called["file_id"], asked.route)
            where = part.join(re.split(r"<[^>]*>", where))
            found += _asked_at(everybody, role, where, asked.method)

    assert not found, "\n".join(found[:60])


def _asked_at(everybody: Everybody, role: str, where: str, method: str = "GET") -> list[str]:
    everybody.client.cookies = copied(everybody, role)
    with undone():
        answer = everybody.client.generic(method, where)
        return complaints(f"{method} {where[:200]} as {role}", answer)


def _called(everybody: Everybody, role: str) -> dict[str, str]:
    return everybody.roles[role].things.called


HEADERS = (
    *("Accept", "Accept-Language", "Authorization", "Cookie", "Referer", "Origin", "User-Agent"),
    *("Range", "If-None-Match", "If-Modified-Since", "If-Range", "X-Forwarded-For", "Host"),
    *("HX-Request", "HX-Current-URL", "HX-Target", "Idempotency-Key", "Content-Type"),
    *("Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Checksum", "Upload-Offset"),
)


def test_every_header_takes_every_string(everybody: Everybody) -> None:
    bytes_of_a_file = f"/files/{everybody.owned.called['file_id']}/content"
    found = []
    typed = [text for text in corpus.SOME if not re.search(r"[\0\r\n]", text)]
    typed += ["Bearer x", "Bearer atr_key_x", "bytes=9-0", "bytes=0-0,1-1", "bytes=-" + "9" * 99]
    typed += ["filename ====", "filename /w==", "sha1 x", "guest=x; session=", '"', ",;=", "\xff"]
    everybody.client.cookies = copied(everybody, "owner")
    places = ("/chat", bytes_of_a_file, "/api/v1/files", "/files/uploads")
    for number, name in enumerate(HEADERS):
        for place, text in zip(cycle(places[number % 4 :] + places), typed, strict=False):
            method = "POST" if place in {"/api/v1/files", "/files/uploads"} else "GET"
            value = text.encode().decode("latin-1")
            given = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", name: value}
            with undone():
                answer = everybody.client.generic(method, place, b"x", headers=given)
                found += complaints(f"{method} {place} {name}: {text[:60]!r}", answer)

    assert not found, "\n".join(found[:60])
