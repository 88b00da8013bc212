from base64 import b64decode
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.test import Client

from atrium.people.models import Session, User
from atrium.people.session_store import SessionStore, hash_of
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


def test_the_key_of_the_cookie_is_nowhere_in_the_database() -> None:
    session = SessionStore()
    session["word"] = "kept"
    session.save()

    row = Session.objects.get()
    assert row.key_hash == hash_of(str(session.session_key))
    assert str(session.session_key) not in f"{row.key_hash} {row.payload}"
    assert SessionStore(session.session_key)["word"] == "kept"


def test_it_ends_to_the_second(clock: Clock) -> None:
    session = SessionStore()
    session["word"] = "kept"
    session.save()

    clock.forward(seconds=timedelta(weeks=2).total_seconds() - 1)
    assert SessionStore(session.session_key).get("word") == "kept"
    clock.forward(seconds=1)
    assert SessionStore(session.session_key).get("word") is None


def test_a_forged_key_opens_an_empty_session_under_no_key() -> None:
    session = SessionStore("chosen-by-an-attacker")

    assert session.get("word") is None
    assert session.session_key is None


def test_an_ended_session_is_not_brought_back_by_a_late_save() -> None:
    session = SessionStore()
    session["word"] = "kept"
    session.save()
    late = SessionStore(session.session_key)
    late["word"] = "later"
    session.delete()

    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.exists()


def test_a_visitor_who_only_looks_has_no_session(client: Client) -> None:
    client.get("/sign-in")

    assert not Session.objects.exists()


def test_the_expired_are_cleared_and_nothing_else(clock: Clock) -> None:
    old, young = SessionStore(), SessionStore()
    old["word"] = "old"
    old.save()
    clock.forward(days=1)
    young["word"] = "young"
    young.save()
    clock.forward(days=13)

    SessionStore.clear_expired()

    assert Session.objects.get().key_hash == hash_of(str(young.session_key))


def test_the_row_knows_whose_session_it_is(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert Session.objects.get().person_id_text == str(alice.pk)


def test_what_it_holds_cannot_be_read_from_the_database() -> None:
    session = SessionStore()
    session["challenge"] = "a-word-nobody-may-read"
    session.save()

    payload = Session.objects.get().payload
    assert payload.startswith("s1.")
    opened = payload + str(b64decode(payload.rpartition(".")[2] + "==", altchars=b"-_"))
    assert "nobody-may-read" not in opened
    assert SessionStore(session.session_key)["challenge"] == "a-word-nobody-may-read"


def test_what_our_keys_do_not_open_is_an_empty_session() -> None:
    session = SessionStore()
    session["word"] = "kept"
    session.save()
    for payload in ("", "nonsense", signing.dumps({"word": "kept"})):
        Session.objects.update(payload=payload)
        assert SessionStore(session.session_key).get("word") is None
