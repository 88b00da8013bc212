from argparse import ArgumentParser
from collections.abc import Sequence
from getpass import getuser
from typing import Any

from django.core.management.base import CommandError

from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.kit.errors import Refusal
from atrium.payments.actions.gateways import set_up_gateway
from atrium.payments.gateways.registry import gateway_of, needs_of, slugs, title_of
from atrium.payments.gateways.setup import setup_of

API_URL = "api_url"
"""The key under which a gateway that may be asked elsewhere keeps where."""


class Command(OperatorCommand):
    help = "Connect the gateways that people pay by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["connect", "list", "disconnect"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            dest="fields",
            metavar="FIELD=VALUE",
            help="a key that it gave you; FIELD=- reads it from the standard input",
        )
        parser.add_argument("--api-url", default="", help="where it is asked, if not at its own")
        parser.add_argument("--currencies", default="", help="with commas; all it takes if empty")
        parser.add_argument("--order", type=int, default=100)

    def answer(self, *, verb: str, name: str, fields: list[str], **options: Any) -> Answer:
        if verb == "list":
            return _list()
        if name not in slugs():
            raise CommandError(f"There is no gateway “{name}”. There are: {', '.join(slugs())}.")
        if verb == "disconnect":
            return _disconnect(name)
        keys = _read(fields)
        if options["api_url"]:
            keys[API_URL] = options["api_url"]
        return _connect(name, keys, currencies=options["currencies"], order=options["order"])


def _connect(name: str, keys: dict[str, str], *, currencies: str, order: int) -> Answer:
    _set_up(name, is_enabled=True, currencies=currencies, order=order, keys=keys)
    if gateway_of(name) is None:
        missing = [need.name for need in needs_of(name) if need.name not in setup_of(name).keys]
        raise CommandError(
            f"{title_of(name)} is kept, and not offered before it has: {', '.join(missing)}."
        )
    return Answer(_told(name), [f"{title_of(name)} is connected, and offered at the checkout."])


def _disconnect(name: str) -> Answer:
    kept = setup_of(name)
    currencies = " ".join(sorted(kept.currencies))
    _set_up(name, is_enabled=False, currencies=currencies, order=kept.order, keys={})
    return Answer(_told(name), [f"{title_of(name)} is not offered any more; its keys are kept."])


def _set_up(name: str, **told: Any) -> None:
    try:
        set_up_gateway(slug=name, **told, by=f"console:{getuser()}", at=clock.now())
    except Refusal as refusal:
        raise CommandError(str(refusal)) from refusal


def _list() -> Answer:
    found = [_told(name) for name in slugs()]
    lines = [f"{one['name']}  {'offered' if one['is_offered'] else 'not offered'}" for one in found]
    return Answer(found, lines)


def _told(name: str) -> dict[str, Any]:
    """Which keys there are, and never what they are."""
    kept = setup_of(name)
    return {
        "name": name,
        "is_offered": kept.is_enabled and gateway_of(name) is not None,
        "currencies": sorted(kept.currencies),
        "keys": sorted(kept.keys),
        "needs": [need.name for need in needs_of(name)],
    }


def _read(fields: Sequence[str]) -> dict[str, str]:
    found = {}
    for told in fields:
        name, equals, value = told.partition("=")
        if not name or not equals:
            raise CommandError(f"Write --set FIELD=VALUE instead of “{told}”.")
        found[name] = input() if value == "-" else value
    return found
