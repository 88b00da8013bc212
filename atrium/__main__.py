"""The operator's command: ``python -m atrium``, or ``bin/atrium``."""

import json
import os
import sys

from atrium.kit.boot import Misconfigured
from atrium.kit.errors import Refusal

DJANGOS_OWN_THAT_OPERATORS_NEED = {"check", "createcachetable", "dbshell", "migrate", "shell"}


def main(argv: list[str]) -> int:
    """Run one subcommand and return the status to exit with."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    if argv[1:] in ([], ["help"], ["--help"], ["-h"]):
        return _list_commands()
    try:
        execute_from_command_line(["atrium", *argv[1:]])
    except Misconfigured as trouble:
        return _sorry(str(trouble), code="misconfigured", as_json="--json" in argv)
    except Refusal as refusal:
        return _sorry(str(refusal.detail), code=refusal.code, as_json="--json" in argv)
    return 0


def _list_commands() -> int:
    import django  # noqa: PLC0415
    from django.core.management import get_commands, load_command_class  # noqa: PLC0415

    django.setup()
    shown = []
    for name, app in sorted(get_commands().items()):
        if app.startswith("atrium.") or name in DJANGOS_OWN_THAT_OPERATORS_NEED:
            shown.append((name, load_command_class(app, name).help))
    wide = max(len(name) for name, _help in shown)
    lines = [
        f"  {name:<{wide}}  {str(told).splitlines()[0] if told else ''}" for name, told in shown
    ]
    sys.stdout.write(
        "\n".join(["usage: atrium COMMAND …   (atrium COMMAND --help)", "", *lines, ""])
    )
    return 0


def _sorry(sentence: str, *, code: str, as_json: bool) -> int:
    if as_json:
        sys.stdout.write(json.dumps({"code": code, "detail": sentence}) + "\n")
    else:
        sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
