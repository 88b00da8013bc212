"""Sixteen sign in at once with one guest's cookie, over two web processes: one brings it along.

Each round has a guest with chats and files of their own, who goes on making some while the sixteen
come; afterwards each row is one person's, and counted once. ``python -m bench.claims [rounds]`` on
PostgreSQL; ``--sqlite`` on SQLite.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.kills import House
from tests.house.servers import postgres

AT_ONCE = 16
CHATS, FILES, LATE = 6, 2, 3
PATIENCE = 120
PASSWORD = "correct horse battery"


class Browser:
    """One who signs in: a line of its own, from a network of its own."""

    def __init__(self, house: House, number: int, guest_cookie: str) -> None:
        self.port = house.port
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.cookies = {"guest": guest_cookie}

    def get(self, path: str) -> int:
        return self._ask("GET", path, None)

    def sign_in(self, username: str, password: str) -> int:
        form = {
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": self.cookies["csrf"],
        }
        return self._ask("POST", "/sign-in", urlencode(form))

    def _ask(self, method: str, path: str, body: str | None) -> int:
        line = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Forwarded-For": self.address,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            answer.read()
        finally:
            line.close()
        for told in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(told).items():
                self.cookies[name] = morsel.value
        return answer.status


def one_round(houses: list[House], number: int, people: list[Any], wrong: list[str]) -> None:
    """Let everybody come at once, and write down what does not agree."""
    from atrium.chat.actions import start_chat  # noqa: PLC0415
    from atrium.kit import clock  # noqa: PLC0415
    from atrium.people.actions import gather_claimed, welcome_guest  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    guest, cookie = welcome_guest(at=clock.now())
    by = make.caller(guest)
    for _chat in range(CHATS):
        start_chat(by=by, at=clock.now())
    for _file in range(FILES):
        make.kept_file(by=guest)

    def meanwhile() -> None:
        for _late in range(LATE):  # requests that were let in before the claim
            start_chat(by=by, at=clock.now())

    first = number * AT_ONCE
    browsers = [
        Browser(houses[place % len(houses)], first + place, cookie) for place in range(AT_ONCE)
    ]
    statuses = all_at_once(browsers, [person.username for person in people], meanwhile)
    if set(statuses) != {302}:
        wrong.append(f"round {number}: answers {Counter(statuses)}")
    for person in people:
        gather_claimed(guest_id=guest.pk, person_id=person.pk, at=clock.now())  # as the job does
    wrong += [f"round {number}: {line}" for line in look(guest, cookie)]


def all_at_once(
    browsers: list[Browser], names: list[str], meanwhile: Callable[[], None]
) -> list[int]:
    """Have each browser sign in as somebody else at one moment, and return what was answered."""
    gate, statuses = threading.Barrier(len(browsers) + 1), [0] * len(browsers)

    def come(place: int) -> None:
        browsers[place].get("/sign-in")
        gate.wait(PATIENCE)
        statuses[place] = browsers[place].sign_in(names[place], PASSWORD)

    threads = [threading.Thread(target=come, args=(place,)) for place in range(len(browsers))]
    for thread in threads:
        thread.start()
    gate.wait(PATIENCE)
    meanwhile()
    for thread in threads:
        thread.join(PATIENCE)
    return statuses


def look(guest: Any, cookie: str) -> Iterator[str]:
    """Say what is not as it must be after a round."""
    from atrium.people.comes_along import moving_models  # noqa: PLC0415
    from atrium.people.models import Claim, ClaimCount  # noqa: PLC0415
    from atrium.people.queries import guest_with_token  # noqa: PLC0415

    claims = list(Claim.objects.filter(guest=guest))
    if len(claims) != 1:
        yield f"{len(claims)} claims"
        return
    guest.refresh_from_db()
    if guest.claimed_by_id != claims[0].person_id:
        yield "the guest and the claim name two people"
    if guest_with_token(cookie):
        yield "the old cookie still opens something"
    counted = dict(ClaimCount.objects.filter(claim=claims[0]).values_list("what", "rows"))
    for table in moving_models():
        rows, named = table._default_manager.filter(guest=guest), table._meta.label_lower  # noqa: SLF001
        owners = set(rows.values_list("person", flat=True))
        if owners - {claims[0].person_id}:
            yield f"{named} belongs to {owners}"
        if rows.count() != counted.get(named, 0):
            yield f"{named}: {rows.count()} rows, {counted} counted"
    if counted.get("chat.chat") != CHATS + LATE or counted.get("files.file") != FILES:
        yield f"not all came along: {counted}"


@contextmanager
def served(*, on_postgres: bool) -> Iterator[list[House]]:
    """Serve one database by two web processes, and be set up on it oneself."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        url = stack.enter_context(postgres(folder / "pg")) if on_postgres else ""
        url = url.replace("/atrium?", "/postgres?")
        (folder / "data").mkdir()
        houses = [House(folder / "data", url) for _each in range(2)]
        for house in houses:
            house.environment |= {"ATRIUM_TRUSTED_PROXIES": "1", "ATRIUM_WORKER": "none"}
        prepared = houses[0].atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr
        for house in houses:
            stack.callback(house.stop)
            house.start()
        ours = houses[0].environment
        os.environ.update({name: ours[name] for name in ours if name.startswith("ATRIUM_")})
        os.environ["DJANGO_SETTINGS_MODULE"] = "atrium.settings"
        import django  # noqa: PLC0415

        django.setup()
        yield houses


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rounds", type=int, nargs="?", default=40)
    asked.add_argument("--sqlite", action="store_true")
    said = asked.parse_args()
    wrong: list[str] = []
    with served(on_postgres=not said.sqlite) as houses:
        from django.db import connection  # noqa: PLC0415

        from tests import make  # noqa: PLC0415

        first = make.person(username="person-0", password=PASSWORD)
        people = [first] + [make.person(username=f"person-{place}") for place in range(1, AT_ONCE)]
        type(first).objects.update(password=first.password)
        began = time.monotonic()
        for number in range(1, said.rounds + 1):
            one_round(houses, number, people, wrong)
        taken = time.monotonic() - began
        engine = connection.vendor
        connection.close()
    print(
        f"claims on {engine}: {said.rounds} rounds of {AT_ONCE} sign-ins at once over 2 processes,"
        f" {len(wrong)} wrong, {taken:.0f} s"
    )
    for line in wrong[:20]:
        print(f"  {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
