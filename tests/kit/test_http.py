import ast
import asyncio
import itertools
import socket
import socketserver
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from atrium.kit import http
from atrium.kit.http import Door, FetchFailed, FetchRefused, fetch, fetch_now

pytestmark = pytest.mark.once
ATRIUM = Path(http.__file__).parents[1]
PUBLIC = "93.184.216.34"


class Canary:
    """Listens and counts who came."""

    def __init__(self, family: Any, host: Any, port: Any = 0) -> None:
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind((host, port))
        self.socket.listen(64)
        self.socket.setblocking(False)  # noqa: FBT003
        self.port = self.socket.getsockname()[1]

    def visits(self) -> Any:
        count = 0
        while True:
            try:
                self.socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture
def canaries() -> Any:
    both = [Canary(socket.AF_INET, "127.0.0.1")]
    if socket.has_ipv6:
        both.append(Canary(socket.AF_INET6, "::1", both[0].port))
    yield both
    for one in both:
        one.socket.close()


@pytest.fixture
def names() -> Any:
    """A table of names; numbers in any spelling go to the system, as they would."""
    table: dict[str, Any] = {}

    async def resolve(host: Any, port: Any) -> Any:
        if host in table:
            return list(next(table[host]))
        if host.rstrip(".").split(".")[-1].isalpha() and host.rstrip(".") != "localhost":
            raise OSError
        return await http._look_up(host, port)

    http.use(resolve)
    yield lambda name, *answers: table.update({name: itertools.cycle(answers)})
    http.use(None)


SPELLINGS = """
http://127.0.0.1:{p}/ http://127.1:{p}/ http://127.0.1:{p}/ http://2130706433:{p}/
http://017700000001:{p}/ http://0x7f000001:{p}/ http://0x7f.0.0.1:{p}/ http://0x7f.1:{p}/
http://0177.0.0.1:{p}/ http://0177.1:{p}/ http://0127.0.0.1:{p}/ http://127.000.000.001:{p}/
http://127.0.0.1.:{p}/ http://127.127.127.127:{p}/ http://0:{p}/ http://0.0.0.0:{p}/ http://00:{p}/
http://localhost:{p}/ http://LOCALHOST:{p}/ http://localhost.:{p}/ http://lOcAlHoSt.:{p}/
http://[::1]:{p}/ http://[::]:{p}/ http://[0:0:0:0:0:0:0:1]:{p}/ http://[0000::0001]:{p}/
http://[::ffff:127.0.0.1]:{p}/ http://[::ffff:7f00:1]:{p}/ http://[0:0:0:0:0:ffff:127.0.0.1]:{p}/
http://[::127.0.0.1]:{p}/ http://[64:ff9b::127.0.0.1]:{p}/ http://[64:ff9b::7f00:1]:{p}/
http://[2002:7f00:1::]:{p}/ http://[2002:7f00:0001::1]:{p}/ http://[fe80::1%25lo]:{p}/
http://[::1%25lo]:{p}/ http://[::1%lo]:{p}/ http://[fd00::1]:{p}/ http://[ff02::1]:{p}/
http://①②⑦.⓪.⓪.①:{p}/ http://１２７.０.０.１:{p}/ http://127。0。0。1:{p}/ http://127．0．0．1:{p}/
http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/ http://local\u00adhost:{p}/ http://%31%32%37.0.0.1:{p}/
http://%6c%6f%63alhost:{p}/ http://127.0.0.1%00.example.com:{p}/ http://127.0.0.1%2eexample:{p}/
http://example.com@127.0.0.1:{p}/ http://user:secret@127.0.0.1:{p}/ http://127.0.0.1:{p}@example.com/
http://example.com:80@127.0.0.1:{p}/ http://example.com#@127.0.0.1:{p}/
http://example.com\\@127.0.0.1:{p}/ http:\\\\127.0.0.1:{p}\\ http:///127.0.0.1:{p}/
http:127.0.0.1:{p} //127.0.0.1:{p}/ 127.0.0.1:{p} HTTP://127.0.0.1:{p}/ http://169.254.169.254/
http://[::ffff:169.254.169.254]/ http://2852039166/ http://0xa9fea9fe/ http://10.0.0.1/
http://192.168.0.1/ http://100.64.0.1/ http://inside.example:{p}/ http://mixed.example:{p}/
http://inside.example.:{p}/ http://wrapped.example:{p}/ https://inside.example:{p}/
file:///etc/passwd gopher://127.0.0.1:{p}/_x ftp://127.0.0.1:{p}/ dict://127.0.0.1:{p}/x
data:text/plain,x javascript:alert(1) unix:///tmp/x ws://127.0.0.1:{p}/ http:// https://: http://:{p}/
http://127.0.0.1:0{p}/ http://127.0.0.1:99999/ http://127.0.0.1:x/
""".split()  # noqa: SIM905


