from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import translation

from atrium.kit.command import Answer, OperatorCommand
from atrium.people.belongings import Belonging, every_exception
from atrium.privacy.queries import published

_HEAD = """# When somebody leaves

A person erases their account in the settings, after proving once more who they are; an administrator does it in the console under “People’s data”, and
the operator with `bin/atrium account erase --username NAME`. Nothing happens for `privacy.grace_days` (the operator's `--now` leaves that out): whoever
signs in sees the day on each page and can keep the account. Then the account is closed and a job erases it part by part; killed, it goes on where it was.
It looks once more twenty minutes later, for what was on its way. Guests erase themselves at once under `/privacy/here`. The last administrator stays.

What is kept stays under the bare number of the account, which leads to nobody. The name cannot be taken by anybody for 30 days; the mail address is free at
once. Not reached are backups made before, pages of the database file that SQLite or PostgreSQL has not written over yet (`VACUUM` does), letters that were
sent, and reasons that staff wrote into the audit list: write no names there.

A copy of everything (`bin/atrium account export --username NAME --reason WHY --to FILE`, or the person's own button) lies beside the files, counts to no
quota, and goes after `privacy.export_days`. One that staff make is broken glass: audited with its reason, which the person is told at once.

A room says what it keeps in its `personal.py`; the published page `/privacy/erasure` and this one (`bin/atrium erasure_page`) are made of that, and a test
fails for a table that nobody named.
"""  # noqa: E501


class Command(OperatorCommand):
    help = "Write docs/operating/erasure.md from what the rooms declare, or check it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def answer(self, *, check: bool, **options: Any) -> Answer:
        page = settings.CHECKOUT / "docs" / "operating" / "erasure.md"
        with translation.override("en"):
            wanted = written()
        is_same = page.is_file() and page.read_text() == wanted
        if check and not is_same:
            said = "docs/operating/erasure.md is old: bin/atrium erasure_page"
            return Answer({"same": False}, [said], 1)
        if not is_same:
            page.write_text(wanted)
        return Answer({"same": True}, [str(page)])


def written() -> str:
    """Return the page as it should stand."""
    lines = [_HEAD]
    for part, belongings in published():
        lines += [
            f"\n## {part.title}\n\n| table | what | what becomes of it | why |\n|---|---|---|---|\n"
        ]
        lines += [_row(one) for one in belongings]
    lines += ["\n## What is nobody’s\n\n| table | why |\n|---|---|\n"]
    lines += [f"| `{one.label}` | {one.why} |\n" for one in every_exception()]
    return "".join(lines)


def _row(one: Belonging) -> str:
    label = one.table._meta.label  # noqa: SLF001
    return f"| `{label}` | {one.title} | {one.rule.label} | {one.why} |\n"
