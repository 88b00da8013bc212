"""The pages on which a person changes what is theirs, and the cards that make up the security page.

A noun registers its page or its card beside the view; nobody edits a list of all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from atrium.people.caller import Caller


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A tab above the settings; its template extends ``people/settings_page.html``."""

    key: str
    title: str | Promise
    url_name: str
    order: int
    shown_to: Callable[[Caller], bool] = lambda caller: caller.is_member

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class SecurityCard:
    """A piece of the security page: a plain include, and what it shows of who asks."""

    template: str
    order: int
    context: Callable[[HttpRequest], Mapping[str, Any]]


_pages: dict[str, SettingsPage] = {}
_cards: dict[str, SecurityCard] = {}


def register(page: SettingsPage) -> None:
    _pages[page.key] = page


def register_card(card: SecurityCard) -> None:
    _cards[card.template] = card


def settings_pages(caller: Caller) -> list[SettingsPage]:
    """Return every registered page that is for this caller, in its order."""
    shown = [page for page in _pages.values() if page.shown_to(caller)]
    return sorted(shown, key=lambda page: page.order)


def security_cards() -> list[SecurityCard]:
    """Return every registered card in its order."""
    return sorted(_cards.values(), key=lambda card: card.order)


def page_at(path: str) -> str:
    """Return the key of the page that lies at ``path``, or of the one it lies under."""
    found = [
        page for page in _pages.values() if path == page.url or path.startswith(f"{page.url}/")
    ]
    return max(found, key=lambda page: len(page.url)).key if found else ""