@pytest.mark.parametrize(
    "spelling", [*SPELLINGS, "http://127.0.0.1\t:{p}/", " http://127.0.0.1:{p}/"]
)
def test_no_spelling_reaches_this_machine(
    spelling: Any, canaries: Any, names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The canary's port is let through, so that it is the address that is refused.
    port = canaries[0].port
    monkeypatch.setattr(http, "_PUBLIC_PORTS", {80, 443, port})
    names("inside.example", ["127.0.0.1"])
    names("inside.example.", ["::1"])
    names("mixed.example", [PUBLIC, "127.0.0.1"])
    names("wrapped.example", ["64:ff9b::7f00:1"])
    with pytest.raises((FetchRefused, FetchFailed)) as caught:
        fetch_now(spelling.format(p=port), door=Door.PUBLIC, seconds=10)
    assert getattr(caught.value, "why", "name") == "name"
    assert [one.visits() for one in canaries] == [0] * len(canaries)


def test_the_canaries_do_hear_who_comes_by_the_other_door(canaries: Any) -> None:
    """The harness proves itself: what the public door refuses, the operator's reaches."""
    for canary, host in zip(canaries, ("127.0.0.1", "[::1]"), strict=False):
        with pytest.raises(FetchFailed) as caught:
            fetch_now(f"http://{host}:{canary.port}/", door=Door.OPERATOR, seconds=0.5)
        assert caught.value.why == "timeout"
        assert canary.visits() == 1


def test_a_name_that_changes_its_answer_is_asked_once(
    canaries: Any, names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    went = []

    def connect(_self: Any, address: Any) -> None:
        went.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    names("rebinding.example", [PUBLIC], ["127.0.0.1"])
    for _ in range(4):
        with pytest.raises((FetchRefused, FetchFailed)):
            fetch_now("http://rebinding.example/", door=Door.PUBLIC, seconds=10)
    assert went == [PUBLIC, PUBLIC]


def test_the_last_check_stands_at_the_socket_itself(
    canaries: Any, names: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Planted: the check of what was looked up is gone."""
    port = canaries[0].port
    monkeypatch.setattr(http, "_PUBLIC_PORTS", {port})

    async def unchecked(_target: Any, _door: Any) -> Any:
        return ["127.0.0.1"]

    monkeypatch.setattr(http, "_addresses", unchecked)
    for url in (f"http://a.example:{port}/", f"http://127.0.0.1:{port}/"):
        with pytest.raises(FetchRefused):
            fetch_now(url, door=Door.PUBLIC)
    assert canaries[0].visits() == 0


@pytest.mark.parametrize("port", [22, 25, 8080, 6379])
def test_only_two_ports_are_public(port: Any, names: Any) -> None:
    with pytest.raises(FetchRefused, match="ports 80 and 443"):
        fetch_now(f"http://{PUBLIC}:{port}/", door=Door.PUBLIC)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@pytest.fixture
def serve() -> Any:
    """Return a function that serves these bytes to whoever asks, and tells what was asked."""
    servers = []

    def start(*pieces: Any) -> Any:
        asked = []

        class Talk(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                heard = b""
                while b"\r\n\r\n" not in heard:
                    heard += self.request.recv(65_536)
                asked.append(heard)
                for piece in pieces:
                    try:
                        self.request.sendall(piece)
                    except OSError:
                        return
                self.request.shutdown(socket.SHUT_WR)

        server = _Server(("127.0.0.1", 0), Talk)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Two: b\r\n\r\n"


def test_an_answer_comes_with_status_headers_and_body(serve: Any) -> None:
    url, asked = serve(OK, b"hello")
    answer = fetch_now(
        f"{url}/a?b=c", door=Door.OPERATOR, method="POST", headers={"X-One": "a"}, body=b"given"
    )
    assert (answer.status, answer.body, answer.url) == (200, b"hello", f"{url}/a?b=c")
    assert answer.headers["x-two"] == "b"
    assert asked[0].startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert b"X-One: a\r\n" in asked[0]
    assert b"Accept-Encoding: identity\r\n" in asked[0]


def test_a_redirect_is_an_answer_and_is_not_followed(serve: Any) -> None:
    inside, never = serve(OK)
    url, _asked = serve(f"HTTP/1.1 302 Found\r\nLocation: {inside}/\r\n\r\n".encode())
    answer = fetch_now(url, door=Door.OPERATOR)
    assert answer.status == 302
    assert answer.headers["location"] == f"{inside}/"
    assert never == []


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n"],
        [OK, *[b"x" * 1000] * 20],
        [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            *[b"3e8\r\n" + b"x" * 1000 + b"\r\n"] * 20,
        ],
    ],
)
def test_an_answer_too_large_is_not_read_to_its_end(serve: Any, pieces: Any) -> None:
    url, _asked = serve(*pieces)
    with pytest.raises(FetchFailed) as caught:
        fetch_now(url, door=Door.OPERATOR, max_bytes=10_000)
    assert caught.value.why == "too_large"


def test_a_packed_answer_is_not_unpacked(serve: Any) -> None:
    url, _asked = serve(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", b"\x1f\x8b")
    with pytest.raises(FetchFailed, match="packed"):
        fetch_now(url, door=Door.OPERATOR)


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"nonsense\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"],
        [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"],
    ],
)
def test_trouble_on_the_line_is_one_kind_of_failure(serve: Any, pieces: Any) -> None:
    url, _asked = serve(*pieces)
    with pytest.raises(FetchFailed) as caught:
        fetch_now(url, door=Door.OPERATOR)
    assert caught.value.why == "line"


def test_a_name_nobody_knows_is_a_failure_and_no_refusal(names: Any) -> None:
    with pytest.raises(FetchFailed, match="name"):
        fetch_now("http://nobody.example/", door=Door.PUBLIC)


def test_it_can_be_awaited(serve: Any) -> None:
    url, _asked = serve(OK, b"hello")
    assert asyncio.run(fetch(url, door=Door.OPERATOR)).body == b"hello"


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_fetched(serve: Any) -> None:
    url, asked = serve(OK)
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        fetch_now(url, door=Door.OPERATOR)
    assert asked == []
    assert fetch_now(url, door=Door.OPERATOR).status == 200


@pytest.mark.django_db
def test_the_transaction_of_a_test_case_does_not_count(serve: Any) -> None:
    url, _asked = serve(OK)
    assert fetch_now(url, door=Door.OPERATOR).status == 200


def _fetchers(source: Any) -> Any:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
    known = {"aiohttp", "httpx", "requests", "urllib3", "http.client", "urllib.request", "pycurl"}
    return {name for name in found if name in known or name.split(".")[0] in known}


def test_nothing_else_in_the_house_fetches() -> None:
    # The second is the operators' door for long answers, and looks at addresses as the first does;
    # the third names the words of requests that allauth uses, and fetches by the first.
    allowed = {
        ATRIUM / "kit" / "http.py",
        ATRIUM / "kit" / "lines_out.py",
        ATRIUM / "people" / "vouching.py",
    }
    guilty = {
        str(path.relative_to(ATRIUM))
        for path in ATRIUM.rglob("*.py")
        if path not in allowed
        and (ATRIUM / "engines") not in path.parents
        and _fetchers(path.read_text(encoding="utf-8"))
    }
    assert guilty == set()


@pytest.mark.parametrize(
    "planted",
    [
        "import httpx",
        "from urllib import request",
        "import urllib.request as u",
        "from aiohttp import web",
        "def f():\n    import requests",
    ],
)
def test_a_planted_fetcher_is_found(planted: Any) -> None:
    assert _fetchers(planted)
