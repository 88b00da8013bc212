"""What a copy holds, what it never holds, and who gets it."""

import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.audit import queries as audit
from atrium.files import verification
from atrium.files.models import File, Usage
from atrium.files.storage import draft_path, path_of
from atrium.jobs.actions import cancel
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.notifications.models import Notification
from atrium.options.actions import set_option
from atrium.people.actions import issue_key
from atrium.people.models import User
from atrium.privacy import actions
from atrium.privacy.actions import NothingOfYours
from atrium.privacy.actions.exports import ReasonNeeded
from atrium.privacy.models import Export
from tests import make
from tests.house.matrix.belongings import belongings_of
from tests.house.matrix.whose import rows_of, ways_to_owners
from tests.privacy.conftest import Marked

pytestmark = pytest.mark.django_db


def made(by: Any, clock: Any) -> Export:
    export = actions.ask_export(by=make.caller(by), at=clock.now)
    run_due(clock.now)
    export.refresh_from_db()
    return export


def opened(export: Export) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(path_of(export.storage_name).read_bytes()))


def all_of(kept: zipfile.ZipFile) -> str:
    return b"".join(kept.read(name) for name in kept.namelist()).decode("utf-8", "replace")


def test_a_copy_tells_every_word_of_hers_that_is_told(alice_marked: Marked, clock: Any) -> None:
    export = made(alice_marked.owner, clock)

    kept = opened(export)
    assert kept.testzip() is None
    every = all_of(kept)
    told = {where for word, where in alice_marked.words.items() if word in every}
    assert told >= {
        *("chat.Chat.title", "chat.Turn.text", "chat.Citation.words", "sources.Passage.text"),
        *("files.File.name", "bytes", "notifications.Notification.params", "people.ApiKey.name"),
        *("people.User.display_name", "people.Session.agent", "events.StreamEvent.payload"),
    }
    assert "alice.quarrel@example.org" in every


def test_it_says_what_is_in_it(alice_marked: Marked, clock: Any) -> None:
    kept = opened(made(alice_marked.owner, clock))

    manifest = json.loads(kept.read("manifest.json"))

    members = {one["name"]: one for one in manifest["members"]}
    assert set(kept.namelist()) == {*members, "manifest.json"}
    assert {"index.html", "data/chat.json", "data/people.json"} <= set(members)
    for name, said in members.items():
        assert hashlib.sha256(kept.read(name)).hexdigest() == said["sha256"]
        assert len(kept.read(name)) == said["size"]
    for name in members:
        if name.startswith("data/"):
            json.loads(kept.read(name))


def test_the_page_needs_no_line_and_leads_nowhere(alice_marked: Marked, clock: Any) -> None:
    kept = opened(made(alice_marked.owner, clock))

    html = kept.read("index.html").decode()

    links = re.findall(r'(?:href|src|action)="([^"]*)"', html)
    assert links
    assert [one for one in links if ":" in one or one.startswith("/")] == []
    assert "<script" not in html
    names = {link.replace("%20", " ") for link in links if not link.startswith("#")}
    assert {name for name in names if name.startswith("data/")} <= set(kept.namelist())


SECRETS = ("token_hash", "key_hash", "payload", "digest", "password", "code_hash", "sealed")


