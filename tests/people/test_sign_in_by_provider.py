import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.kit import clock
from atrium.people import vouching as door
from atrium.people.models import Session, SignInProvider, User
from tests import make
from tests.people.vouching import (
    CLIENT_ID,
    HOUSE,
    OTHER_KEY,
    SECRET,
    Vouching,
    choose,
    sign_in,
    there,
    who,
)

pytestmark = pytest.mark.django_db


def test_without_keys_there_is_no_button(client: Client, house: SignInProvider) -> None:
    assert "The house" in client.get("/sign-in").content.decode()
    SignInProvider.objects.update(is_enabled=False)

    assert "The house" not in client.get("/sign-in").content.decode()
    assert client.post(HOUSE).status_code == 404
    assert client.post("/accounts/google/login/").status_code == 404


def test_who_came_by_a_provider_that_is_off_now_still_sees_it_listed(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    back = provider.go(there(client))
    client.get(back)
    choose(client)
    waiting = Client()
    later = provider.go(there(waiting))
    SignInProvider.objects.update(is_enabled=False)

    assert waiting.get(later).status_code == 404
    assert client.get("/settings/security").status_code == 200
    listed = client.get("/_allauth/browser/v1/account/providers").json()["data"]
    assert [one["provider"]["name"] for one in listed] == ["The house"]


def test_somebody_new_chooses_a_name_and_is_in(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    answer = sign_in(client, provider, email="alice@example.org", email_verified=True)
    assert answer["Location"] == "/sign-up/finish"
    assert 'value="alice"' in client.get("/sign-up/finish").content.decode()

    answer = choose(client)

    assert answer["Location"] == "/settings"
    alice = User.objects.get(username="alice")
    assert who(client) == "alice"
    assert (alice.email, alice.has_usable_password()) == ("alice@example.org", False)
    assert EmailAddress.objects.filter(user=alice, verified=True, primary=True).count() == 1
    assert AuditEntry.objects.filter(action="people.provider_connected").count() == 1


def test_two_providers_may_know_us_by_the_same_client_id(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    other = SignInProvider(
        kind="openid_connect",
        slug="garden",
        name="The garden",
        client_id=CLIENT_ID,
        server_url=provider.address,
        made_at=clock.now(),
    )
    other.secret = SECRET
    other.save()
    assert sign_in(client, provider, email="alice@example.org")["Location"] == "/sign-up/finish"

    assert client.get("/sign-up/finish").status_code == 200
    choose(client)

    assert who(client) == "alice"


def test_who_comes_again_is_the_same_whatever_changed_there(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    sign_in(client, provider, email="alice@example.org", email_verified=True)
    choose(client)
    again = Client()

    answer = sign_in(again, provider, email="new@example.org", preferred_username="other")

    assert answer["Location"] == "/settings"
    assert who(again) == "alice"
    assert User.objects.count() == 1


def test_no_token_is_kept_anywhere(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    sign_in(client, provider, email="alice@example.org", email_verified=True)
    waiting = Session.objects.get().payload
    choose(client)

    assert not SocialToken.objects.exists()
    assert "access-code" not in waiting
    assert "access-code" not in str(list(SocialAccount.objects.values()))
    assert SECRET not in str(list(SignInProvider.objects.values()))


@pytest.mark.parametrize("verified", [False, None, "true", 1, "false"])
def test_an_address_that_is_not_surely_verified_takes_nobody_over(
    client: Client, provider: Vouching, house: SignInProvider, verified: Any
) -> None:
    bob = make.person(username="bob", email="bob@example.org")
    EmailAddress.objects.update_or_create(
        user=bob, email="bob@example.org", defaults={"verified": True, "primary": True}
    )

    answer = sign_in(client, provider, email="bob@example.org", email_verified=verified)

    assert answer["Location"] == "/sign-up/finish"
    choose(client, "mallory")
    assert who(client) == "mallory"
    assert User.objects.get(username="mallory").email == ""
    assert not SocialAccount.objects.filter(user=bob).exists()


def test_nor_does_a_verified_one_that_was_never_confirmed_here(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    bob = make.person(username="bob", email="bob@example.org")
    EmailAddress.objects.get_or_create(user=bob, email="bob@example.org", primary=True)
    EmailAddress.objects.update(verified=False)

    sign_in(client, provider, email="bob@example.org", email_verified=True)
    choose(client, "mallory")

    assert not SocialAccount.objects.filter(user=bob).exists()
    assert User.objects.get(username="mallory").email == ""


def test_an_address_verified_there_and_here_is_the_same_person(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    bob = make.person(username="bob", email="bob@example.org")
    EmailAddress.objects.update_or_create(
        user=bob, email="bob@example.org", defaults={"verified": True, "primary": True}
    )

    answer = sign_in(client, provider, email="Bob@Example.org", email_verified=True)

    assert answer["Location"] == "/settings"
    assert who(client) == "bob"
    assert SocialAccount.objects.get().user == bob
    assert AuditEntry.objects.filter(action="people.provider_connected").count() == 1


def test_who_says_no_is_told_that_nothing_changed(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    state = parse_qs(urlsplit(there(client)).query)["state"][0]

    answer = client.get(f"{HOUSE}callback/?error=access_denied&state={state}", follow=True)

    assert answer.status_code == 200
    assert "You said no" in answer.content.decode()


def test_it_leads_nowhere_else_afterwards(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    answer = client.post(HOUSE, {"next": "https://evil.example/"})
    found = re.search(r'url=([^"]+)"', answer.content.decode())
    assert found

    client.get(provider.go(unescape(found[1])))

    assert choose(client)["Location"] == "/"


def test_the_way_back_is_the_public_address_whatever_the_host(
    provider: Vouching, house: SignInProvider, settings: Any
) -> None:
    client = Client(headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    asked = parse_qs(urlsplit(there(client)).query)

    assert asked["redirect_uri"][0] == f"{settings.PUBLIC_ADDRESS}{HOUSE}callback/"
    assert {"nonce", "state", "code_challenge"} <= asked.keys()


def test_a_member_connects_and_disconnects(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    make.person(username="alice", password=make.PASSWORD)
    client.post("/sign-in", {"username": "alice", "password": make.PASSWORD})

    client.get(provider.go(there(client, "?process=connect")))

    account = SocialAccount.objects.get()
    assert account.user.username == "alice"
    assert "The house" in client.get("/settings/security").content.decode()
    client.post(f"/settings/sign-ins/{account.pk}/remove")
    assert not SocialAccount.objects.exists()


def test_what_opens_anothers_account_is_not_connected(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    sign_in(client, provider)
    choose(client)
    other = Client()
    make.person(username="bob", password=make.PASSWORD)
    other.post("/sign-in", {"username": "bob", "password": make.PASSWORD})

    other.get(provider.go(there(other, "?process=connect")))

    assert SocialAccount.objects.get().user.username == "alice"


def test_the_last_way_in_stays(client: Client, provider: Vouching, house: SignInProvider) -> None:
    sign_in(client, provider)
    choose(client)
    account = SocialAccount.objects.get()

    answer = client.post(f"/settings/sign-ins/{account.pk}/remove")

    assert answer.status_code == 409
    assert SocialAccount.objects.exists()


def test_a_strangers_connection_is_not_there(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    sign_in(client, provider)
    choose(client)
    stranger = Client()
    make.person(username="bob", password=make.PASSWORD)
    stranger.post("/sign-in", {"username": "bob", "password": make.PASSWORD})

    gone = stranger.post(f"/settings/sign-ins/{SocialAccount.objects.get().pk}/remove")

    assert gone.status_code == 404


def test_a_taken_name_is_refused_and_asked_again(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    make.person(username="alice")
    sign_in(client, provider)

    assert choose(client).status_code == 422
    assert choose(client, "alice2")["Location"] == "/settings"


def test_what_a_guest_made_comes_along(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    client.post("/api/v1/files?name=a.txt", b"A line.", content_type="text/plain")
    sign_in(client, provider)
    choose(client)

    assert len(client.get("/api/v1/files").json()["items"]) == 1


def test_an_app_brings_an_identity_token(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    def bring(token: str) -> Any:
        asked = {
            "provider": "house",
            "process": "login",
            "token": {"client_id": CLIENT_ID, "id_token": token},
        }
        return client.post(
            "/_allauth/app/v1/auth/provider/token", asked, content_type="application/json"
        )

    forged_one = jwt.encode({"sub": "x", "iss": provider.address}, OTHER_KEY, algorithm="RS256")
    assert bring(forged_one).status_code == 400
    answer = bring(provider.identity(jti="once"))
    assert answer.status_code == 401
    flows = {flow["id"]: flow for flow in answer.json()["data"]["flows"]}
    assert flows["provider_signup"]["is_pending"] is True


def facebook_says(provider: Vouching, said: bytes) -> SignInProvider:
    row = SignInProvider(
        kind="facebook", slug="facebook", name="Facebook", client_id=CLIENT_ID, made_at=clock.now()
    )
    row.secret = SECRET
    row.save()
    as_json = {"Content-Type": "application/json"}
    provider.instead["/facebook"] = (200, as_json, said)
    provider.instead["/facebook-token"] = (200, as_json, b'{"access_token": "of facebook"}')
    return row


def test_facebook_is_asked_by_our_own_door_and_its_addresses_are_never_verified(
    client: Client, provider: Vouching
) -> None:
    facebook_says(provider, b'{"id": "77", "name": "Bob B", "email": "bob@example.org"}')
    bob = make.person(username="bob", email="bob@example.org")
    EmailAddress.objects.update_or_create(
        user=bob, email="bob@example.org", defaults={"verified": True, "primary": True}
    )
    asked: list[str] = []

    def detour(url: str) -> str:
        asked.append(urlsplit(url).netloc)
        return f"{provider.address}/facebook{'-token' if 'access_token?' in url else ''}"

    door.use(detour)
    try:
        location = there(client, path="/accounts/facebook/login/")
        state = parse_qs(urlsplit(location).query)["state"][0]
        answer = client.get(f"/accounts/facebook/login/callback/?code=c&state={state}")
    finally:
        door.use(None)

    assert set(asked) == {"graph.facebook.com"}
    assert answer["Location"] == "/sign-up/finish"
    assert not SocialAccount.objects.exists()
