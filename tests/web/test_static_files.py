import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from atrium.web.static_files import StaticApp, integrity

pytestmark = pytest.mark.once


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.0123456789ab.js").write_bytes(b"let a = 1;\n" * 50)
    packed = gzip.compress((tmp_path / "app.0123456789ab.js").read_bytes())
    (tmp_path / "app.0123456789ab.js.gz").write_bytes(packed)
    (tmp_path / "plain.css").write_bytes(b"0123456789")
    (tmp_path.parent / "outside.txt").write_bytes(b"secret")
    return tmp_path


def get(
    root: Path, name: str, method: str = "GET", **asked: str
) -> tuple[int, dict[str, str], bytes]:
    headers = [(key.replace("_", "-").encode(), value.encode()) for key, value in asked.items()]
    scope = {"type": "http", "method": method, "path": f"/static/{name}", "headers": headers}
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    asyncio.run(StaticApp(root)(scope, receive, send))
    told = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:])


def test_a_hashed_file_is_kept_for_ever_and_another_is_asked_about(root: Path) -> None:
    assert "immutable" in get(root, "app.0123456789ab.js")[1]["cache-control"]
    assert get(root, "plain.css")[1]["cache-control"] == "no-cache"


def test_who_can_unpack_gets_the_packed_one(root: Path) -> None:
    status, headers, body = get(root, "app.0123456789ab.js", accept_encoding="br, gzip")

    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(body) == (root / "app.0123456789ab.js").read_bytes()
    assert headers["vary"] == "accept-encoding"
    assert "content-encoding" not in get(root, "app.0123456789ab.js", accept_encoding="gzip;q=0")[1]


def test_what_the_browser_has_is_not_sent_again(root: Path) -> None:
    tag = get(root, "plain.css")[1]["etag"]

    status, _headers, body = get(root, "plain.css", if_none_match=tag)

    assert (status, body) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=0-99", 206, b"0123456789"),
        ("bytes=10-", 416, b""),
        ("bytes=5-2", 416, b""),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=1", 200, b"0123456789"),
    ],
)
def test_a_part_can_be_asked_for(root: Path, asked: str, status: int, body: bytes) -> None:
    found = get(root, "plain.css", range=asked)

    assert (found[0], found[2]) == (status, body)
    assert found[1]["content-length"] == str(len(body))


def test_a_part_of_an_older_file_is_the_whole_new_one(root: Path) -> None:
    assert get(root, "plain.css", range="bytes=0-1", if_range='"old"')[0] == 200


def test_head_has_the_length_and_no_body(root: Path) -> None:
    status, headers, body = get(root, "plain.css", "HEAD")

    assert (status, headers["content-length"], body) == (200, "10", b"")


@pytest.mark.parametrize(
    "name", ["../outside.txt", "..%2foutside.txt", "no.css", "a\0b", "", "/etc/passwd"]
)
def test_nothing_outside_is_found(root: Path, name: str) -> None:
    assert get(root, name)[0] == 404


def test_it_carries_the_security_headers_and_answers_no_post(root: Path) -> None:
    assert get(root, "plain.css")[1]["x-content-type-options"] == "nosniff"
    assert get(root, "plain.css", "POST")[0] == 405


def test_our_own_files_have_a_digest() -> None:
    assert integrity("web/app.js").startswith("sha384-")
    assert integrity("web/no-such.js") == ""
