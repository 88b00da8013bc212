"""What stands around each page: the rooms, the recent, the meter, the theme and the language."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi

from atrium.web.policy import Policy, Who, may

NEWS_SPREAD = 3_000  # milliseconds
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Badge:
    """A number beside a room's title, hidden at 0; ``live:<kind>`` brings it anew as ``field``."""

    count: Callable[[HttpRequest], int]
    said: str | Promise
    kind: str
    field: str


@dataclass(frozen=True, slots=True)
class Room:
    """An entry of the shell; ``who`` may see it, and options may close it.

    ``api`` is the word, or the words, that its operations lie under after the version, when that is
    not the key.
    """

    key: str
    title: str | Promise
    url_name: str
    icon: str
    order: int
    who: Who = "anyone"
    badge: Badge | None = None
    api: str | tuple[str, ...] = ""

    @property
    def url(self) -> str:
        return _address(self.url_name, get_urlconf())


@lru_cache(maxsize=200)
def _address(url_name: str, urlconf: str | None) -> str:
    # A page names each room three times, and an address of ours never changes.
    return reverse(url_name, urlconf)


@dataclass(frozen=True, slots=True)
class Recent:
    """A line of the rail that leads back to what the caller had open."""

    title: str
    url: str


News = Callable[[HttpRequest], SafeString]
Meter = Callable[[HttpRequest], Mapping[str, Any] | None]
_rooms: dict[str, Room] = {}
_meters: list[tuple[int, Meter]] = []
_news: list[News] = []
_feet: list[Callable[[HttpRequest], Iterable["Recent"]]] = []
_keepers: list[Callable[[HttpRequest, dict[str, str]], object]] = []
_recents: list[Callable[[HttpRequest], Iterable[Recent]]] = []


def _always_open(key: str) -> bool:
    return bool(key)


room_is_open: Callable[[str], bool] = _always_open
"""Replaced by ``options``: whether the operator has the room of this key switched on."""


def register_room(room: Room) -> None:
    _rooms[room.key] = room


def register_meter(meter: Meter, *, order: int = 100) -> None:
    """Show what ``meter`` returns in the rail's card: ``label used of said note value action url``.

    ``used`` and ``of`` are numbers, ``said`` is how they read, ``value`` is gold (credits),
    ``action`` the words on a button, ``label_url`` where the label leads, ``kind`` how the bar
    looks. The first by ``order`` that returns something is shown; where none does, there is no
    card.
    """
    _meters.append((order, meter))
    _meters.sort(key=lambda one: one[0])


def register_news(news: News) -> None:
    """Show what ``news`` returns in a bar above every page; ``live:news`` has it fetched anew."""
    _news.append(news)


def register_foot(links: Callable[[HttpRequest], Iterable["Recent"]]) -> None:
    """List what ``links`` returns at the foot of the pages that strangers see."""
    _feet.append(links)


def register_recent(recent: Callable[[HttpRequest], Iterable[Recent]]) -> None:
    """List what ``recent`` returns under the rooms."""
    _recents.append(recent)


def on_preferences(keeper: Callable[[HttpRequest, dict[str, str]], object]) -> None:
    """Have ``keeper(request, chosen)`` told which ``theme`` or ``language`` somebody chose."""
    _keepers.append(keeper)


def keep_preferences(request: HttpRequest, chosen: dict[str, str]) -> None:
    for keeper in _keepers:
        keeper(request, chosen)


def all_rooms() -> list[Room]:
    """Every registered room in its order, open or not."""
    return sorted(_rooms.values(), key=lambda room: (room.order, room.key))


class Shell:
    """What the templates read as ``shell``; each member is looked up when it is first shown."""

    def __init__(self, request: HttpRequest, *, bare: bool = False) -> None:
        """Make the shell of ``request``; a ``bare`` one asks neither who it is nor the database."""
        self._request, self._bare = request, bare
        self.caller = None if bare else getattr(request, "caller", None)
        self.theme = theme_of(request, self.caller)
        self.language = get_language() or settings.LANGUAGE_CODE
        self.dir = "rtl" if get_language_bidi() else "ltr"
        self.public_address = settings.PUBLIC_ADDRESS
        self.development = not settings.PRODUCTION
        self._counts: dict[str, int] = {}

    @property
    def person(self) -> Any:
        return getattr(self.caller, "person", None)

    @property
    def audience(self) -> str:
        return getattr(self.caller, "audience", "")

    @cached_property
    def rooms(self) -> list[Room]:
        return [
            room
            for room in all_rooms()
            if room_is_open(room.key) and may(self.caller, Policy(room.who))
        ]

    @cached_property
    def current(self) -> str:
        """The key of the room this page lies in: the longest address that its path starts with."""
        path = self._request.path
        inside = [room for room in self.rooms if path == room.url or path.startswith(_under(room))]
        return max(inside, key=lambda room: len(room.url)).key if inside else ""

    def count_of(self, room: Room) -> int:
        """Return the number of a room's badge, counted once for a page that shows it thrice."""
        if room.badge is None:
            return 0
        if room.key not in self._counts:
            self._counts[room.key] = room.badge.count(self._request)
        return self._counts[room.key]

    @cached_property
    def meter(self) -> Mapping[str, Any] | None:
        return next((found for _order, meter in _meters if (found := meter(self._request))), None)

    @cached_property
    def news(self) -> SafeString:
        """What the operator tells everybody; an error's page asks no database for it."""
        told = [] if self._bare else [news(self._request) for news in _news]
        return SafeString("".join(told))

    @property
    def news_delay(self) -> int:
        """How many milliseconds this page waits before it asks for news, lest all do at once."""
        return random.randint(0, NEWS_SPREAD)  # noqa: S311

    @cached_property
    def foot(self) -> list[Recent]:
        return [] if self._bare else [line for links in _feet for line in links(self._request)]

    @cached_property
    def recent(self) -> list[Recent]:
        return [line for recent in _recents for line in recent(self._request)]


def _under(room: Room) -> str:
    # A room at the root is open on its own page only; every path starts with a slash.
    return f"{room.url.rstrip('/')}/" if room.url != "/" else "//"


def theme_of(request: HttpRequest, caller: Any = None) -> str:
    """Return ``light``, ``dark`` or ``system``: this browser's choice, else the person's."""
    chosen = request.COOKIES.get("theme", "")
    if chosen not in (*THEMES, "system"):
        chosen = getattr(getattr(caller, "person", None), "theme", "")
    return chosen if chosen in THEMES else "system"


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every template its ``shell``."""
    return {"shell": Shell(request)}
