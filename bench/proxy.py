"""Look at each promise that the proxies of ``deploy/`` make, in front of a real Atrium.

``python -m bench.proxy`` takes some two minutes for each of nginx and Caddy that is installed.
"""

import contextlib
import http.client
import json
import re
import shutil
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.proxies import NAME, Proxy, caddy, nginx, standing_house

SLOW_LINES = 200
MB = 1_000_000


# What is looked at. Each returns what was seen, and raises AssertionError when it is not so.


def pages(proxy: Proxy, _token: str) -> str:
    status, headers, body = proxy.ask("GET", "/")
    assert status == 200, status
    assert "require-trusted-types-for" in headers["content-security-policy"], headers
    assert headers["strict-transport-security"].startswith("max-age=")
    names = re.findall(rb'(?:href|src)="(/static/[^"]+\.(?:css|js))"', body)
    for name in names:
        status, found, _body = proxy.ask("GET", name.decode(), Accept_Encoding="gzip")
        assert (status, found.get("content-encoding")) == (200, "gzip"), name
        assert "immutable" in found["cache-control"], found
    assert "__Host-csrf" in proxy.ask("GET", "/sign-in")[1]["cookies"]
    return f"the front page, its {len(names)} static files packed, CSP, HSTS, __Host- cookies"


def redirect(proxy: Proxy, _token: str) -> str:
    line = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=10)
    line.request("GET", "/chat?trash", headers={"Host": NAME})
    answer = line.getresponse()
    where = answer.headers["Location"]
    line.close()
    assert answer.status == 308, answer.status
    assert where.startswith("https://"), where
    assert where.endswith("/chat?trash"), where
    return "plain HTTP is sent on to TLS with 308"


def another_name(proxy: Proxy, _token: str) -> str:
    try:
        proxy.line("elsewhere.example").close()
    except (ssl.SSLError, ConnectionError):
        return "who asks for another name gets no handshake"
    raise AssertionError("another name was answered")


def event_stream(proxy: Proxy, token: str) -> str:
    """Ask, and read the answer along: the first piece has to come long before the last byte."""
    authorization = f"Bearer {token}"
    _status, _headers, raw = proxy.ask("GET", "/sign-in")
    cookie = signed_in(proxy)
    stream = proxy.line(timeout=20)
    stream.sendall(f"GET /live HTTP/1.1\r\nHost: {NAME}\r\nCookie: {cookie}\r\n\r\n".encode())
    heard = b""
    while b'"ready"' not in heard:
        heard += stream.recv(65_536)
    sent_at = time.monotonic()
    body = json.dumps({"text": "Why do leaves look green?"}).encode()
    status, _headers, raw = proxy.ask(
        "POST",
        "/api/v1/chats",
        body,
        Authorization=authorization,
        Content_Type="application/json",
    )
    assert status == 202, raw
    first = 0.0
    heard = b""
    while b"turn.done" not in heard and b'"done"' not in heard:
        piece = stream.recv(65_536)
        assert piece, "the stream ended"
        first = first or time.monotonic() - sent_at
        heard += piece
    stream.close()
    return f"the first event {first * 1000:.0f} ms after the question, while the stream stays open"


def signed_in(proxy: Proxy, name: str = "load", password: str = "a long password") -> str:
    status, cookies, _said = sign_in(proxy, name, password)
    assert status == 302, status
    return cookies


def sign_in(proxy: Proxy, name: str, password: str, **more: str) -> tuple[int, str, dict[str, str]]:
    _status, headers, page = proxy.ask("GET", "/sign-in")
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, "no form"
    form = f"csrfmiddlewaretoken={found[1].decode()}&username={name}&password={password}"
    status, answered, _body = proxy.ask(
        "POST",
        "/sign-in",
        form.replace(" ", "+").encode(),
        Cookie=headers["cookies"],
        Origin=f"https://{NAME}",
        Content_Type="application/x-www-form-urlencoded",
        **more,
    )
    return status, answered["cookies"], answered


