import re
from collections.abc import Iterator
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
from tests.people.vouching import CLIENT_ID, KNOWN_KEY, OTHER_KEY, SECRET, Vouching, vouching

pytestmark = pytest.mark.django_db
HOUSE = "/accounts/oidc/house/login/"


@pytest.fixture
def provider() -> Iterator[Vouching]:
    with vouching() as served:
        yield served


@pytest.fixture
def house(provider: Vouching) -> SignInProvider:
    row = SignInProvider(
        kind="openid_connect",
        slug="house",
        name="The house",
        client_id=CLIENT_ID,
        server_url=provider.address,
        made_at=clock.now(),
    )
    row.secret = SECRET
    row.save()
    return row


def there(client: Client, query: str = "", path: str = HOUSE) -> str:
    """Press the button, and return the address that the browser is led to."""
    answer = client.post(f"{path}{query}", {"next": "/settings"})
    assert answer.status_code == 200, answer
    found = re.search(r'url=([^"]+)"', answer.content.decode())
    assert found
    return unescape(found[1])


def sign_in(client: Client, provider: Vouching, **claims: Any) -> Any:
    return client.get(provider.go(there(client), **claims))


def choose(client: Client, name: str = "alice") -> Any:
    return client.post("/sign-up/finish", {"username": name})


def who(client: Client) -> str:
    return str(client.get("/api/v1/me").json().get("username", ""))


def test_without_keys_there_is_no_button(client: Client, house: SignInProvider) -> None:
    assert "The house" in client.get("/sign-in").content.decode()
    SignInProvider.objects.update(is_enabled=False)

    assert "The house" not in client.get("/sign-in").content.decode()
    assert client.post(HOUSE).status_code == 404
    assert client.post("/accounts/google/login/").status_code == 404


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
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True, primary=True)

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


def forged(provider: Vouching, how: str) -> None:
    """Make the provider's identity token bad in one way."""
    if how == "another key":
        provider.signs = OTHER_KEY
    elif how == "an unknown key":
        provider.header = {"kid": "two"}
    elif how == "no signature":
        provider.algorithm, provider.signs = "none", None
    elif how == "signed with the public key":
        provider.algorithm, provider.signs = "HS256", "k" * 64
    elif how == "none at all":
        provider.without_id_token = True


@pytest.mark.parametrize(
    "how",
    [
        *("another key", "an unknown key", "no signature", "signed with the public key"),
        "none at all",
    ],
)
def test_a_forged_identity_is_nobody(
    client: Client, provider: Vouching, house: SignInProvider, how: str
) -> None:
    forged(provider, how)

    assert sign_in(client, provider).status_code == 401
    assert not SocialAccount.objects.exists()
    assert "socialaccount_sociallogin" not in client.session


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another visit"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": [CLIENT_ID, "other"], "azp": "other"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 5000},
    ],
    ids=str,
)
def test_an_identity_for_another_visit_house_or_time_is_nobody(
    client: Client, provider: Vouching, house: SignInProvider, claims: dict[str, Any]
) -> None:
    assert sign_in(client, provider, **claims).status_code == 401
    assert not User.objects.exists()


def test_a_visit_is_answered_once_and_in_the_browser_that_began_it(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    back = provider.go(there(client))

    assert Client().get(back).status_code == 401
    assert client.get(back)["Location"] == "/sign-up/finish"
    assert client.get(back).status_code == 401


def test_a_code_of_another_visit_does_not_fit(
    client: Client, provider: Vouching, house: SignInProvider
) -> None:
    mine, theirs = provider.go(there(client)), provider.go(there(Client()))
    swapped = parse_qs(urlsplit(theirs).query)["code"][0]
    state = parse_qs(urlsplit(mine).query)["state"][0]

    answer = client.get(f"{HOUSE}callback/?code={swapped}&state={state}")

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize(
    "bad",
    [
        (500, {}, b"oh"),
        (200, {"Content-Type": "application/json"}, b"not json"),
        (200, {"Content-Type": "application/json"}, b"[]"),
        (200, {"Content-Type": "application/json"}, b'{"keys": 7, "access_token": 1}'),
        (200, {"Content-Type": "application/json"}, b"[" * 100_000),
        (200, {"Content-Type": "application/json"}, b"x" * 400_000),
        (302, {"Location": "http://127.0.0.1:1/"}, b""),
    ],
    ids=["500", "text", "list", "nonsense", "deep", "huge", "redirect"],
)
def test_a_provider_that_answers_badly_is_a_page_and_no_fault(
    client: Client,
    provider: Vouching,
    house: SignInProvider,
    path: str,
    bad: tuple[int, dict[str, str], bytes],
) -> None:
    back = provider.go(there(client))
    provider.instead[path] = bad

    assert client.get(back).status_code == 401
    assert not User.objects.exists()


def test_a_provider_that_is_down_is_a_page_too(client: Client, house: SignInProvider) -> None:
    SignInProvider.objects.update(server_url="http://127.0.0.1:9")

    assert client.post(HOUSE).status_code == 401


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


def test_the_known_key_is_not_the_other() -> None:
    assert KNOWN_KEY.private_numbers() != OTHER_KEY.private_numbers()
