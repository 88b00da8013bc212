import hashlib
import struct
from collections.abc import Iterator
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from atrium.files import actions, queries, storage
from atrium.files.actions import usage
from atrium.files.models import File, Usage
from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS, MB
from atrium.options.actions import set_option
from atrium.people.caller import NOBODY
from atrium.people.models import User
from tests import make
from tests.files.conftest import keep, picture, zipped


def test_a_text_is_kept_with_its_hash(alice: User) -> None:
    file = keep(alice, content=b"Kyiv is the capital.\n")
    assert file.sha256 == hashlib.sha256(b"Kyiv is the capital.\n").hexdigest()
    assert file.kind == "text/plain"
    with actions.open_bytes(file) as kept:
        assert kept.read() == b"Kyiv is the capital.\n"
    assert Usage.objects.get(owner=file.audience).kept_bytes == file.size
    assert list(storage.drafts().iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.md", b"# Title", "text/markdown"),
        ("a.csv", "місто,рік\nКиїв,482".encode(), "text/csv"),
        ("a.txt", "Київ".encode("utf-16"), "text/plain"),
        ("README", b"no ending", "text/plain"),
        ("report 3.5", b"a number is no ending", "text/plain"),
        ("a.html", b"<script>alert(1)</script>", "text/html"),
        ("a.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "application/pdf"),
        ("a.png", picture("PNG"), "image/png"),
        ("a.gif", picture("GIF"), "image/gif"),
        ("a.jpeg", picture("JPEG"), "image/jpeg"),
        ("a.webp", picture("WEBP"), "image/webp"),
        ("picture without ending", picture("PNG"), "image/png"),
        ("a.mp3", b"\xff\xfb\x90\x00" + bytes(400), "audio/mpeg"),
        ("a.wav", b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28), "audio/wav"),
        ("a.m4a", b"\0\0\0\x20ftypM4A " + bytes(40), "audio/mp4"),
        ("a.webm", b"\x1aE\xdf\xa3" + bytes(40), "video/webm"),
        (
            "a.docx",
            zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.epub", zipped({"mimetype": b"application/epub+zip"}), "application/epub+zip"),
    ],
)
def test_each_kind_is_known_by_its_content(
    alice: User, name: str, content: bytes, kind: str
) -> None:
    assert keep(alice, name=name, content=content).kind == kind


def _png_with_tail(tail: bytes) -> bytes:
    return picture("PNG") + tail


BOMB = zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": bytes(300 * MB)}, level=9)


def _lying_bomb() -> bytes:
    """A bomb whose directory says that nothing much is inside."""
    raw = bytearray(BOMB)
    big = struct.pack("<I", 300 * MB)
    return bytes(raw.replace(big, struct.pack("<I", 1000)))


