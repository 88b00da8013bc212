"""Reads a page as a browser would, and says what in it did not come from us."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.house.corpus import MARK

_LEADS = {"href", "src", "action", "formaction", "poster", "data", "xlink:href", "srcset", "ping"}
_ASKS = {"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete"}
_LOADS = _ASKS | _LEADS - {"href"}
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]")
_RAW = {"script", "style"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
Attributes = list[tuple[str, str | None]]


def intruders(html: str) -> list[str]:
    """Return every tag, attribute or address that a person's words made."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if MARK in tag:
            self.found.append(f"the tag <{tag}>")
        for name, value in attrs:
            self._look_at(tag, name, value or "")

    def _look_at(self, tag: str, name: str, value: str) -> None:
        if MARK in name or name.startswith("on") or name in {"style", "srcdoc"}:
            self.found.append(f"the attribute {name}={value!r} of <{tag}>")
        if name not in _LEADS | _ASKS:
            return
        address = _INVISIBLE.sub("", value)
        scheme = _SCHEME.match(address)
        if (tag, name) == ("a", "href") and address.startswith("data:text/plain,"):
            return  # something to keep, which no browser opens as a page
        if scheme and scheme[1].lower() not in {"http", "https", "mailto"}:
            self.found.append(f"the address {name}={value!r} of <{tag}>")
        is_elsewhere = bool(scheme) or address.startswith(("//", "\\\\", "/\\"))
        if is_elsewhere and (name in _LOADS or tag in {"link", "base"}):
            self.found.append(f"the foreign {name}={value!r} of <{tag}>")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in _RAW and MARK in data:
            self.found.append(f"a script or style that says {data[:80]!r}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.found.append(f"a comment that says {data[:80]!r}")

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


@dataclass
class Form:
    """One form of a page: where it goes, and what it brings when nobody touches it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)  # not chosen from a list of ours

    @property
    def shape(self) -> tuple[str, str, tuple[str, ...]]:
        """The same for two forms of one kind, whichever row each is for."""
        return self.method, _ID.sub("…", self.action), tuple(sorted(self.fields))


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page, without the token against foreign ones."""
    reader = _Forms()
    reader.feed(html)
    reader.close()
    return reader.forms


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        told: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = told.get("method", "get").upper()
            self._open = Form(told.get("action", ""), method)
            self.forms.append(self._open)
        if self._open is None:
            return
        name = told.get("name", "")
        if tag in {"input", "textarea", "button"} and name and name != "csrfmiddlewaretoken":
            self._take(name, {"type": "submit", **told} if tag == "button" else told)
        elif tag == "select":
            self._select = name
            self._open.fields.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in told:
            self._open.fields[self._select] = told.get("value", "")

    def _take(self, name: str, told: dict[str, Any]) -> None:
        assert self._open is not None
        kind = told.get("type", "text")
        if kind == "file":
            return
        if kind in {"checkbox", "radio"} and "checked" not in told:
            self._open.fields.setdefault(name, "")
        else:
            self._open.fields[name] = told.get("value", "")
        if kind not in {"checkbox", "radio", "hidden", "submit"}:
            self._open.typed.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""
