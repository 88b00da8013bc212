from typing import Any

from django.core.management.base import CommandParser

from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.notifications.actions import MailFailed, send_test_mail


class Command(OperatorCommand):
    help = "Try the mail: send a letter to an address and say whether the server took it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["test"])
        parser.add_argument("to", help="the address to write to")

    def answer(self, **options: Any) -> Answer:
        to = options["to"]
        try:
            send_test_mail(to=to, by="console:mail", at=clock.now())
        except MailFailed as failed:
            return Answer(failed.as_problem(), [str(failed.detail)], status=1)
        return Answer({"ok": True, "to": to}, [f"The mail server took a letter to {to}."])
