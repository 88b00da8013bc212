"""An identity provider on loopback: a real server, whose answers a test can turn bad."""

import base64
import contextlib
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from jwt.algorithms import RSAAlgorithm

HOUSE = "/accounts/oidc/house/login/"
CLIENT_ID, SECRET = "atrium at tests", "a secret between us"
KNOWN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Vouching:
    """Says of each visitor what the test tells it to say."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.claims: dict[str, Any] = {}  # over what the identity token would say by itself
        self.header: dict[str, Any] = {"kid": "one"}
        self.signs: Any = KNOWN_KEY
        self.algorithm = "RS256"
        self.instead: dict[str, tuple[int, dict[str, str], bytes]] = {}  # path → a raw answer
        self.without_id_token = False
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def go(self, location: str, **claims: Any) -> str:
        """Be the person who says yes at ``location``; return the address they are sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert asked["client_id"] == CLIENT_ID
        self.claims = claims
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?code={code}&state={asked['state']}"

    def token_for(self, code: str, verifier: str) -> dict[str, Any] | None:
        asked = self.codes.pop(code, None)  # each code once
        if asked is None or asked.get("code_challenge") != _challenge(verifier):
            return None
        answer = {"access_token": f"access-{code}", "token_type": "Bearer"}
        if not self.without_id_token:
            answer["id_token"] = self.identity(nonce=asked.get("nonce"))
        return answer

    def identity(self, **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "iat": now,
            "exp": now + 300,
            "preferred_username": "Alice",
            **claims,
            **self.claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, self.signs, algorithm=self.algorithm, headers=self.header)

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path in self.instead:
            return self.instead[path]
        if path == "/.well-known/openid-configuration":
            return _json(self.configuration())
        if path == "/keys":
            jwk = json.loads(RSAAlgorithm.to_jwk(KNOWN_KEY.public_key()))
            return _json({"keys": [{**jwk, "kid": "one", "alg": "RS256", "use": "sig"}]})
        if path == "/token":
            told = self.token_for(form.get("code", ""), form.get("code_verifier", ""))
            good = form.get("client_secret") == SECRET and told
            return _json(told) if good else (400, {}, b'{"error": "invalid_grant"}')
        return 404, {}, b""

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }


def _json(said: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@contextmanager
def vouching() -> Iterator[Vouching]:
    """Serve a provider until the test ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            status, headers, body = provider.answer(path, form)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):  # the other side had enough
                self.wfile.write(body)

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = Vouching(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# What a person does at the house's doors


def there(client: Client, query: str = "", path: str = HOUSE) -> str:
    """Press the button, and return the address that the browser is led to."""
    answer = client.post(f"{path}{query}", {"next": "/settings"})
    assert answer.status_code == 200, answer
    found = re.search(r'url=([^"]+)"', answer.content.decode())
    assert found
    return unescape(found[1])


def sign_in(client: Client, provider: Vouching, **claims: Any) -> Any:
    return client.get(provider.go(there(client), **claims))


def choose(client: Client, name: str = "alice") -> Any:
    return client.post("/sign-up/finish", {"username": name})


def who(client: Client) -> str:
    return str(client.get("/api/v1/me").json().get("username", ""))
