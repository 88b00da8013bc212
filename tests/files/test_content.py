import asyncio
from typing import Any, cast

import pytest
from django.test import AsyncRequestFactory, Client

from atrium.files import storage
from atrium.files.delivery import deliver, disposition
from atrium.files.links import signed_address
from atrium.files.parcels import parcel_of
from atrium.kit import clock as kit_clock
from atrium.people.models import User
from tests.files.conftest import keep

TEN = b"0123456789"


@pytest.fixture
def file(alice: User, client: Client) -> Any:
    client.force_login(alice)
    return keep(alice, content=TEN)


def get(client: Client, file: Any, **headers: str) -> Any:
    return client.get(f"/files/{file.pk}/content", headers=headers)


@pytest.mark.parametrize(
    ("asked", "status", "body", "said"),
    [
        ("", 200, TEN, None),
        ("bytes=0-2", 206, b"012", "bytes 0-2/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-30", 206, TEN, "bytes 0-9/10"),
        ("bytes=5-500", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, TEN, None),
        ("bytes=0-1,4-5", 200, TEN, None),
        ("bytes=a-b", 200, TEN, None),
        ("lines=0-1", 200, TEN, None),
        ("bytes=1-99999999999999999999999", 200, TEN, None),
    ],
)
def test_a_stretch_is_sent(
    client: Client, file: Any, asked: str, status: int, body: bytes, said: str | None
) -> None:
    answer = get(client, file, Range=asked)
    assert answer.status_code == status
    assert answer.getvalue() == body
    assert answer.headers.get("Content-Range") == said
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_if_range_holds_only_for_the_same_bytes(client: Client, file: Any) -> None:
    etag = get(client, file).headers["ETag"]
    assert get(client, file, Range="bytes=0-1", **{"If-Range": etag}).status_code == 206
    assert get(client, file, Range="bytes=0-1", **{"If-Range": '"x"'}).status_code == 200
    assert get(client, file, **{"If-None-Match": etag}).status_code == 304


def test_head_tells_the_length_and_sends_nothing(client: Client, file: Any) -> None:
    answer = client.head(f"/files/{file.pk}/content")
    assert (answer.headers["Content-Length"], answer.content) == ("10", b"")


def test_bytes_are_sent_so_that_nothing_in_them_runs(client: Client, file: Any) -> None:
    headers = get(client, file).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Cache-Control"] == "private, no-store"


def test_html_is_sent_to_be_read(client: Client, file: Any, alice: User) -> None:
    page = keep(alice, name="a.html", content=b"<script>alert(1)</script>")
    answer = get(client, page)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_is_not_mine_is_not_there(file: Any, charlie: User) -> None:
    stranger = Client()
    for who in (None, charlie):
        if who:
            stranger.force_login(who)
        for what in ("content", "picture", "thumbnail"):
            assert stranger.get(f"/files/{file.pk}/{what}").status_code == 404


def test_a_signed_address_opens_one_file_for_ten_minutes(
    file: Any, alice: User, clock: Any
) -> None:
    other = keep(alice, content=b"other")
    address = signed_address(file, seconds=3600, at=clock.now)
    stranger, path = Client(), address.removeprefix("http://localhost:8000")
    assert stranger.get(path).getvalue() == TEN
    assert stranger.get(path.replace(str(file.pk), str(other.pk))).status_code == 403
    assert stranger.get(path[:-2]).status_code == 403
    clock.forward(minutes=10)
    assert stranger.get(path).status_code == 403


def test_a_signed_address_dies_with_its_file(client: Client, file: Any) -> None:
    path = signed_address(file, at=kit_clock.now()).partition("8000")[2]
    client.post(f"/files/{file.pk}/delete")
    assert Client().get(path).status_code == 404


def test_bytes_that_are_missing_are_a_404(client: Client, file: Any) -> None:
    storage.drop(file.storage_name)
    assert get(client, file).status_code == 404


def test_under_asgi_it_comes_in_pieces(alice: User) -> None:
    big = keep(alice, content=b"x" * (3 * storage.PIECE + 5))
    answer = cast(Any, deliver(AsyncRequestFactory().get("/"), parcel_of(big)))

    async def read() -> list[int]:
        return [len(piece) async for piece in answer]

    assert asyncio.run(read()) == [storage.PIECE] * 3 + [5]


@pytest.mark.once
@pytest.mark.parametrize(
    "name",
    [
        "a.txt",
        "Київ 2026.txt",
        'qu"ote\\back.txt',
        "a\r\nSet-Cookie: x=1.txt",
        "100%.txt",
        "a;b.txt",
        "\u202egpj.exe",
        "😀.txt",
        "файл",
        "x" * 200,
    ],
)
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    said = disposition(name, is_inline=False)
    assert said.isascii()
    assert "\r" not in said
    assert "\n" not in said
    assert said.count('"') == 2
    assert "filename*=UTF-8''" in said
