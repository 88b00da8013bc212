"""What the web process weighs while nobody asks it anything, and how long it takes to stand.

``python -m bench.idle`` serves a house on PostgreSQL (``--on sqlite``: on SQLite), and looks after
its start, after a guest and a member have opened their first pages, and after 1,000 requests.
"""

import argparse
import http.client
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path

from bench.kills import House
from tests.house.servers import postgres

MOST_MB = 150
REQUESTS = 1_000
PAGES = ["/", "/chat", "/usage", "/wallet", "/settings", "/files", "/handbook", "/sign-in"]
READ = ["/api/v1/me", "/api/v1/chats"]


def asked(house: House, paths: list[str], session: str = "") -> None:
    """Open each of these, as somebody with this session or as a guest."""
    line = http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)
    cookie = {"Cookie": f"session={session}"} if session else {}
    for path in paths:
        line.request("GET", path, headers={"Accept": "text/html", **cookie})
        answer = line.getresponse()
        answer.read()
        assert answer.status < 400 or not session, (path, answer.status)
    line.close()


def megabytes(house: House) -> float:
    assert house.web is not None
    return float(house.web.memory_info().rss / 1_000_000)


def measured(house: House) -> bool:
    prepared = house.atrium("prepare")
    assert prepared.returncode == 0, prepared.stderr
    made = house.python("bench.people_made", "20")
    assert made.returncode == 0, made.stderr
    sessions = json.loads(made.stdout.splitlines()[-1])
    began = time.monotonic()
    house.start()
    stood = time.monotonic() - began
    print(f"stands after {stood:.1f} s", flush=True)
    weighed = {"after the start": megabytes(house)}
    asked(house, PAGES)
    asked(house, [*PAGES, *READ], sessions[0])
    weighed["after the first pages"] = megabytes(house)
    paths = [*PAGES, *READ]
    for session in islice(cycle(sessions), REQUESTS // len(paths)):
        asked(house, paths, session)
    weighed[f"after {REQUESTS:,} requests"] = megabytes(house)
    for when, weight in weighed.items():
        good = "ok" if weight <= MOST_MB else "MISSED"
        print(f"{good:<7} {weight:.0f} MB {when}, at most {MOST_MB}")
    return max(weighed.values()) <= MOST_MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], default="postgresql")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, url = Path(name), ""
        folder.chmod(0o755)
        if args.on == "postgresql":
            url = stack.enter_context(postgres(folder / "pg", durable=True))
            url = url.replace("/atrium?", "/postgres?").replace("pool=off", "pool=on")
        (folder / "house").mkdir()
        house = House(folder / "house", url)
        house.environment |= {"ATRIUM_WORKER": "none"}
        stack.callback(house.stop)
        return 0 if measured(house) else 1


if __name__ == "__main__":
    sys.exit(main())
