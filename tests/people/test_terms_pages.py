"""Terms: what stands at the foot, at the sign-up, and before everything until it is agreed to."""

import pytest
from django.test import Client

from atrium.kit import clock as kit_clock
from atrium.people.actions.terms import draft_terms, publish_terms
from atrium.people.gate import ALWAYS_OPEN, WHILE_WAITING
from atrium.people.models import TermsAcceptance, TermsVersion, User
from atrium.web.checks import routes
from tests import make
from tests.people.test_joining_pages import sign_up, terms


@pytest.mark.django_db
def test_terms_stand_at_the_foot_once_they_are_published(client: Client) -> None:
    assert client.get("/terms").status_code == 404
    assert 'href="/terms"' not in client.get("/sign-in").content.decode()
    draft_terms(
        kind="terms", text="A draft.", needs_acceptance=True, by="system", at=kit_clock.now()
    )
    assert client.get("/terms").status_code == 404

    version = TermsVersion.objects.get()
    publish_terms(version=version, by="system", at=kit_clock.now())

    assert 'href="/terms"' in client.get("/sign-in").content.decode()
    assert "A draft." in client.get("/terms").content.decode()
    terms(text="# Newer\n\n<script>x</script> **bold**")
    said = client.get("/terms").content.decode()
    assert "<strong>bold</strong>" in said
    assert "<script>x" not in said
    assert "There is a newer one" in client.get("/terms/1").content.decode()
    assert client.get("/terms/3").status_code == 404
    assert client.get("/privacy-notice").status_code == 404


@pytest.mark.django_db
def test_who_makes_an_account_agrees_first(client: Client) -> None:
    version = terms()
    assert sign_up(client).status_code == 422
    stale = {"terms": "on", "versions": "00000000-0000-0000-0000-000000000000 x"}
    assert sign_up(client, **stale).status_code == 422
    assert not User.objects.exists()

    sign_up(client, terms="on", versions=str(version.pk))

    agreed = TermsAcceptance.objects.get()
    assert (agreed.version, agreed.by) == (version, f"person:{User.objects.get().pk}")
    assert agreed.region == "127.0.0.0/24"
    assert client.get("/settings").status_code == 200


@pytest.mark.django_db
def test_a_new_version_stands_before_everything_until_it_is_agreed_to(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    assert client.get("/settings").status_code == 200
    first = terms()

    answer = client.get("/files?trash=1")

    assert answer["Location"] == "/terms/accept?next=%2Ffiles%3Ftrash%3D1"
    assert client.get("/api/v1/me").json()["code"] == "terms_not_accepted"
    assert client.post("/files").status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "Be kind" in page
    assert client.post("/terms/accept", {"versions": str(first.pk)}).status_code == 422
    agreed = {"versions": str(first.pk), "terms": "on", "next": "/files?trash=1"}
    assert client.post("/terms/accept", agreed)["Location"] == "/files?trash=1"
    assert client.get("/files").status_code == 200
    terms(text="A comma was moved.", needs_acceptance=False)
    assert client.get("/files").status_code == 200
    privacy = terms(kind="privacy", text="We keep little.")
    assert client.get("/files").status_code == 302
    # What was read before the newest came does not do.
    client.post("/terms/accept", {"versions": str(first.pk), "terms": "on"})
    assert client.get("/files").status_code == 302
    client.post("/terms/accept", {"versions": str(privacy.pk), "terms": "on"})
    assert client.get("/files").status_code == 200
    assert TermsAcceptance.objects.count() == 2


@pytest.mark.django_db
def test_terms_lock_nobody_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    terms()

    assert client.get("/settings/data").status_code == 200
    assert client.get("/privacy/erasure").status_code in {200, 404}
    assert client.get("/terms").status_code == 200
    assert client.post("/sign-out")["Location"] == "/"
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_terms_do_not_stand_before_strangers(client: Client) -> None:
    terms()

    assert client.get("/").status_code == 200
    assert client.get("/sign-in").status_code == 200


@pytest.mark.django_db
def test_the_console_waits_for_the_terms_too(client: Client) -> None:
    client.force_login(make.admin())
    terms()

    assert client.get("/console/")["Location"].startswith("/terms/accept")


# For programs


@pytest.mark.django_db
def test_a_program_reads_the_terms_and_agrees(client: Client, alice: User) -> None:
    version = terms()
    assert client.get("/api/v1/terms").json()["items"][0]["is_missing"] is False
    client.force_login(alice)
    told = client.get("/api/v1/terms").json()["items"][0]
    assert (told["id"], told["text"], told["is_missing"]) == (str(version.pk), version.text, True)
    assert client.get("/api/v1/me").status_code == 403

    agreed = client.post(
        "/api/v1/terms/accept", {"versions": [told["id"]]}, content_type="application/json"
    )

    assert agreed.json() == {"agreed": 1}
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/api/v1/terms").json()["items"][0]["is_missing"] is False


@pytest.mark.django_db
def test_terms_and_waiting_keep_nobody_from_their_data(client: Client, alice: User) -> None:
    client.force_login(alice)
    terms()

    for path in ("/api/v1/me/exports", "/api/v1/me/erasure"):
        assert client.get(path).status_code in {200, 404}, path


@pytest.mark.once
@pytest.mark.parametrize("path", [*ALWAYS_OPEN, *WHILE_WAITING])
def test_what_stays_open_exists(path: str) -> None:
    every = [where.replace("^", "") for where, _spaces, _view in routes()]

    assert any(one == path or one.startswith(f"{path}/") for one in every), path


@pytest.mark.django_db
def test_the_console_drafts_changes_and_publishes(client: Client) -> None:
    client.force_login(make.admin())
    told = {"kind": "terms", "text": "One.", "needs_acceptance": "on"}
    client.post("/console/people/termsversion/new/", told)
    client.post("/console/people/termsversion/new/", {**told, "text": "Two."})
    version = TermsVersion.objects.get()
    page = f"/console/people/termsversion/{version.pk}"
    client.post(f"{page}/do/edit/", {"text": "Three.", "needs_acceptance": ""})
    version.refresh_from_db()
    assert (version.text, version.needs_acceptance) == ("Three.", False)

    client.post(f"{page}/do/publish/")

    version.refresh_from_db()
    assert version.published_at
    assert client.post(f"{page}/do/edit/", {"text": "Four."}).status_code == 404
    assert client.get(f"{page}/change/").status_code == 200
