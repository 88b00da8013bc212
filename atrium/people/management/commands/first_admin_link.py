from typing import Any

from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.people.actions import first_admin_link


class Command(OperatorCommand):
    help = "Print a link that makes the first administrator, once, within a day."

    def answer(self, **options: Any) -> Answer:
        link = first_admin_link(at=clock.now())
        return Answer({"link": link or None}, [link] if link else [])
