from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from atrium.people.models import Invitation, SignInProvider, TermsAcceptance, User
from tests.people.test_joining_pages import link, option, terms
from tests.people.vouching import Vouching, choose, sign_in

pytestmark = pytest.mark.django_db
CLAIMS = {"email": "dora@example.org", "email_verified": True}


@pytest.fixture
def comes(client: Client, provider: Vouching, house: SignInProvider) -> Any:
    """Come from the provider for the first time, and choose a name."""

    def come(*, name: str = "dora", fields: dict[str, str] | None = None, **claims: Any) -> Any:
        answer = sign_in(client, provider, **{**CLAIMS, **claims})
        if fields is None:
            return choose(client, name) if answer.status_code == 302 else answer
        return client.post("/sign-up/finish", {"username": name, **fields})

    return come


def test_a_closed_house_is_closed_at_this_door_too(client: Client, comes: Any) -> None:
    option("people.sign_up", "invitation")

    answer = comes()

    assert "Accounts are made by invitation here" in answer.content.decode()
    assert not User.objects.exists()
    client.get(link())
    assert comes().status_code == 302
    assert Invitation.objects.get(joinings__person__username="dora").uses_left == 0


def test_who_comes_by_a_provider_waits_like_others(client: Client, comes: Any) -> None:
    option("people.sign_up", "approval")

    comes()

    assert User.objects.get().waits_since
    assert client.get("/files")["Location"].startswith("/waiting")


@pytest.mark.parametrize(
    ("claims", "may"),
    [
        ({}, True),
        ({"email_verified": False}, False),
        ({"email": "dora@elsewhere.example"}, False),
        ({"email": None}, False),
    ],
)
def test_an_address_of_ours_that_the_provider_verified_opens_at_once(
    comes: Any, claims: dict[str, Any], *, may: bool
) -> None:
    option("people.sign_up", "domain")
    option("people.sign_up_domains", "example.org")

    answer = comes(**claims)

    if may:
        assert User.objects.get().waits_since is None
        assert EmailAddress.objects.get().verified
    else:
        assert answer.status_code == 422
        assert not User.objects.exists()


def test_terms_are_asked_at_this_door_too(client: Client, comes: Any) -> None:
    version = terms()
    assert comes(fields={}).status_code == 422
    assert not User.objects.exists()

    assert comes(fields={"terms": "on", "versions": str(version.pk)}).status_code == 302
    assert TermsAcceptance.objects.get().version == version
    assert client.get("/settings").status_code == 200