def upload(proxy: Proxy, token: str) -> str:
    content = b"Leaves look green.\n" * (40 * MB // 19)
    began = time.monotonic()
    status, _headers, body = proxy.ask(
        "POST",
        "/api/v1/files?name=leaves.txt",
        content,
        Authorization=f"Bearer {token}",
        Content_Type="text/plain",
    )
    assert status == 201, body[:300]
    return f"40 MB arrive in {time.monotonic() - began:.1f} s"


def too_large(proxy: Proxy, token: str) -> str:
    own = proxy.ask("POST", "/sign-in", b"x" * (2 * MB), Content_Type="text/plain")
    assert own[0] == 413, own[0]
    assert b"MB" in own[2], own[2][:200]
    line = proxy.line(timeout=20)
    head = f"POST /api/v1/files?name=a.txt HTTP/1.1\r\nHost: {NAME}\r\n"
    head += f"Content-Length: 300000000\r\nAuthorization: Bearer {token}\r\n\r\n"
    line.sendall(head.encode() + b"x" * 65_536)
    said = line.recv(65_536).split(b"\r\n")[0]
    line.close()
    assert b"413" in said, said
    return "2 MB of form get Atrium's own 413 in a sentence, 300 MB are refused before they come"


def slow_headers(proxy: Proxy, _token: str) -> str:
    """Hold many lines open with a byte a second; others are served, and all are closed."""
    lines = [proxy.line(timeout=5) for _each in range(SLOW_LINES)]
    for line in lines:
        line.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: ".encode())
        line.settimeout(0)
    began = time.monotonic()
    slowest, left, pause = 0.0, set(lines), threading.Event()
    while left and time.monotonic() - began < 40:
        asked_at = time.monotonic()
        assert proxy.ask("GET", "/healthz")[0] == 200
        slowest = max(slowest, time.monotonic() - asked_at)
        left = {line for line in left if not is_closed(line)}
        pause.wait(1)
    took = time.monotonic() - began
    assert not left, f"{len(left)} of {SLOW_LINES} lines are still open after {took:.0f} s"
    waited = f"others meanwhile wait {slowest * 1000:.0f} ms"
    return f"{SLOW_LINES} lines are closed after {took:.0f} s; {waited}"


def is_closed(line: ssl.SSLSocket) -> bool:
    with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
        try:
            line.send(b"x")
            return line.recv(65_536) == b""
        except OSError as trouble:
            if isinstance(trouble, ssl.SSLWantReadError):
                raise
            return True
    return False


def slow_body(proxy: Proxy, _token: str) -> str:
    line = proxy.line(timeout=60)
    began = time.monotonic()
    head = f"POST /sign-in HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 1000\r\n\r\nx"
    line.sendall(head.encode())
    said = line.recv(65_536).split(b"\r\n")[0].decode() or "nothing"
    line.close()
    took = time.monotonic() - began
    assert took < 50, took
    return f"a body that stalls is ended after {took:.0f} s ({said})"


def false_address(proxy: Proxy, _token: str) -> str:
    """Try passwords under ever new claimed addresses: they have to count as one visitor's."""
    for number in range(1, 12):
        status, _cookies, _answer = sign_in(
            proxy, "load", "wrong+word", X_Forwarded_For=f"203.0.113.{number}, 198.51.100.{number}"
        )
        if status == 429:
            return f"try {number} is refused, whatever X-Forwarded-For claims"
    raise AssertionError("each claimed address was believed")


def counters(proxy: Proxy, _token: str) -> str:
    status, _headers, _body = proxy.ask("GET", "/metrics")
    assert status in {403, 404}, status
    return f"/metrics is {status}"


LOOKS: tuple[tuple[str, Callable[[Proxy, str], str]], ...] = (
    ("pages", pages),
    ("redirect", redirect),
    ("another name", another_name),
    ("event stream", event_stream),
    ("upload", upload),
    ("too large", too_large),
    ("counters", counters),
    ("slow headers", slow_headers),
    ("slow body", slow_body),
    ("false address", false_address),
)


def look_at(make: Callable[[Path, int], Proxy]) -> int:
    """Look at one proxy, print a line for each promise, and return how many are not kept."""
    broken = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "data").mkdir()
        (folder / "proxy").mkdir()
        with standing_house(folder / "data") as (house, token):
            proxy = make(folder / "proxy", house.port)
            try:
                for name, look in LOOKS:
                    broken += _tell(proxy, name, look, token)
            finally:
                proxy.stop()
    return broken


def _tell(proxy: Proxy, name: str, look: Callable[[Proxy, str], str], token: str) -> int:
    try:
        said, kept = look(proxy, token), True
    except (AssertionError, OSError, http.client.HTTPException) as trouble:
        said, kept = f"{type(trouble).__name__}: {trouble}", False
    print(f"{proxy.title:<6} {'ok ' if kept else 'NOT'} {name:<14} {said}", flush=True)
    return int(not kept)


def main() -> None:
    known: dict[str, Any] = {"nginx": nginx, "caddy": caddy}
    wanted = sys.argv[1:] or list(known)
    broken = 0
    for name in wanted:
        if shutil.which(name, path="/usr/sbin:/usr/bin:/bin:/usr/local/bin"):
            broken += look_at(known[name])
        else:
            print(f"{name} is not installed, so it was not looked at.")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
