from datetime import timedelta
from getpass import getuser
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.people.account_verbs import every_verb
from atrium.people.actions import create_account, issue_key
from atrium.people.models import User
from atrium.people.newcomer_gifts import give
from atrium.people.scopes import SCOPES


class Command(OperatorCommand):
    help = "Make an account: `account create --username NAME --password WORD`; or another verb."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = every_verb()
        said = "; ".join(f"{verb.name}: {verb.help}" for verb in verbs)
        names = ["create", *(verb.name for verb in verbs)]
        parser.add_argument("verb", choices=names, help=f"create: make one; {said}")
        parser.add_argument("--username", required=True)
        parser.add_argument("--password", default="", help="for create")
        for verb in verbs:
            verb.add_arguments(parser)
        parser.add_argument("--email", default="")
        parser.add_argument("--admin", action="store_true", help="as an administrator")
        parser.add_argument("--staff", action="append", default=[], metavar="AREA")
        parser.add_argument("--plan", metavar="TIER", help="one that nobody pays for")
        parser.add_argument("--credits", metavar="N", help="in the wallet from the start")
        parser.add_argument("--api-key", metavar="NAME", help="also make a key, and print it once")

    def answer(self, *, verb: str, **options: Any) -> Answer:
        at, by = clock.now(), f"console:{_operator()}"
        if verb != "create":
            return self._other(verb, by=by, options=options)
        if not options["password"]:
            raise CommandError("Give a --password.")
        with transaction.atomic():
            person = create_account(
                username=options["username"],
                password=options["password"],
                email=options["email"],
                role=User.Role.ADMIN if options["admin"] else User.Role.USER,
                staff_areas=options["staff"],
                by=by,
                at=at,
            )
            found: dict[str, Any] = {
                "id": str(person.pk),
                "username": person.username,
                "email": person.email,
                "role": person.role,
                "staff_areas": person.staff_areas,
            }
            if options["api_key"]:
                _key, token = issue_key(
                    person=person,
                    name=options["api_key"],
                    scopes=SCOPES,
                    expires_at=at + timedelta(days=365),
                    at=at,
                )
                found["api_key"] = token
            for name in ("plan", "credits"):
                if options[name] is not None:
                    give(name, person=person, told=options[name], by=by, at=at)
                    found[name] = options[name]
        lines = [f"{person.username} {person.pk}"]
        if "api_key" in found:
            lines.append(f"{found['api_key']}  (not shown again)")
        return Answer(found, lines)

    def _other(self, verb: str, *, by: str, options: dict[str, Any]) -> Answer:
        name = User.normalize_username(options["username"])
        person = User.objects.filter(username=name).first()
        if person is None:
            raise CommandError("Nobody has this name.")
        (found,) = (one for one in every_verb() if one.name == verb)
        return found(person, by=by, options=options)


def _operator() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        return "unknown"
