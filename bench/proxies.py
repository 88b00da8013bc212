"""The proxies of ``deploy/``, run in front of a real Atrium, without rights and on loopback.

Nothing is changed in their files but names, ports and paths, and one wait of ten minutes.
"""

import contextlib
import getpass
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench.kills import PATIENCE, ROOT, House, free_port, until

NAME = "atrium.example"


@dataclass
class Proxy:
    """One proxy in front of the house: what it is called, where it listens, its process."""

    title: str
    plain: int = field(default_factory=free_port)
    secure: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def line(self, name: str = NAME, timeout: float = 90) -> ssl.SSLSocket:
        """Return a line as a browser would open it, over TLS."""
        trust = ssl.create_default_context()
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE  # Caddy makes its own; names are looked at elsewhere
        raw = socket.create_connection(("127.0.0.1", self.secure), timeout=timeout)
        return trust.wrap_socket(raw, server_hostname=name)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (small) and body."""
        asked = http.client.HTTPConnection(NAME)
        asked.sock = self.line()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                asked.request(method, path, body, {"Host": NAME, **sent})
            answer = asked.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            found["cookies"] = "; ".join(
                cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie", [])
            )
            return answer.status, found, answer.read()
        finally:
            asked.close()

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE)


# The files of deploy/, with the names, ports and paths of this run


def nginx(folder: Path, house: int) -> Proxy:
    proxy = Proxy("nginx")
    certificate(folder)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"\n *listen \[::\][^\n]*", "", text)
    for said, ours in {
        "listen 443": f"listen 127.0.0.1:{proxy.secure}",
        "listen 80": f"listen 127.0.0.1:{proxy.plain}",
        "server 127.0.0.1:8000": f"server 127.0.0.1:{house}",
        "/etc/ssl/atrium": str(folder),
        "/var/log/nginx": str(folder),
    }.items():
        assert said in text, said
        text = text.replace(said, ours)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "atrium.conf").write_text(text)
    me = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{me} daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 2048; }}\nhttp {{ {temporary} include atrium.conf; }}\n"
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    command += ["-e", str(folder / "error.log")]
    return started(proxy, command, folder)


def caddy(folder: Path, house: int) -> Proxy:
    proxy = Proxy("Caddy")
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    # Ten minutes are more than anybody waits here; that they end is what is looked at.
    text = text.replace("read_body 10m", "read_body 30s")
    site = "{$ATRIUM_NAME:atrium.example} {"
    assert site in text
    text = text.replace(site, f"{site}\n\ttls internal\n\tbind 127.0.0.1")
    ports = f"\n\tadmin off\n\thttp_port {proxy.plain}\n\thttps_port {proxy.secure}\n"
    ports += f"\tstorage file_system {folder}/store\n\tskip_install_trust\n\tservers {{"
    (folder / "Caddyfile").write_text(text.replace("\n\tservers {", ports, 1))
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    given = {"ATRIUM_NAME": f"{NAME}:{proxy.secure}", "ATRIUM_UPSTREAM": f"127.0.0.1:{house}"}
    return started(proxy, command, folder, **given)


def started(proxy: Proxy, command: list[str], folder: Path, **given: str) -> Proxy:
    log = (folder / "log").open("wb")
    environment = {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin", **given}
    proxy.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def answers() -> bool:
        assert proxy.process is not None
        if proxy.process.poll() is not None:
            raise SystemExit((folder / "log").read_text())
        with contextlib.suppress(OSError):
            return proxy.ask("GET", "/healthz")[0] == 200
        return False

    until(answers, f"{proxy.title} does not answer")
    return proxy


def certificate(folder: Path) -> None:
    """Make a certificate for the name, as a certificate authority would."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    ).add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    pem = serialization.Encoding.PEM
    signed = made.sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(pem))
    shape = serialization.PrivateFormat.PKCS8
    bare = key.private_bytes(pem, shape, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(bare)


@contextlib.contextmanager
def standing_house(folder: Path) -> Iterator[tuple[House, str]]:
    """Serve Atrium as production does behind one proxy."""
    house = House(folder)
    house.environment |= {
        "ATRIUM_MODE": "production",
        "ATRIUM_PUBLIC_URL": f"https://{NAME}",
        "ATRIUM_SECRET_KEY": "a key for this look alone and long enough",
        "ATRIUM_TRUSTED_PROXIES": "1",
    }
    assert house.atrium("prepare").returncode == 0
    made = house.atrium(
        *("account", "create", "--username", "load", "--password", "a long password"),
        *("--api-key", "load", "--json"),
    )
    assert made.returncode == 0, made.stderr
    house.start()
    try:
        yield house, json.loads(made.stdout)["api_key"]
    finally:
        house.stop()
