import json
import socket
import time
from typing import Any

import pytest

from atrium.kit.limits import LIMITS
from atrium.web.guard import Guard, body_limit, limit_bodies
from tests.web.served import Echo, Server, read_all, served

pytestmark = pytest.mark.once


def head(method: str, address: str, *headers: str) -> bytes:
    lines = [f"{method} {address} HTTP/1.1", "Host: localhost", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def problem(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_a_body_of_ten_gigabytes_is_refused_before_it_is_read() -> None:
    app = Echo()
    with served(Guard(app)) as server:
        answer = server.send(head("POST", "/api/v1/x", "Content-Length: 10000000000"))

    assert status(answer) == 413
    assert problem(answer)["limit"] == LIMITS.api_bytes
    assert b"connection: close" in answer
    assert b"default-src 'none'" in answer
    assert (app.calls, app.seen) == (0, 0)


def test_who_sends_on_regardless_still_hears_why() -> None:
    with served(Guard(Echo())) as server:
        answer = server.send(
            head("POST", "/", "Content-Length: 5000000", "Accept: text/html") + b"x" * 5_000_000
        )

    assert status(answer) == 413
    assert b"<!doctype html>" in answer


def chunked(*pieces: bytes) -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return framed + b"0\r\n\r\n"


def test_a_body_without_a_length_is_counted() -> None:
    app = Echo()
    with served(Guard(app)) as server:
        over = chunked(*[b"x" * 100_000] * 12)
        answer = server.send(head("POST", "/form", "Transfer-Encoding: chunked") + over)
        assert app.left.wait(5)

    assert status(answer) == 413
    assert app.seen <= LIMITS.form_bytes


def test_what_fits_goes_through_whole() -> None:
    with served(Guard(Echo())) as server:
        sized = head("POST", "/", "Content-Length: 1000000", "Connection: close")
        pieces = head("POST", "/", "Transfer-Encoding: chunked", "Connection: close")

        assert server.send(sized + b"x" * 1_000_000).endswith(b"1000000")
        assert server.send(pieces + chunked(*[b"x" * 1000] * 7)).endswith(b"7000")


def test_the_longest_prefix_says_how_much() -> None:
    assert body_limit("/files/uploads/1") == LIMITS.tus_chunk_bytes
    assert body_limit("/files") == LIMITS.upload_bytes + LIMITS.upload_overhead_bytes
    assert body_limit("/") == LIMITS.form_bytes
    limit_bodies("/planted/", lambda: 7)
    assert body_limit("/planted/here") == 7


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000], ids=["lists", "objects"])
def test_json_of_depth_100000_is_a_400(deep: bytes) -> None:
    headers = ("Content-Type: application/json", f"Content-Length: {len(deep)}")
    app = Echo()
    with served(Guard(app)) as server:
        answer = server.send(head("POST", "/api/v1/x", *headers) + deep)

    assert status(answer) == 400
    assert problem(answer)["code"] == "too_deep"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (head("GET", "/" + "a" * 9_000), 414),
        (head("GET", "/", *[f"X-{number}: 1" for number in range(150)]), 431),
        (head("GET", "/a%00b"), 400),
        (head("GET", "/?q=%00"), 400),
        (head("GET", "/", "X: " + "a" * 70_000), 431),
    ],
)
def test_odd_heads_are_refused(sent: bytes, expected: int) -> None:
    app = Echo()
    with served(Guard(app)) as server:
        assert status(server.send(sent)) == expected
    assert app.calls == 0


def test_headers_without_an_end_do_not_fill_the_memory() -> None:
    with served(Guard(Echo())) as server, server.connect() as line:
        answer = b""
        try:
            line.sendall(b"GET / HTTP/1.1\r\n")
            for number in range(4_000):
                line.sendall(b"X-%d: %s\r\n" % (number, b"a" * 100))
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = read_all(line)

    assert answer == b"" or status(answer) == 431


def test_200_half_open_sockets_do_not_stop_the_next_request_and_are_closed() -> None:
    from atrium.web.connection import PatientConnection  # noqa: PLC0415

    class Hasty(PatientConnection):
        header_seconds = 0.4
        body_idle_seconds = 0.4

    with served(Guard(Echo()), Hasty) as server:
        slow = [_half_open(server, number) for number in range(200)]
        answer = server.send(head("GET", "/", "Connection: close"))

        assert status(answer) == 200
        until = time.monotonic() + 20
        for line in slow:
            line.settimeout(max(0.1, until - time.monotonic()))
            said = read_all(line)
            assert said == b"" or status(said) == 408
            line.close()


@pytest.mark.parametrize(
    ("most", "expected", "sentence"),
    [(1_000, 408, "did not arrive in time"), (-1, 431, "larger than is taken")],
)
def test_what_is_said_before_any_application_is_a_sentence_with_the_headers(
    most: int, expected: int, sentence: str
) -> None:
    from atrium.web.connection import PatientConnection  # noqa: PLC0415
    from atrium.web.headers import secure_headers  # noqa: PLC0415

    class Strict(PatientConnection):
        header_seconds = 0.4
        head_bytes = most

    with served(Guard(Echo()), Strict) as server:
        answer = server.send(b"GET / HTTP/1.1\r\nHost: a\r\n")

    head_said, _, body = answer.decode().partition("\r\n\r\n")
    assert status(answer) == expected
    assert sentence in body
    assert f"content-length: {len(body.encode())}" in head_said
    for name, value in secure_headers().items():
        assert f"{name.lower()}: {value}" in head_said


def _half_open(server: Server, number: int) -> socket.socket:
    line = server.connect()
    if number % 4 == 1:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
    elif number % 4 == 2:
        line.sendall(head("POST", "/", "Content-Length: 100") + b"half")
    elif number % 4 == 3:
        line.sendall(b"\r\n")
    return line


def test_a_kept_line_that_answers_again_may_take_its_time_between() -> None:
    with served(Guard(Echo())) as server, server.connect() as line:
        for _ in range(3):
            line.sendall(head("GET", "/"))
            answer = b""
            while not answer.endswith(b"\r\n\r\n0"):
                answer += line.recv(65536)
            assert status(answer) == 200
