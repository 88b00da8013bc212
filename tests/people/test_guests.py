import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import cast

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from atrium.environment import CHECKOUT
from atrium.events.actions import tell
from atrium.events.models import RecordedEvent, Stream
from atrium.files.models import File
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.kit.limits import LIMITS
from atrium.options.actions import set_option
from atrium.people.actions import TooManyGuests, claim_guest, guests, welcome_guest
from atrium.people.actions.guests import let_guests_expire, remove_idle_guests
from atrium.people.middleware import caller, sessions
from atrium.people.models import Guest, User
from atrium.people.queries import GUEST_COOKIE, caller_of, guest_with_token
from tests import make
from tests.conftest import Clock


def visit(*, cookie: str = "", become: bool = True) -> tuple[HttpRequest, HttpResponse]:
    """Send one request through the middleware to a page that needs somebody."""

    def page(request: HttpRequest) -> HttpResponse:
        if become:
            request.become_guest()  # type: ignore[attr-defined]
        return HttpResponse(request.caller.audience)  # type: ignore[attr-defined]

    request = RequestFactory().get("/")
    if cookie:
        request.COOKIES[GUEST_COOKIE] = cookie
    return request, cast(HttpResponse, sessions(caller(page))(request))


@pytest.mark.django_db
def test_a_visitor_becomes_one_guest_and_stays_the_same() -> None:
    _request, first = visit()
    cookie = first.cookies[GUEST_COOKIE]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 365 * 24 * 3600
    _request, second = visit(cookie=cookie.value)
    assert first.content == second.content == f"guest:{Guest.objects.get().pk}".encode()
    assert GUEST_COOKIE not in second.cookies


@pytest.mark.django_db
def test_who_only_looks_becomes_nobody() -> None:
    _request, answer = visit(become=False)

    assert answer.content == b""
    assert not Guest.objects.exists()
    assert not answer.cookies


@pytest.mark.django_db
def test_the_token_is_kept_as_a_hash() -> None:
    guest, token = welcome_guest(at=kit_clock.now())

    assert token not in guest.token_hash
    assert guest_with_token(token) == guest


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token", ["", "x", "atr_guest_", "atr_key_" + "a" * 39, "\ud800", "a" * 999]
)
def test_a_made_up_cookie_is_nobodys(token: str) -> None:
    assert guest_with_token(token) is None
    assert caller_of(cookies={GUEST_COOKIE: token}).is_nobody


@pytest.mark.django_db
def test_the_cookie_is_renewed_a_day_later(clock: Clock) -> None:
    _guest, token = welcome_guest(at=clock.now)
    clock.forward(days=1, seconds=1)

    _request, answer = visit(cookie=token)

    assert answer.cookies[GUEST_COOKIE].value == token
    assert Guest.objects.get().last_seen_at == clock.now


@pytest.mark.django_db
def test_a_claimed_guests_cookie_opens_nothing(alice: User) -> None:
    guest, token = welcome_guest(at=kit_clock.now())
    claim_guest(guest=guest, person=alice, at=kit_clock.now())

    assert guest_with_token(token) is None
    event = RecordedEvent.objects.get(name="people.GuestClaimed")
    assert event.payload["guest_id"] == str(guest.pk)


@pytest.mark.django_db
def test_one_network_makes_only_so_many_guests(clock: Clock) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guests, "LIMITS", replace(LIMITS, guests_per_address_an_hour=2))
        for _ in range(2):
            welcome_guest(at=clock.now, address="192.0.2.1")
        with pytest.raises(TooManyGuests) as refused:
            welcome_guest(at=clock.now, address="192.0.2.1")
        assert refused.value.retry_at
        welcome_guest(at=clock.now, address="192.0.2.2")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_a_guest_one_does() -> None:
    guest, _token = welcome_guest(at=kit_clock.now())
    people, gate = [make.person() for _ in range(8)], Barrier(8)

    def claim(person: User) -> bool:
        gate.wait()
        try:
            return claim_guest(guest=guest, person=person, at=kit_clock.now()) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(claim, people))

    assert won.count(True) == 1
    guest.refresh_from_db()
    assert guest.claimed_by == people[won.index(True)]


