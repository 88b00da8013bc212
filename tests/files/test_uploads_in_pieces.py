import base64
import hashlib
import io
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tusclient.client import TusClient

from atrium.files import actions, queries, storage
from atrium.files.actions import upkeep
from atrium.files.models import File, Upload, Usage
from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.people.actions import issue_key
from atrium.people.models import User
from tests import make

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


def begin(who: Any, *, length: int, name: str = "a.txt") -> Upload:
    return actions.open_upload(by=make.caller(who), name=name, length=length, at=clock.now())


def finish(upload: Upload, who: Any) -> File:
    return actions.finish_upload(upload=upload, by=make.caller(who), at=clock.now())


def append(upload: Upload, offset: int, content: bytes) -> Upload:
    return actions.append(upload=upload, offset=offset, source=[content], at=clock.now())


def test_pieces_make_a_file_once(alice: User) -> None:
    upload = begin(alice, length=6)
    append(upload, 0, b"Kyi")
    assert append(upload, 3, b"v.\n").received == 6
    first, second = finish(upload, alice), finish(Upload.objects.get(), alice)
    assert first == second
    assert File.objects.get().sha256 == hashlib.sha256(b"Kyiv.\n").hexdigest()
    assert Usage.objects.get().kept_bytes == 6
    assert not list(storage.drafts().iterdir())


def test_a_piece_at_the_wrong_place_is_refused(alice: User) -> None:
    upload = begin(alice, length=6)
    append(upload, 0, b"abc")
    with pytest.raises(actions.WrongOffset) as refused:
        append(upload, 0, b"abc")
    assert refused.value.used == 3


def test_what_a_killed_writer_left_does_not_count(alice: User) -> None:
    upload = begin(alice, length=6)
    append(upload, 0, b"abc")
    with storage.draft_path(upload.draft_name).open("ab") as draft:
        draft.write(b"XXXXXXXX")
    append(upload, 3, b"def")
    with actions.open_bytes(finish(upload, alice)) as kept:
        assert kept.read() == b"abcdef"


def test_a_piece_that_was_changed_does_not_count(alice: User) -> None:
    upload = begin(alice, length=3)
    wrong = actions.Checksum("sha1", hashlib.sha1(b"other").digest())
    with pytest.raises(actions.WrongChecksum):
        actions.append(upload=upload, offset=0, source=[b"abc"], checksum=wrong, at=clock.now())
    assert Upload.objects.get().received == 0


def test_more_than_was_announced_is_refused(alice: User) -> None:
    upload = begin(alice, length=3)
    with pytest.raises(actions.MoreThanLength):
        append(upload, 0, b"abcd")
    assert Upload.objects.get().received == 0


def test_an_upload_sets_its_room_aside_and_gives_it_back(alice: User) -> None:
    upload = begin(alice, length=1000)
    assert Usage.objects.get().kept_bytes == 1000
    assert actions.end_upload(upload=upload, at=clock.now())
    assert not actions.end_upload(upload=upload, at=clock.now())
    assert Usage.objects.get().kept_bytes == 0


def test_what_is_not_what_it_says_ends_the_upload(alice: User) -> None:
    upload = begin(alice, length=4, name="a.pdf")
    append(upload, 0, b"text")
    with pytest.raises(actions.NotWhatItSays):
        finish(upload, alice)
    assert Usage.objects.get().kept_bytes == 0
    assert not list(storage.every_name())
    with pytest.raises(actions.UploadEnded):
        append(upload, 4, b"")


def test_an_upload_that_nobody_goes_on_with_expires(alice: User, clock: Any) -> None:
    upload = actions.open_upload(by=make.caller(alice), name="a.txt", length=6, at=clock.now)
    actions.append(upload=upload, offset=0, source=[b"abc"], at=clock.now)
    assert upkeep.end_expired_uploads(at=clock.forward(hours=23)) == 0
    assert upkeep.end_expired_uploads(at=clock.forward(hours=2)) == 1
    assert Usage.objects.get().kept_bytes == 0


@pytest.mark.django_db(transaction=True)
def test_of_eight_writers_at_one_place_one_counts() -> None:
    person = make.person()
    upload = begin(person, length=800_000)
    barrier, done, refused = Barrier(8), [], []

    def write(number: int) -> None:
        try:
            mine = Upload.objects.get(pk=upload.pk)
            barrier.wait(30)
            append(mine, 0, bytes([65 + number]) * 800_000)
            done.append(number)
        except Refusal as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(done), len(refused)) == (1, 7)
    assert set(refused) <= {"wrong_offset", "being_written"}
    with actions.open_bytes(finish(upload, person)) as kept:
        assert kept.read() == bytes([65 + done[0]]) * 800_000


# By HTTP


def _described(name: str) -> str:
    return f"filename {base64.b64encode(name.encode()).decode()}"


def _begin(client: Client, *, length: int, name: str = "a.txt", **more: Any) -> Any:
    return client.post(
        "/files/uploads",
        headers={
            **TUS,
            "Upload-Length": str(length),
            "Upload-Metadata": _described(name),
            **more,
        },
    )


