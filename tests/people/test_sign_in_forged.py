from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from atrium.people.models import SignInProvider, User
from tests.people.vouching import CLIENT_ID, HOUSE, OTHER_KEY, Vouching, sign_in, there

pytestmark = pytest.mark.django_db


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
