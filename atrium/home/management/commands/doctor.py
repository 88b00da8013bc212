from dataclasses import asdict
from typing import Any

from atrium.home.examination import Finding, examine
from atrium.kit.command import Answer, OperatorCommand

MARKS = {"good": "✓", "missing": "·", "bad": "✗"}


class Command(OperatorCommand):
    help = "Say what is there, what is missing, what it is for, and how to get it."

    def answer(self, **options: Any) -> Answer:
        findings = list(examine())
        lines = [_line(finding) for finding in findings]
        is_bad = any(finding.state == "bad" for finding in findings)
        return Answer([asdict(finding) for finding in findings], lines, int(is_bad))


def _line(finding: Finding) -> str:
    told = f"{MARKS[finding.state]} {finding.what:<32} {finding.seen}"
    if finding.state == "good":
        return told.rstrip()
    return f"{told} — for: {finding.purpose}; get it: {finding.way}"