def test_a_guest_uploads_in_pieces(client: Client, db: None) -> None:
    begun = _begin(client, length=6)
    assert begun.status_code == 201
    assert begun.headers["Tus-Resumable"] == "1.0.0"
    address = begun.headers["Location"]
    first = client.patch(address, b"abc", content_type=PIECE, headers={**TUS, "Upload-Offset": "0"})
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "3")
    assert "Upload-Expires" in first.headers
    told = client.head(address, headers=TUS)
    assert told.headers["Upload-Offset"] == "3"
    assert told.headers["Upload-Length"] == "6"
    assert told.headers["Upload-Metadata"] == _described("a.txt")
    last = client.patch(address, b"def", content_type=PIECE, headers={**TUS, "Upload-Offset": "3"})
    file = File.objects.get()
    assert last.headers["Upload-Result"] == str(file.pk)
    assert client.head(address, headers=TUS).headers["Upload-Result"] == str(file.pk)
    assert client.get(f"/files/{file.pk}/content").getvalue() == b"abcdef"


def test_the_first_piece_may_come_with_the_beginning(client: Client, db: None) -> None:
    answer = client.post(
        "/files/uploads",
        b"abc",
        content_type=PIECE,
        headers={**TUS, "Upload-Length": "3", "Upload-Metadata": _described("a.txt")},
    )
    assert answer.headers["Upload-Offset"] == "3"
    assert answer.headers["Upload-Result"] == str(File.objects.get().pk)


def test_a_finish_that_a_crash_cut_off_is_made_up_for(client: Client, db: None) -> None:
    address = _begin(client, length=3).headers["Location"]
    append(Upload.objects.get(), 0, b"abc")
    told = client.head(address, headers=TUS)
    assert told.headers["Upload-Result"] == str(File.objects.get().pk)


def test_the_sha256_of_a_piece_is_checked(client: Client, db: None) -> None:
    address = _begin(client, length=3).headers["Location"]
    wrong = base64.b64encode(hashlib.sha256(b"abd").digest()).decode()
    headers = {**TUS, "Upload-Offset": "0", "Upload-Checksum": f"sha256 {wrong}"}
    answer = client.patch(address, b"abc", content_type=PIECE, headers=headers)
    assert answer.status_code == 460
    assert client.head(address, headers=TUS).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 412),
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({**TUS}, 400),
        ({**TUS, "Upload-Length": "-1"}, 400),
        ({**TUS, "Upload-Length": "१२", "Upload-Metadata": "filename YS50eHQ="}, 400),
        ({**TUS, "Upload-Length": "3", "Upload-Metadata": "filename ???"}, 400),
        ({**TUS, "Upload-Length": "0", "Upload-Metadata": "filename YS50eHQ="}, 422),
        ({**TUS, "Upload-Length": "9" * 15, "Upload-Metadata": "filename YS50eHQ="}, 413),
        ({**TUS, "Upload-Length": "3", "Upload-Metadata": _described("a.exe")}, 415),
        ({**TUS, "Upload-Length": "3", "Upload-Metadata": _described("../a.txt")}, 400),
        ({**TUS, "Upload-Length": "3", "Upload-Metadata": _described("a\u202e.txt")}, 400),
    ],
)
def test_a_beginning_that_will_not_do_is_refused(
    client: Client, db: None, headers: dict[str, str], status: int
) -> None:
    answer = client.post("/files/uploads", headers={**headers, "Accept": "application/json"})
    assert answer.status_code == status
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.json()["detail"]
    assert Upload.objects.count() == 0


def test_what_we_understand_is_told(client: Client, db: None) -> None:
    answer = client.options("/files/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Extension"].split(",") == [
        "creation",
        "creation-with-upload",
        "expiration",
        "termination",
        "checksum",
    ]
    assert answer.headers["Tus-Max-Size"] == str(queries.largest_file())


def test_an_upload_of_somebody_else_is_not_there(client: Client, alice: User) -> None:
    upload = begin(alice, length=3)
    for method in ("head", "delete"):
        answer = getattr(client, method)(f"/files/uploads/{upload.pk}", headers=TUS)
        assert answer.status_code == 404
    assert Upload.objects.get().ended_at is None


def test_an_upload_can_be_given_up(client: Client, db: None) -> None:
    address = _begin(client, length=3).headers["Location"]
    assert client.delete(address, headers=TUS).status_code == 204
    assert client.head(address, headers=TUS).status_code == 410


def test_a_form_from_elsewhere_begins_no_upload(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert _begin(client, length=3).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_tus_client_with_a_key_sends_a_file(server: str, tmp_path: Path) -> None:
    person = make.person()
    _key, token = issue_key(
        person=person, name="tus", scopes=["read", "write"], expires_at=None, at=clock.now()
    )
    content = b"0123456789abcde\n" * 20_000
    client = TusClient(
        f"{server}/api/v1/files/uploads", headers={"Authorization": f"Bearer {token}"}
    )
    sent = client.uploader(
        file_stream=io.BytesIO(content),
        chunk_size=100_000,
        metadata={"filename": "numbers.txt"},
        upload_checksum=True,
    )
    sent.upload()
    with actions.open_bytes(File.objects.get(person=person)) as kept:
        assert kept.read() == content


def test_what_a_client_says_of_the_kind_is_kept_without_marks_that_no_database_takes(
    alice: User,
) -> None:
    upload = actions.open_upload(
        by=make.caller(alice),
        name="a.txt",
        declared_kind="text/plain\x00; half=\ud800",
        length=3,
        at=clock.now(),
    )
    append(upload, 0, b"abc")

    assert upload.declared_kind == finish(upload, alice).declared_kind == "text/plain; half="
