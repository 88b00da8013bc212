from argparse import ArgumentParser
from getpass import getuser
from typing import Any

from django.core.management.base import CommandError

from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.kit.errors import Refusal
from atrium.options import queries, registry
from atrium.options.actions import set_option, unset_option
from atrium.options.models import Setting
from atrium.options.registry import Option


class Command(OperatorCommand):
    help = "See and change what the operator decides while the house runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", "get", "set", "unset"])
        parser.add_argument("key", nargs="?", default="")
        parser.add_argument("value", nargs="?", help="“-” reads it from the standard input")

    def answer(self, *, verb: str, key: str, value: str | None, **options: Any) -> Answer:
        if verb == "list":
            return _list(key)
        if not key or (verb == "set") != (value is not None):
            raise CommandError("Write: option list | get KEY | set KEY VALUE | unset KEY.")
        try:
            return _one(_changed(verb, key, value or ""))
        except Refusal as refused:
            raise CommandError(refused.detail) from refused


def _changed(verb: str, key: str, value: str) -> Option:
    by, at = f"console:{getuser()}", clock.now()
    if verb == "set":
        return set_option(key=key, text=_read(value), by=by, at=at)
    if verb == "unset":
        return unset_option(key=key, by=by, at=at)
    return registry.option(key)


def _read(value: str) -> str:
    # A secret on the command line would be seen in the list of processes.
    return input() if value == "-" else value


def _list(start: str) -> Answer:
    changed = queries.changed()
    found = [o for o in registry.every_option().values() if o.key.startswith(start)]
    width = max((len(option.key) for option in found), default=0)
    return Answer(
        [_described(option, changed.get(option.key)) for option in found],
        [f"{option.key:<{width}}  {queries.shown(option)}" for option in found],
    )


def _one(option: Option) -> Answer:
    return Answer(_described(option, queries.changed().get(option.key)), [queries.shown(option)])


def _described(option: Option, setting: Setting | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": option.key,
        "kind": option.kind.value,
        "value": queries.shown(option) if option.secret else queries.value(option.key),
        "default": "" if option.secret else option.default,
        "minimum": option.minimum,
        "maximum": option.maximum,
        "choices": list(option.choices) if option.choices else None,
        "description": str(option.description),
        "secret": option.secret,
        "changed_by": setting.changed_by if setting else None,
        "changed_at": setting.changed_at.isoformat() if setting else None,
    }
    return found