@pytest.mark.once
def test_over_tls_the_cookie_is_bound_to_this_very_host(tmp_path: Path) -> None:
    """Asked of a process of its own: names are chosen once, at its start."""
    code = (
        "import django; django.setup()\n"
        "from django.test import RequestFactory; from django.http import HttpResponse\n"
        "from atrium.people.middleware import caller\n"
        "request = RequestFactory().get('/'); request.new_guest_token = 'x'\n"
        "print(caller(lambda request: HttpResponse())(request).cookies.output())\n"
    )
    told = {"ATRIUM_DATA": str(tmp_path), "ATRIUM_PUBLIC_URL": "https://atrium.example"}
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"DJANGO_SETTINGS_MODULE": "atrium.settings", "PATH": "/usr/bin", **told},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said.startswith("Set-Cookie: __Host-guest=x;")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(said.strip().split("; "))
    assert "Domain" not in said


# Guests who do not come back


def away(days: int, **fields: object) -> Guest:
    """Make a guest who was last seen so many days ago."""
    return make.guest(last_seen_at=kit_clock.now() - timedelta(days=days), **fields)


@pytest.mark.django_db
def test_who_made_nothing_is_removed_a_month_later(alice: User) -> None:
    gone, recent, claimed = away(31), away(29), away(31)
    claim_guest(guest=claimed, person=alice, at=kit_clock.now())
    owner = away(31)
    make.kept_file(by=owner)
    tell(f"guest:{gone.pk}", "test.said", {}, at=kit_clock.now())

    assert remove_idle_guests(at=kit_clock.now()) == 1

    assert set(Guest.objects.all()) == {recent, claimed, owner}
    assert not Stream.objects.filter(audience=f"guest:{gone.pk}").exists()


@pytest.mark.django_db(transaction=True)
def test_what_guests_made_goes_when_its_days_are_over(alice: User) -> None:
    stale, recent, claimed = away(91), away(89), away(91)
    for guest in (stale, recent, claimed):
        make.kept_file(by=guest)
    claim_guest(guest=claimed, person=alice, at=kit_clock.now())

    assert let_guests_expire(at=kit_clock.now()) == 1
    run_due()

    left = File.objects.filter(purged_at=None)
    assert set(left.values_list("guest", flat=True)) == {recent.pk, claimed.pk}
    assert let_guests_expire(at=kit_clock.now()) == 0


@pytest.mark.django_db
def test_with_no_days_it_is_kept_for_ever() -> None:
    set_option(key="guests.kept_days", text="0", by="system", at=kit_clock.now())
    make.kept_file(by=away(3000))

    assert let_guests_expire(at=kit_clock.now()) == 0


@pytest.mark.django_db
def test_the_network_is_kept_as_a_hash() -> None:
    one, _token = welcome_guest(at=kit_clock.now(), address="192.0.2.1")
    two, _token = welcome_guest(at=kit_clock.now(), address="192.0.2.1")
    other, _token = welcome_guest(at=kit_clock.now(), address="192.0.2.2")

    assert one.network == two.network != other.network
    assert "192" not in one.network


# What a guest is told


@pytest.mark.django_db
def test_a_guest_reads_for_how_long_it_is_kept(client: Client) -> None:
    guest, token = welcome_guest(at=kit_clock.now())
    make.kept_file(by=guest)
    client.cookies[GUEST_COOKIE] = token

    page = client.get("/privacy/here").content.decode()

    assert "In this browser you made: 1 file." in page
    assert "kept for 90 days after your last visit" in page
    assert "You are a guest" in client.get("/files").content.decode()


@pytest.mark.django_db
def test_who_is_nobody_or_a_member_is_told_nothing_of_guests(client: Client, alice: User) -> None:
    assert "You are a guest" not in client.get("/").content.decode()
    client.force_login(alice)
    assert "You are a guest" not in client.get("/files").content.decode()