@pytest.mark.parametrize(
    ("name", "content", "declared", "code"),
    [
        ("a.txt", zipped({"x": b"x"}), "", "not_what_it_says"),
        ("a.txt", picture("PNG"), "", "not_what_it_says"),
        ("a.png", b"<html>", "", "not_what_it_says"),
        ("a.pdf", b"just words", "", "not_what_it_says"),
        ("a.docx", zipped({"x": b"x"}), "", "not_what_it_says"),
        ("a.txt", b"words", "image/png", "not_what_it_says"),
        ("a.txt", b"words", "image/x-unheard-of", "not_what_it_says"),
        ("a.gif", picture("GIF") + b"<script>alert(1)</script>", "", "not_what_it_says"),
        ("a.gif", picture("GIF") + zipped({"Evil.class": b"x"}), "", "not_what_it_says"),
        ("a.jpg", picture("JPEG") + zipped({"Evil.class": b"x"}), "", "not_what_it_says"),
        ("a.png", _png_with_tail(b"<html><script>"), "", "not_what_it_says"),
        ("a.webp", picture("WEBP") + b"<script>", "", "not_what_it_says"),
        (
            "a.pdf",
            b"%PDF-1.4\n%%EOF\n" + zipped({"x": b"x"}),
            "",
            "not_what_it_says",
        ),
        ("a.docx", zipped({"x": b"x", "../../etc/passwd": b"x"}), "", "not_what_it_says"),
        ("a.txt", b"words\0and a NUL", "", "not_what_it_says"),
        ("a.txt", b"\xcf\xf0\xe8\xe2\xb3\xf2", "", "not_what_it_says"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "", "kind_not_taken"),
        ("a.exe", b"MZ" + bytes(100), "", "kind_not_taken"),
        ("a.zip", zipped({"x": b"x"}), "", "kind_not_taken"),
        ("archive", zipped({"x": b"x"}), "", "kind_not_taken"),
        ("a.docx", BOMB, "", "unpacks_too_large"),
        ("a.docx", _lying_bomb(), "", "damaged"),
        ("a.txt", b"", "", "empty_file"),
        ("../../a.txt", b"words", "", "bad_name"),
        ("..\\a.txt", b"words", "", "bad_name"),
        ("a\0.txt", b"words", "", "bad_name"),
        ("exe\u202egpj.txt", b"words", "", "bad_name"),
        ("", b"words", "", "bad_name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_what_it_says_is_refused_and_leaves_nothing(
    alice: User, name: str, content: bytes, declared: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        keep(alice, name=name, content=content, declared=declared)
    assert refused.value.code == code
    assert refused.value.detail[-1] in ".:"
    assert File.objects.count() == 0
    assert not list(storage.every_name())
    assert not list(storage.drafts().iterdir())
    assert Usage.objects.filter(kept_bytes__gt=0).count() == 0


def test_the_refusal_names_ending_and_content(alice: User) -> None:
    with pytest.raises(actions.NotWhatItSays) as refused:
        keep(alice, name="notes.txt", content=zipped({"x": b"x"}))
    assert refused.value.detail == (
        "This is not what it says: the name ends in .txt but the content is a ZIP archive."
    )


def test_nobody_keeps_nothing(db: None) -> None:
    with pytest.raises(actions.NobodyKeeps):
        actions.keep_upload(by=NOBODY, name="a.txt", source=[b"x"], at=clock.now())


def test_a_file_over_the_limit_is_refused_before_it_is_read(alice: User) -> None:
    set_option(key="files.largest_mb", text="1", by="system", at=clock.now())
    read = []

    def source() -> Iterator[bytes]:
        read.append(1)
        yield b"x"

    with pytest.raises(actions.FileTooLarge) as refused:
        actions.keep_upload(
            by=make.caller(alice),
            name="a.txt",
            source=source(),
            expected_size=2 * MB,
            at=clock.now(),
        )
    assert (refused.value.limit, refused.value.used, read) == (MB, 2 * MB, [])


def test_a_stream_that_goes_on_over_the_limit_is_cut(alice: User) -> None:
    set_option(key="files.largest_mb", text="1", by="system", at=clock.now())
    read = 0

    def source() -> Iterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 300_000

    with pytest.raises(actions.FileTooLarge):
        actions.keep_upload(by=make.caller(alice), name="a.txt", source=source(), at=clock.now())
    assert read == 4
    assert not list(storage.drafts().iterdir())


def test_guests_together_keep_no_more_than_they_were_given(alice: User) -> None:
    set_option(key="files.guests_total_mb", text="1", by="system", at=clock.now())
    keep(make.guest(), content=b"word " * 120_000)

    with pytest.raises(usage.GuestsFull) as refused:
        keep(make.guest(), content=b"word " * 120_000)

    assert (refused.value.limit, refused.value.used) == (MB, 600_000)
    assert File.objects.count() == 1
    keep(alice, content=b"word " * 120_000)


def test_guests_of_one_network_share_its_room(alice: User) -> None:
    set_option(key="files.guests_network_mb", text="1", by="system", at=clock.now())
    one, two = make.guest(network="a" * 64), make.guest(network="a" * 64)
    keep(one, content=b"word " * 120_000)

    with pytest.raises(usage.GuestsFull) as refused:
        keep(two, content=b"word " * 120_000)

    assert (refused.value.limit, refused.value.used) == (MB, 600_000)
    keep(make.guest(network="b" * 64), content=b"word " * 120_000)
    keep(make.guest(), content=b"word " * 120_000)


def test_a_guest_has_so_many_uploads_a_day(db: None, clock: Any) -> None:
    set_option(key="files.guest_daily_uploads", text="2", by="system", at=clock.now)
    guest = make.guest()
    keep(guest, at=clock.now)
    keep(guest, at=clock.now)
    with pytest.raises(actions.UploadsUsedUp) as refused:
        keep(guest, at=clock.now)
    assert refused.value.retry_at
    assert refused.value.retry_at.isoformat() == "2026-11-22T00:00:00+00:00"
    keep(guest, at=clock.forward(hours=12))


@pytest.mark.django_db(transaction=True)
def test_sixteen_uploads_at_once_with_room_for_three_keep_three() -> None:
    person = make.person()
    set_option(key="files.quota_member_mb", text="3", by="system", at=clock.now())
    barrier, kept, refused = Barrier(16), [], []

    def upload() -> None:
        try:
            barrier.wait(30)
            kept.append(keep(person, content=b"x" * MB))
        except actions.QuotaReached as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=upload) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(kept), len(refused)) == (3, 13)
    assert Usage.objects.get().kept_bytes == 3 * MB
    assert len(list(storage.every_name())) == 3
    assert refused[0].detail == "This file has 1 MB, and 3 MB of your 3 MB are used."
    assert refused[0].way_on


def test_recounting_finds_what_is_kept(alice: User) -> None:
    file = keep(alice)
    Usage.objects.update(kept_bytes=99)
    assert actions.recount(owner=file.audience).kept_bytes == file.size


def test_limits_are_told_before(alice: User) -> None:
    keep(alice, content=b"x" * 1000)
    told = queries.allowance_of(make.caller(alice), at=clock.now())
    assert told.left_bytes == 5000 * MB - 1000
    assert told.one_request_bytes == LIMITS.upload_bytes
    assert told.uploads_left_today is None
    assert ".pdf" in told.extensions


def test_nobody_keeps_more_files_than_anybody_looks_through(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "LIMITS", replace(LIMITS, files_per_person=2))
    first = keep(alice)
    keep(alice)

    with pytest.raises(actions.TooManyFiles) as refused:
        keep(alice)
    assert (refused.value.limit, refused.value.used) == (2, 2)
    with pytest.raises(actions.TooManyFiles):
        actions.open_upload(by=make.caller(alice), name="a.txt", length=3, at=clock.now())

    keep(bob)
    file = actions.delete_file(file=first, by=make.caller(alice), at=clock.now())
    actions.purge_file(file=file, at=clock.now())
    keep(alice)


def test_a_form_brings_a_bounded_number_of_files(client: Client, db: None) -> None:
    files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(LIMITS.form_files + 1)]

    answer = client.post("/files", {"file": files})

    assert answer.status_code == 413
    assert not File.objects.exists()
