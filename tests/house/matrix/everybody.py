"""Everybody who asks: the roles, and what each brings along."""

from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie

from django.test import Client

from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.people import access_tokens
from atrium.people.actions import (
    end_family,
    issue_key,
    open_family,
    revoke_key,
    suspend,
    welcome_guest,
)
from atrium.people.models import ApiKey, Joining, TokenFamily, User
from atrium.people.queries import GUEST_COOKIE
from atrium.people.scopes import SCOPES
from tests import make
from tests.house.matrix.belongings import Belongings, belongings_of, of_the_house


@dataclass
class Role:
    """One who asks; ``things`` are what addresses name when this one asks."""

    name: str
    things: Belongings
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    headers: dict[str, str] = field(default_factory=dict)
    app: TokenFamily | None = None

    def sent(self) -> dict[str, str]:
        """Return the headers that go along; an app's access token is fresh, as it lasts minutes."""
        if self.app is None:
            return self.headers
        named = {"person_id": self.app.person_id, "family_id": self.app.pk}
        return {"Authorization": f"Bearer {access_tokens.write(**named, at=clock.now())}"}


ROLES = (
    *("nobody", "guest", "other-guest", "owner", "stranger", "unverified", "suspended"),
    *("support", "finance", "moderation", "admin"),
    *("key-read", "key-write", "key-account", "key-models", "other-key"),
    *("expired-key", "revoked-key", "suspended-key"),
    *("app", "ended-app"),
)
WAITS = "unverified"
"""Somebody whose address is to be confirmed before the account opens."""
KEYS = {"key-read", "key-write", "key-account", "key-models", "other-key", "app"}
"""Keys that work: the owner's with one scope each, a stranger's with all of them; and an app in
which the owner signed in, which is to the API as a key with all of them."""
DEAD_KEYS = {"expired-key", "revoked-key", "ended-app"}
KEPT_OUT = "suspended-key"
"""A key that would work, were its person not suspended."""
STAFF = {"support", "finance", "moderation", "admin"}
MEMBERS = {"owner", "stranger", *STAFF}
OWNERS = {"guest", "owner", "key-read", "key-write", "key-account", "key-models", "app"}
"""Who asks for what is their own; everybody else asks for what is the owner's."""
ELSEWHERE = "203.0.113.9"


class Everybody:
    """All roles, the owner's and the guest's belongings, and a browser for whoever asks."""

    def __init__(self) -> None:
        offer_built_in()
        self.alice = make.person(username="alice", email="alice@example.org", display_name="Alice")
        self.charlie = make.person(username="charlie")
        self.guest, token = welcome_guest(at=clock.now())
        _other, other_token = welcome_guest(at=clock.now())
        house = {
            **of_the_house(),
            "app_label": "people",
            "name": "leaf.png",
            "number": "1",
            "welcome": "nothing",
        }
        self.owned = belongings_of(self.alice)
        self.owned.called = {**house, **self.owned.called, "people.guest": str(self.guest.pk)}
        of_guest = belongings_of(self.guest)
        of_guest.called = {**self.owned.called, **of_guest.called}
        self.client = Client(raise_request_exception=False, REMOTE_ADDR=ELSEWHERE)
        self.roles = {name: Role(name, self.owned) for name in ROLES}
        self.roles["guest"].things = of_guest
        self._guests({"guest": token, "other-guest": other_token})
        self._members()
        self._keys()
        self._apps()

    def _guests(self, tokens: dict[str, str]) -> None:
        for name, token in tokens.items():
            self.roles[name].cookies[GUEST_COOKIE] = token

    def _members(self) -> None:
        people = {"owner": self.alice, "stranger": self.charlie}
        for area in User.STAFF_AREAS:
            people[area] = make.person(username=area, staff_areas=[area])
        people["admin"] = make.admin()
        for name, person in people.items():
            self.roles[name].cookies = make.enter(Client(), person).cookies
        waiting = make.person(username="unverified")
        User.objects.filter(pk=waiting.pk).update(waits_since=clock.now())
        Joining.objects.create(
            person=waiting, waits_for=Joining.WaitsFor.ADDRESS, asked_at=clock.now()
        )
        self.roles[WAITS].cookies = make.enter(Client(), waiting).cookies
        self._suspended()

    def _suspended(self) -> None:
        """Somebody who gave the right password and so may read why they are kept out."""
        now = clock.now()
        person = make.person(username="suspended", password=make.PASSWORD)
        _key, token = issue_key(person=person, name="nightly", scopes=list(SCOPES), at=now)
        self.roles[KEPT_OUT].headers = {"Authorization": f"Bearer {token}"}
        suspend(person=person, reason="It was late.", by="system", at=now)
        browser = Client()
        browser.post("/sign-in", {"username": "suspended", "password": make.PASSWORD})
        self.roles["suspended"].cookies = browser.cookies

    def _keys(self) -> None:
        now = clock.now()
        for name, person, scopes in (
            ("key-read", self.alice, ["read"]),
            ("key-write", self.alice, ["write"]),
            ("key-account", self.alice, ["account"]),
            ("key-models", self.alice, ["models"]),
            ("other-key", self.charlie, list(SCOPES)),
            ("expired-key", self.alice, list(SCOPES)),
            ("revoked-key", self.alice, list(SCOPES)),
        ):
            key, token = issue_key(person=person, name=name, scopes=scopes, at=now)
            self.roles[name].headers = {"Authorization": f"Bearer {token}"}
            if name == "expired-key":
                ApiKey.objects.filter(pk=key.pk).update(expires_at=now - timedelta(seconds=1))
            if name == "revoked-key":
                revoke_key(key=key, at=now)

    def _apps(self) -> None:
        for name in ("app", "ended-app"):
            self.roles[name].app = open_family(person=self.alice, at=clock.now()).family
        assert self.roles["ended-app"].app
        end_family(family=self.roles["ended-app"].app, at=clock.now())
