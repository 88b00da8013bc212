import json
import os
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from atrium.files import actions, storage
from atrium.files.actions import upkeep
from atrium.files.models import File, Usage
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.notifications.models import Notification
from atrium.people.actions import claim_guest
from atrium.people.models import User
from tests import make
from tests.files.conftest import keep, picture


def delete(file: File, who: Any, at: Any) -> File:
    return actions.delete_file(file=file, by=make.caller(who), at=at)


def test_a_deleted_file_can_come_back(alice: User) -> None:
    file = keep(alice)
    deleted = delete(file, alice, kit_clock.now())
    assert (deleted.is_kept, File.objects.in_trash().count()) == (False, 1)
    again = delete(file, alice, kit_clock.now() + timedelta(hours=1))
    assert again.deleted_at == deleted.deleted_at
    restored = actions.restore_file(file=file, by=make.caller(alice), at=kit_clock.now())
    assert restored.is_kept


def test_another_persons_file_is_not_deleted(alice: User, charlie: User) -> None:
    file = keep(alice)
    assert delete(file, charlie, kit_clock.now()).is_kept


def test_a_purged_file_leaves_no_bytes_and_gives_its_room_back(
    alice: User, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    file = keep(alice, at=clock.now)
    delete(file, alice, clock.now)
    with django_capture_on_commit_callbacks(execute=True):
        assert upkeep.purge_deleted(at=clock.forward(days=29)) == 0
        assert upkeep.purge_deleted(at=clock.forward(days=2)) == 1
        assert upkeep.purge_deleted(at=clock.now) == 0
    file.refresh_from_db()
    assert (file.name, file.storage_name) == ("", "")
    assert Usage.objects.get().kept_bytes == 0
    assert not list(storage.every_name())
    assert not File.objects.visible_to(make.caller(alice)).exists()


def test_what_is_kept_is_not_purged(alice: User) -> None:
    file = keep(alice)
    assert not actions.purge_file(file=file, at=kit_clock.now())
    assert File.objects.kept().count() == 1


def test_people_hear_what_leaves_their_trash(alice: User, clock: Any) -> None:
    for name in ("a.txt", "b.txt"):
        delete(keep(alice, name=name, at=clock.now), alice, clock.now)
    assert upkeep.warn_before_purging(at=clock.forward(days=25)) == 0
    assert upkeep.warn_before_purging(at=clock.forward(days=2, hours=1)) == 1
    assert upkeep.warn_before_purging(at=clock.forward(days=1)) == 0
    told = Notification.objects.get()
    assert (told.kind, told.params["count"]) == ("files.removed_soon", 2)


def _make_old(path: Any) -> None:
    old = kit_clock.now().timestamp() - 2 * 24 * 3600
    os.utime(path, (old, old))


def test_the_sweep_removes_what_no_row_names(alice: User) -> None:
    file, lost = keep(alice), keep(alice)
    File.objects.filter(pk=lost.pk).delete()
    upload = actions.open_upload(by=make.caller(alice), name="a.txt", length=9, at=kit_clock.now())
    actions.append(upload=upload, offset=0, source=[b"abc"], at=kit_clock.now())
    stray = storage.draft_path(storage.new_draft_name())
    stray.write_bytes(b"x")
    young = storage.draft_path(storage.new_draft_name())
    young.write_bytes(b"x")
    for path in (
        storage.path_of(file.storage_name),
        storage.path_of(lost.storage_name),
        storage.draft_path(upload.draft_name),
        stray,
    ):
        _make_old(path)
    assert upkeep.sweep(at=kit_clock.now()) == 2
    assert list(storage.every_name()) == [file.storage_name]
    assert {path.name for path in storage.drafts().iterdir()} == {
        upload.draft_name,
        young.name,
    }


@pytest.mark.django_db(transaction=True)
def test_a_claimed_guests_files_count_to_the_person() -> None:
    guest, person = make.guest(), make.person()
    file = keep(guest, name="a.png", content=picture("PNG"))
    claim_guest(guest=guest, person=person, at=kit_clock.now())
    run_due()
    counted = dict(Usage.objects.values_list("owner", "kept_bytes"))
    assert counted == {f"person:{person.pk}": file.size, f"guest:{guest.pk}": 0}


# files verify


def verify() -> tuple[int, dict[str, Any]]:
    out, status = StringIO(), 0
    try:
        call_command("files", "verify", "--json", stdout=out)
    except SystemExit as end:
        status = int(str(end.code))
    return status, json.loads(out.getvalue())


def test_files_that_are_whole_verify(alice: User) -> None:
    keep(alice)
    assert verify() == (0, {"ok": True, "files": 1, "differences": 0, "first": None})


@pytest.mark.parametrize("what", ["missing", "wrong size", "wrong hash", "orphan"])
def test_the_first_difference_is_named(alice: User, what: str) -> None:
    file = keep(alice)
    path = storage.path_of(file.storage_name)
    if what == "missing":
        path.unlink()
    elif what == "wrong size":
        path.write_bytes(b"short")
    elif what == "wrong hash":
        path.write_bytes(path.read_bytes()[::-1])
    else:
        File.objects.all().delete()
        _make_old(path)
    status, told = verify()
    assert (status, told["ok"], told["differences"]) == (1, False, 1)
    assert told["first"]["what"] == what
    assert told["first"]["storage_name"] == file.storage_name


# The page


def test_the_room_says_its_limits_and_lists_files(client: Client, alice: User) -> None:
    client.force_login(alice)
    empty = client.get("/files").content.decode()
    assert "No files yet" in empty
    assert "One file up to 2 GB; 5 GB of your 5 GB are free." in empty
    keep(alice, name="<b>x<b>.txt")
    shown = client.get("/files").content.decode()
    assert "&lt;b&gt;x&lt;b&gt;.txt" in shown
    assert "<b>x<b>" not in shown


def test_a_form_keeps_several_files_and_says_which_it_refused(client: Client, alice: User) -> None:
    client.force_login(alice)
    good, bad = StringIO("words"), StringIO("words")
    good.name, bad.name = "a.txt", "b.pdf"
    answer = client.post("/files", {"file": [good, bad]}, follow=True)
    said = answer.content.decode()
    assert "1 file is kept." in said
    assert "b.pdf: This is not what it says" in said
    assert File.objects.get().name == "a.txt"


def test_a_form_without_a_file_is_refused(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.post("/files", {}).status_code == 422


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\a.txt", "a\0b.txt", "exe\u202etxt.a"])
def test_a_form_whose_file_is_no_name_is_refused(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.encode()
        + b'"\r\nContent-Type: text/plain\r\n\r\nwords\r\n--x--\r\n'
    )
    answer = client.post("/files", body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400
    assert "name" in answer.content.decode()
    assert not File.objects.exists()


def test_the_trash_is_worked_from_the_page(client: Client, alice: User) -> None:
    client.force_login(alice)
    file = keep(alice)
    client.post(f"/files/{file.pk}/delete")
    assert "notes.txt" in client.get("/files?trash=1").content.decode()
    client.post(f"/files/{file.pk}/restore")
    assert "notes.txt" in client.get("/files").content.decode()
    client.post(f"/files/{file.pk}/delete")
    client.post(f"/files/{file.pk}/purge")
    assert File.objects.get().purged_at