def test_no_secret_is_in_it(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    assert isinstance(alice, User)
    _key, token = issue_key(person=alice, name="mine", scopes=["read"], at=clock.now)

    kept = opened(made(alice, clock))

    every = all_of(kept)
    assert token not in every
    assert alice.password not in every
    for table, ways in ways_to_owners().items():
        for column in (field.attname for field in table._meta.concrete_fields):
            if any(word in column for word in SECRETS) and column != "payload":
                rows = rows_of(alice, table, ways).values_list(column, flat=True)
                assert [one for one in rows if one and str(one) in every] == [], column


def test_nothing_of_others_is_in_it(alice_marked: Marked, clock: Any) -> None:
    bob = make.person(username="bob", display_name="Bob Bystander", email="bob@example.org")
    belongings_of(bob)
    marked = Marked(bob)
    marked.plant()

    kept = opened(made(alice_marked.owner, clock))

    every = all_of(kept)
    assert [where for word, where in marked.words.items() if word in every] == []
    assert "Bystander" not in every
    assert str(bob.pk) not in every


def test_asked_again_within_a_day_it_is_the_same(alice: User, clock: Any) -> None:
    first = made(alice, clock)
    clock.forward(hours=20)
    assert actions.ask_export(by=make.caller(alice), at=clock.now) == first

    clock.forward(hours=5)
    assert actions.ask_export(by=make.caller(alice), at=clock.now) != first


def test_nobody_has_nothing(db: None, clock: Any) -> None:
    with pytest.raises(NothingOfYours):
        actions.ask_export(by=make.caller(), at=clock.now)


def test_a_guest_has_a_copy_too(guest_marked: Marked, clock: Any) -> None:
    kept = opened(made(guest_marked.owner, clock))

    every = all_of(kept)
    told = {where for word, where in guest_marked.words.items() if word in every}
    assert {"chat.Turn.text", "files.File.name", "bytes"} <= told


def test_it_does_not_count_to_what_she_keeps(alice: User, clock: Any) -> None:
    make.kept_file(by=alice)
    before = Usage.objects.get(owner=f"person:{alice.pk}").kept_bytes

    made(alice, clock)

    assert Usage.objects.get(owner=f"person:{alice.pk}").kept_bytes == before
    assert File.objects.count() == 1
    clock.forward(hours=2)
    assert list(verification.differences(at=clock.now)) == []


def test_it_goes_when_its_time_is_over(alice: User, clock: Any) -> None:
    export = made(alice, clock)
    place = path_of(export.storage_name)
    clock.forward(days=7, seconds=1)

    assert actions.expire_exports(at=clock.now) == 1

    assert not place.exists()
    export.refresh_from_db()
    assert export.state == Export.State.GONE


def test_only_she_gets_it_and_only_while_it_lasts(
    alice: User, charlie: User, clock: Any, client: Client
) -> None:
    export = made(alice, clock)
    address = f"/privacy/exports/{export.pk}/content"

    assert client.get(address, headers={"Accept": "application/json"}).status_code == 404
    client.force_login(charlie)
    assert client.get(address).status_code == 404
    client.force_login(make.admin())
    assert client.get(address).status_code == 404
    client.force_login(alice)
    answer = client.get(address)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    assert answer["Content-Disposition"].startswith("attachment")
    clock.forward(days=8)
    assert client.get(address).status_code == 410


def test_she_is_told_when_it_is_ready(alice: User, clock: Any) -> None:
    made(alice, clock)

    told = Notification.objects.get(person=alice)

    assert told.kind == "privacy.export_ready"
    assert told.url == "/settings/data"


def test_glass_is_broken_with_a_reason_that_she_reads(
    alice: User, clock: Any, client: Client
) -> None:
    admin = make.admin()
    by = f"person:{admin.pk}"

    export = actions.break_glass(person=alice, reason="A court asked.", by=by, at=clock.now)
    run_due(clock.now)

    assert Notification.objects.get(person=alice).params == {"reason": "A court asked."}
    (entry,) = audit.about("person", alice.pk)
    assert (entry.action, entry.by) == ("privacy.glass_broken", by)
    client.force_login(alice)
    assert "A court asked." in client.get("/settings/data").content.decode()
    assert client.get(f"/privacy/exports/{export.pk}/content").status_code == 404
    other = make.admin(username="other")
    client.force_login(other)
    assert client.get(f"/privacy/exports/{export.pk}/content").status_code == 404
    client.force_login(admin)
    assert client.get(f"/privacy/exports/{export.pk}/content").status_code == 200
    assert audit.about("person", alice.pk).first().action == "privacy.export_downloaded"  # type: ignore[union-attr]


def test_without_a_reason_no_glass_is_broken(alice: User, clock: Any) -> None:
    with pytest.raises(ReasonNeeded):
        actions.break_glass(person=alice, reason="  ", by="console:root", at=clock.now)

    assert not Export.objects.exists()


def test_called_off_nothing_is_left(alice: User, clock: Any) -> None:
    export = actions.ask_export(by=make.caller(alice), at=clock.now)

    cancel(job=Job.objects.get(pk=export.job_id or ""), at=clock.now)

    export.refresh_from_db()
    assert export.state == Export.State.CANCELLED
    assert actions.ask_export(by=make.caller(alice), at=clock.now) != export


def test_too_large_is_said_and_leaves_nothing(alice: User, clock: Any) -> None:
    set_option(key="privacy.export_largest_mb", text="1", by="system", at=clock.now)
    make.kept_file(by=alice, content=b"1234567890" * 150_000)

    export = made(alice, clock)

    assert export.state == Export.State.FAILED
    assert "1 MB" in export.failure
    assert not path_of(export.storage_name).exists()
    assert not draft_path(export.draft_name).exists()
    assert "1 MB" in Notification.objects.get(person=alice).params["reason"]


def test_names_of_files_are_made_safe(alice: User, clock: Any) -> None:
    for name in ("aux.txt", 'a"b<c>.txt', "Ünïcødé — файл.txt", "twice.txt", "TWICE.txt"):
        make.kept_file(by=alice, name=name, content=b"Some words.")

    names = {name for name in opened(made(alice, clock)).namelist() if name.startswith("files/")}

    assert names == {
        *("files/_aux.txt", "files/a_b_c_.txt", "files/Ünïcødé — файл.txt"),
        *("files/twice.txt", "files/TWICE (2).txt"),
    }


def test_a_second_try_writes_over_what_the_first_left(alice: User, clock: Any) -> None:
    export = actions.foretell(export=actions.ask_export(by=make.caller(alice), at=clock.now))
    draft_path(export.draft_name).write_bytes(b"half of it")
    place = path_of(export.storage_name)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"kept, and killed before the row said so")

    run_due(clock.now)

    export.refresh_from_db()
    assert opened(export).testzip() is None
    assert not draft_path(export.draft_name or "0" * 40).exists()
    later = clock.now + timedelta(hours=2)
    assert list(verification.differences(at=later)) == []
