"""What stands on the wallet's page: cards and links that each room brings.

A card's template is a plain include inside a ``.card``; it is shown with what ``context`` returns,
and left out when that is None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.functional import Promise

from atrium.people.caller import Caller

Context = Callable[[HttpRequest], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card; ``place`` is the wide column, or the narrow one beside it."""

    key: str
    order: int
    template: str
    context: Context
    place: Literal["main", "side"] = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A button in the wallet's bar; the first that ``buys`` is where to go when credits lack."""

    key: str
    order: int
    title: str | Promise
    url_name: str
    icon: str = ""
    buys: bool = False
    when: Callable[[Caller], bool] = lambda _caller: True


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with what it says to this caller."""

    card: Card
    told: Mapping[str, Any]


_cards: dict[str, Card] = {}
_links: dict[str, Link] = {}


def register(card: Card) -> None:
    """Show the card on the wallet's page."""
    _cards[card.key] = card


def register_link(link: Link) -> None:
    """Show the button in the wallet's bar."""
    _links[link.key] = link


def cards_for(request: HttpRequest, place: str) -> list[Shown]:
    """Return the cards of one column in their order."""
    placed = (card for card in _cards.values() if card.place == place)
    in_order = sorted(placed, key=lambda card: (card.order, card.key))
    told = ((card, card.context(request)) for card in in_order)
    return [Shown(card, said) for card, said in told if said is not None]


def links_for(caller: Caller) -> list[Link]:
    """Return the buttons of the wallet's bar in their order."""
    in_order = sorted(_links.values(), key=lambda link: (link.order, link.key))
    return [link for link in in_order if link.when(caller)]


def where_to_buy(caller: Caller) -> Link | None:
    """Return the button that leads to more credits, when a room brought one."""
    return next((link for link in links_for(caller) if link.buys), None)
