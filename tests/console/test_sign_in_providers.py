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
    answer = operator.post(f"{LIST}add/", TOLD)

    assert answer.status_code == 302
    row = SignInProvider.objects.get()
    assert (row.secret, "hush" in row.sealed_secret) == ("hush hush", False)
    shown = operator.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "hush" not in shown
    assert "/accounts/oidc/house/login/callback/" in shown
    assert "hush" not in str(list(AuditEntry.objects.values()))


def test_an_empty_secret_keeps_the_one_that_was_set(operator: Client) -> None:
    operator.post(f"{LIST}add/", TOLD)
    row = SignInProvider.objects.get()

    operator.post(f"{LIST}{row.pk}/change/", {**TOLD, "secret": "", "name": "Another"})

    row.refresh_from_db()
    assert (row.name, row.secret) == ("Another", "hush hush")


def test_its_kind_and_short_name_stay(operator: Client) -> None:
    operator.post(f"{LIST}add/", TOLD)
    row = SignInProvider.objects.get()

    operator.post(f"{LIST}{row.pk}/change/", {**TOLD, "slug": "other", "kind": "google"})

    row.refresh_from_db()
    assert (row.slug, row.kind) == ("house", "openid_connect")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"server_url": ""}, "needs an address"),
        ({"kind": "google"}, "must be “google” here"),
        ({"slug": "Not Good"}, "slug"),
        ({"server_url": "javascript:alert(1)"}, "valid URL"),
    ],
)
def test_what_cannot_work_is_refused_beside_the_field(
    operator: Client, told: dict[str, str], said: str
) -> None:
    answer = operator.post(f"{LIST}add/", {**TOLD, **told})

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not SignInProvider.objects.exists()


def test_staff_see_nothing_of_it(enter: Enter) -> None:
    sally: User = make.person(username="sally", staff_areas=["support"])

    assert enter(sally).get(LIST).status_code in {403, 404}
