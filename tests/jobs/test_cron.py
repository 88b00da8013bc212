from datetime import UTC, datetime

import pytest

from atrium.jobs.cron import NotCron, parse

pytestmark = pytest.mark.once
NOON = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)  # a Saturday


@pytest.mark.parametrize(
    ("expression", "comes"),
    [
        ("* * * * *", (2026, 11, 21, 12, 1)),
        ("*/15 * * * *", (2026, 11, 21, 12, 15)),
        ("0 3 * * *", (2026, 11, 22, 3, 0)),
        ("30 12 * * *", (2026, 11, 21, 12, 30)),
        ("0 12 * * *", (2026, 11, 22, 12, 0)),
        ("0 0 1 * *", (2026, 12, 1, 0, 0)),
        ("0 0 1 1 *", (2027, 1, 1, 0, 0)),
        ("0 9 * * 1-5", (2026, 11, 23, 9, 0)),
        ("0 9 * * 0", (2026, 11, 22, 9, 0)),
        ("0 9 * * 7", (2026, 11, 22, 9, 0)),
        ("0 0 29 2 *", (2028, 2, 29, 0, 0)),
        ("5,10 13-14 * * *", (2026, 11, 21, 13, 5)),
        ("3/20 * * * *", (2026, 11, 21, 12, 3)),
        ("0 0 25 * 1", (2026, 11, 23, 0, 0)),  # either day is enough when both are named
        ("0 0 */10 * 1", (2026, 12, 21, 0, 0)),  # both must fit when one is a star
        ("59 23 31 12 *", (2026, 12, 31, 23, 59)),
    ],
)
def test_an_expression_comes_due_at_the_first_minute_that_fits(
    expression: str, comes: tuple[int, int, int, int, int]
) -> None:
    assert parse(expression).next_after(NOON) == datetime(*comes, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "-1 * * * *",
        "1, * * * *",
        "mon * * * *",
        "١ * * * *",
        "1e1 * * * *",
        "@daily",
    ],
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(NotCron):
        parse(expression)


def test_a_day_that_never_comes_is_refused_when_asked_for() -> None:
    with pytest.raises(NotCron):
        parse("0 0 31 2 *").next_after(NOON)
