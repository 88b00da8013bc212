import json
import logging
import time

import pytest

from atrium.web.logs import HIDDEN, JsonLines, PlainLines, scrub

pytestmark = pytest.mark.once
SECRETS = [
    "Authorization: Bearer abcdefghijklmnop",
    "token atr_api_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG was used",
    "postgres://atrium:hunter2hunter2@db/atrium",
    '{"password": "hunter2 with spaces"}',
    "password=hunter2&next=/",
    "sk-proj-abcdefghij0123456789",
    "whsec_abcdefgh12345678",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWhlcmU",
    "ATRIUM_SECRET_KEY=0123456789abcdef",
    "Cookie: __Host-session=abcdef0123456789",
]
BARE = ["abcdefghijklmnop", "0123456789abcdef", "hunter2", "c2lnbmF0", "12345678"]


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_hidden(line: str) -> None:
    hidden = scrub(line)

    assert HIDDEN in hidden
    assert not any(bare in hidden for bare in BARE)


@pytest.mark.parametrize(
    "line", ["GET /chat/new failed", "1,204 tokens used", "the job files.read ended", "at 12:30"]
)
def test_plain_words_stay(line: str) -> None:
    assert scrub(line) == line


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("atrium.test", logging.ERROR, "f", 1, message, (), None)
    made.__dict__.update(extra)
    return made


def test_a_line_of_production_is_json_with_its_extras_and_no_secret() -> None:
    line = JsonLines().format(record("failed\nfor good", reference="ab12", api_key="sk-live"))

    told = json.loads(line)
    assert "\n" not in line
    assert (told["reference"], told["api_key"], told["level"]) == ("ab12", HIDDEN, "error")
    assert told["at"].endswith("+00:00")


def test_a_trace_is_kept_without_its_secrets() -> None:
    made = record("failed")
    made.exc_info = (ValueError, ValueError("password=hunter2"), None)

    for line in (JsonLines().format(made), PlainLines().format(made)):
        assert "ValueError" in line
        assert "hunter2" not in line


@pytest.mark.parametrize(
    "piece", ["a", "password", "=", "eyJ", "://", "Bearer ", "atr_x_", '"', " "]
)
def test_a_hostile_line_costs_little(piece: str) -> None:
    hostile = piece * (50_000 // len(piece))

    began = time.process_time()
    scrub(hostile)

    assert time.process_time() - began < 20  # quadratic would be minutes
