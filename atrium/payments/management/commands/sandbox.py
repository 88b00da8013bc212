from getpass import getuser
from typing import Any

from django.core.management.base import CommandParser

from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.payments import billing_clock
from atrium.payments.actions.turning import (
    span_of,
    turn_clock,
    turn_clock_back,
    turn_clock_to_next,
)


class Command(OperatorCommand):
    help = "Turns the clock that payments and plans go by: `sandbox clock +31d`, `next` or `back`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["clock"])
        parser.add_argument(
            "how",
            nargs="?",
            default="",
            help="+31d, +6h, +30m; next: to what is due next; back: to the real time; else: tell",
        )

    def answer(self, *, how: str, **_options: Any) -> Answer:
        by, at = f"console:{_operator()}", clock.now()
        if how == "back":
            turn_clock_back(by=by, at=at)
        elif how == "next":
            turn_clock_to_next(by=by, at=at)
        elif how:
            turn_clock(span=span_of(how), by=by, at=at)
        now, ahead = billing_clock.now(), billing_clock.ahead()
        told = {"now": now.isoformat(), "ahead_seconds": int(ahead.total_seconds())}
        return Answer(told, [f"{now:%Y-%m-%d %H:%M:%S} UTC, {ahead} ahead"])


def _operator() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        return "unknown"
