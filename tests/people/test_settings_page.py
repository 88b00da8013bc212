import re
from uuid import uuid4

import pytest
from django.test import Client

from atrium.people.models import ApiKey, Session, User
from tests import make

NEW = "another good phrase"


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


@pytest.fixture
def here(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_strangers_are_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/settings")["Location"] == "/sign-in?next=%2Fsettings"


def test_the_profile_is_saved(here: Client, alice: User) -> None:
    answer = here.post(
        "/settings",
        {
            "display_name": "Alice A.",
            "language": "uk",
            "theme": "dark",
            "time_zone": "Europe/Kyiv",
        },
    )

    alice.refresh_from_db()
    assert answer.status_code == 302
    assert alice.display_name == "Alice A."
    assert (alice.language, alice.theme, alice.time_zone) == ("uk", "dark", "Europe/Kyiv")
    assert 'lang="uk"' in here.get("/settings").content.decode()


def test_only_the_profile_is_saved(here: Client, alice: User) -> None:
    here.post(
        "/settings",
        {
            "theme": "dark",
            "role": "ADMIN",
            "username": "root",
            "is_active": "0",
            "staff_areas": "support",
            "password": "x",
        },
    )

    before = (alice.username, alice.role, alice.staff_areas, alice.password)
    alice.refresh_from_db()
    assert (alice.username, alice.role, alice.staff_areas, alice.password) == before
    assert alice.is_active


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "pink"},
        {"language": "xx"},
        {"time_zone": "Mars/Base"},
        {"display_name": "x" * 81},
        {"display_name": "a\0b"},
    ],
)
def test_what_is_none_of_the_choices_is_refused(here: Client, wrong: dict[str, str]) -> None:
    assert here.post("/settings", {"theme": "dark", **wrong}).status_code == 422


def test_a_new_password_signs_the_others_out(here: Client, alice: User) -> None:
    there = Client()
    there.force_login(alice)

    answer = here.post("/settings/password", {"old": make.PASSWORD, "new": NEW})

    assert answer.status_code == 302
    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("old", "new"), [("wrong", NEW), (make.PASSWORD, "short"), (make.PASSWORD, "")]
)
def test_a_password_is_changed_only_with_the_old_and_a_good_one(
    here: Client, alice: User, old: str, new: str
) -> None:
    assert here.post("/settings/password", {"old": old, "new": new}).status_code == 422
    alice.refresh_from_db()
    assert alice.check_password(make.PASSWORD)


def test_the_present_password_cannot_be_guessed_at(here: Client) -> None:
    asked = {"old": "wrong", "new": NEW}
    statuses = [here.post("/settings/password", asked).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_a_key_is_shown_once(here: Client, alice: User) -> None:
    answer = here.post("/settings/keys", {"name": "report", "scopes": ["read"], "lasts": "30"})

    token = re.search(r"atr_key_\w{39}", answer.content.decode())
    assert token
    assert answer["Cache-Control"] == "no-store"
    page = here.get("/settings/keys").content.decode()
    assert token[0] not in page
    assert ApiKey.objects.get().prefix in page
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token[0]}"}).json()


def test_a_key_without_a_name_is_not_made(here: Client) -> None:
    assert here.post("/settings/keys", {"scopes": ["read"]}).status_code == 422
    assert not ApiKey.objects.exists()


def test_only_ones_own_keys_and_browsers_can_be_ended(here: Client, charlie: User) -> None:
    here.post("/settings/keys", {"name": "report", "scopes": ["read"]})
    key, session = ApiKey.objects.get(), Session.objects.get()
    stranger = Client()
    stranger.force_login(charlie)

    assert stranger.post(f"/settings/keys/{key.pk}/revoke").status_code == 404
    assert stranger.post(f"/settings/sessions/{session.id}/end").status_code == 404
    assert stranger.post(f"/settings/keys/{uuid4()}/revoke").status_code == 404
    assert here.post(f"/settings/keys/{key.pk}/revoke").status_code == 302
    key.refresh_from_db()
    assert key.revoked_at
    assert here.get("/settings").status_code == 200


def test_other_browsers_can_be_signed_out(here: Client, alice: User) -> None:
    there, elsewhere = Client(), Client()
    there.force_login(alice)
    other = Session.objects.exclude(key_hash=Session.objects.order_by("made_at")[0].key_hash).get()
    elsewhere.force_login(alice)

    here.post(f"/settings/sessions/{other.id}/end")
    assert there.get("/settings").status_code == 302
    assert elsewhere.get("/settings").status_code == 200

    here.post("/settings/sessions/end-others")
    assert elsewhere.get("/settings").status_code == 302
    assert here.get("/settings").status_code == 200


def test_what_was_typed_is_shown_as_text(here: Client, alice: User) -> None:
    here.post("/settings", {"theme": "dark", "display_name": "<script>alert(1)</script>"})
    here.post("/settings/keys", {"name": "<img src=x onerror=alert(1)>", "scopes": ["read"]})

    page = "".join(here.get(f"/settings{tab}").content.decode() for tab in ("", "/keys"))

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_each_tab_says_which_one_is_open(here: Client) -> None:
    for address, tab in (
        ("/settings", "Profile"),
        ("/settings/security", "Security"),
        ("/settings/keys", "Keys"),
    ):
        page = here.get(address).content.decode()
        assert f'<a href="{address}" aria-current="page">{tab}</a>' in page
    page = here.post("/settings/password", {"old": "wrong", "new": NEW}).content.decode()
    assert '<a href="/settings/security" aria-current="page">Security</a>' in page


def test_the_chosen_time_zone_is_shown_as_chosen(here: Client) -> None:
    here.post("/settings", {"theme": "dark", "time_zone": "Europe/Kyiv"})

    page = here.get("/settings").content.decode()

    assert "<option selected>Europe/Kyiv</option>" in page
    assert page.count("selected>") == 3  # and the language, and the theme
