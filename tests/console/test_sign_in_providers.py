import re

import pytest
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.people.models import SignInProvider, User
from tests import make
from tests.console.conftest import Enter

pytestmark = pytest.mark.django_db
LIST = "/console/people/signinprovider/"
TOLD = {
    "kind": "openid_connect",
    "slug": "house",
    "name": "The house",
    "client_id": "atrium",
    "secret": "hush hush",
    "server_url": "https://id.example.org",
    "is_enabled": "on",
    "order": "10",
}


def test_an_administrator_adds_one_and_the_secret_is_never_shown(operator: Client) -> None:
    assert operator.post(f"{LIST}new/", TOLD).status_code == 302

    row = SignInProvider.objects.get()
    assert (row.secret, "hush" in row.sealed_secret) == ("hush hush", False)
    shown = operator.get(f"{LIST}{row.pk}/change/").content.decode()
    asked = operator.get(f"{LIST}{row.pk}/do/change/").content.decode()
    assert "hush" not in shown + asked
    assert "/accounts/oidc/house/login/callback/" in shown
    assert "hush" not in str(list(AuditEntry.objects.values()))


def test_the_secret_is_asked_for_where_the_provider_shows_it(operator: Client) -> None:
    page = operator.get(f"{LIST}new/").content.decode()

    asked = re.findall(r'name="(kind|slug|name|client_id|secret|server_url|order)"', page)
    assert asked == ["kind", "slug", "name", "client_id", "secret", "server_url", "order"]


def test_an_empty_secret_keeps_the_one_that_was_set(operator: Client) -> None:
    operator.post(f"{LIST}new/", TOLD)
    row = SignInProvider.objects.get()

    operator.post(f"{LIST}{row.pk}/do/change/", {**TOLD, "secret": "", "name": "Another"})

    row.refresh_from_db()
    assert (row.name, row.secret) == ("Another", "hush hush")
    assert AuditEntry.objects.filter(action="sign_in_provider.changed").count() == 1


def test_its_kind_and_short_name_stay(operator: Client) -> None:
    operator.post(f"{LIST}new/", TOLD)
    row = SignInProvider.objects.get()

    operator.post(f"{LIST}{row.pk}/do/change/", {**TOLD, "slug": "other", "kind": "google"})

    row.refresh_from_db()
    assert (row.slug, row.kind) == ("house", "openid_connect")


def test_a_known_kind_is_called_like_its_kind(operator: Client) -> None:
    operator.post(f"{LIST}new/", {**TOLD, "kind": "github", "slug": "mine"})

    assert SignInProvider.objects.get().slug == "github"


def test_there_is_one_of_a_name(operator: Client) -> None:
    operator.post(f"{LIST}new/", TOLD)

    assert operator.post(f"{LIST}new/", TOLD).status_code == 422
    assert SignInProvider.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"server_url": ""}, "needs an address"),
        ({"slug": "Not Good"}, "Small letters"),
        ({"slug": ""}, "cannot be blank"),
        ({"server_url": "javascript:alert(1)"}, "valid URL"),
        ({"kind": "other"}, "valid choice"),
    ],
)
def test_what_cannot_work_is_refused_beside_the_field(
    operator: Client, told: dict[str, str], said: str
) -> None:
    answer = operator.post(f"{LIST}new/", {**TOLD, **told})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not SignInProvider.objects.exists()


def test_staff_see_nothing_of_it(enter: Enter) -> None:
    sally: User = make.person(username="sally", staff_areas=["support"])

    assert enter(sally).get(LIST).status_code in {403, 404}
