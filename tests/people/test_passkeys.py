"""What makes a passkey count: our challenge, our address, its owner's yes, its own signature."""

import json
from typing import Any

import pytest
from django.test import Client

from atrium.kit.limits import LIMITS
from atrium.people.attempts import Bound, count
from atrium.people.models import User
from atrium.people.second_factor import passkeys_of, passkeys_work
from tests import make
from tests.conftest import Clock
from tests.people.second_step import Device, give_app, give_passkey

SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
HOUSE = "https://atrium.example.org"


@pytest.fixture(autouse=True)
def _house(settings: Any) -> None:
    settings.PUBLIC_ADDRESS = HOUSE


@pytest.fixture
def phone() -> Device:
    return Device(origin=HOUSE, name="atrium.example.org")


@pytest.fixture
def dora(db: None, phone: Device) -> User:
    person = make.person(username="dora", password=make.PASSWORD)
    give_passkey(person, device=phone)
    return person


def challenge_of(client: Client) -> str:
    asked = client.get("/sign-in/passkey", headers=SCRIPT).json()["request_options"]["publicKey"]
    assert asked["rpId"] == "atrium.example.org"
    assert asked["userVerification"] == "required"
    return str(asked["challenge"])


def bring(client: Client, credential: Any) -> Any:
    return client.post("/sign-in/passkey", {"credential": json.dumps(credential), "next": "/files"})


def is_in(client: Client) -> bool:
    return bool(client.get("/settings").status_code == 200)


def test_a_passkey_lets_its_owner_in(client: Client, dora: User, phone: Device) -> None:
    answer = bring(client, phone.signed(challenge_of(client)))

    assert answer["Location"] == "/files"
    assert is_in(client)


def test_a_name_in_the_request_changes_nothing(client: Client, dora: User, phone: Device) -> None:
    spoofed = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    asked = client.get("/sign-in/passkey", headers={**SCRIPT, **spoofed}).json()

    assert asked["request_options"]["publicKey"]["rpId"] == "atrium.example.org"


@pytest.mark.parametrize(
    "device",
    [
        {"origin": "https://evil.example", "name": "atrium.example.org"},
        {"origin": "https://chat.atrium.example.org", "name": "atrium.example.org"},
        {"origin": "http://atrium.example.org", "name": "atrium.example.org"},
        {"origin": "https://atrium.example.org:8443", "name": "atrium.example.org"},
        {"origin": HOUSE, "name": "example.org"},
    ],
)
def test_what_was_signed_for_another_address_opens_nothing(
    client: Client, dora: User, phone: Device, device: dict[str, str]
) -> None:
    phone.origin, phone.name = device["origin"], device["name"]

    answer = bring(client, phone.signed(challenge_of(client)))

    assert answer["Location"] == "/sign-in?next=%2Ffiles"
    assert not is_in(client)


def test_a_challenge_is_good_once_and_in_its_own_browser(
    client: Client, dora: User, phone: Device
) -> None:
    challenge = challenge_of(client)
    signed = phone.signed(challenge)
    elsewhere = Client()
    challenge_of(elsewhere)

    bring(elsewhere, signed)
    assert not is_in(elsewhere)
    bring(client, signed)
    assert is_in(client)
    client.post("/sign-out")
    bring(client, signed)
    assert not is_in(client)


def test_who_asks_too_often_is_told_to_wait(client: Client, dora: User, clock: Clock) -> None:
    bound = Bound(LIMITS.passkey_sign_ins_per_address_an_hour, 3600)
    for _ask in range(bound.limit):
        count("passkey:127.0.0.1", bound, at=clock.now)

    refused = client.get("/sign-in/passkey", headers=SCRIPT)

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) == 3600
    clock.forward(hours=1)
    assert challenge_of(client)


def test_what_allauth_counts_itself_is_refused_in_our_words(client: Client, dora: User) -> None:
    answers = [bring(client, {}) for _ask in range(61)]

    page = answers[-1]
    assert (page.status_code, "Wait a minute" in page.content.decode()) == (429, True)
    assert page["Retry-After"] == "60"


def test_without_its_owners_finger_a_passkey_opens_nothing(
    client: Client, dora: User, phone: Device
) -> None:
    bring(client, phone.signed(challenge_of(client), verified=False))

    assert not is_in(client)


def test_another_devices_signature_opens_nothing(client: Client, dora: User, phone: Device) -> None:
    thief = Device(origin=HOUSE, name="atrium.example.org")
    thief.id, thief.owner = phone.id, phone.owner

    bring(client, thief.signed(challenge_of(client)))

    assert not is_in(client)


def test_a_passkey_opens_its_own_account_only(client: Client, dora: User, phone: Device) -> None:
    root = make.admin()
    give_passkey(root, device=Device(origin=HOUSE, name="atrium.example.org"))
    phone.owner = str(root.pk.hex).encode()

    bring(client, phone.signed(challenge_of(client)))

    assert not is_in(client)


def test_who_was_suspended_does_not_come_in_by_a_passkey(
    client: Client, dora: User, phone: Device
) -> None:
    dora.is_active = False
    dora.save()

    bring(client, phone.signed(challenge_of(client)))

    assert not is_in(client)


def test_a_passkey_stands_for_the_code_after_the_password(
    client: Client, dora: User, phone: Device
) -> None:
    give_app(dora)
    client.post("/sign-in", {"username": "dora", "password": make.PASSWORD})
    page = client.get("/sign-in/second-factor")
    challenge = json.loads(page.context["options"])["publicKey"]["challenge"]

    answer = client.post(
        "/sign-in/second-factor", {"credential": json.dumps(phone.signed(challenge))}
    )

    assert answer.status_code == 302
    assert is_in(client)


def test_a_passkey_is_added_from_our_address_alone(client: Client, alice: User) -> None:
    make.enter(client, alice)
    good = Device(origin=HOUSE, name="atrium.example.org")
    elsewhere = Device(origin="https://evil.example", name="atrium.example.org")

    def add(device: Device, *, verified: bool = True) -> Any:
        options = json.loads(client.get("/settings/passkeys/add").context["options"])
        made = device.made(options["publicKey"]["challenge"], verified=verified)
        sent = {"name": "x" * 20, "credential": json.dumps(made)}
        return client.post("/settings/passkeys/add", sent)

    assert add(elsewhere).status_code == 422
    assert add(good, verified=False).status_code == 422
    assert passkeys_of(alice) == []
    assert add(good)["Location"] == "/settings/recovery-codes"
    assert [str(key) for key in passkeys_of(alice)] == ["x" * 20]


@pytest.mark.parametrize(
    ("address", "works"),
    [
        ("https://atrium.example.org", True),
        ("http://localhost:8000", True),
        ("http://atrium.example.org", False),
        ("https://192.168.1.5", False),
        ("http://127.0.0.1:8000", False),
    ],
)
def test_passkeys_need_a_name_and_a_safe_way_to_it(
    settings: Any, address: str, *, works: bool
) -> None:
    settings.PUBLIC_ADDRESS = address

    assert passkeys_work() is works
