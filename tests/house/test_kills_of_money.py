from pathlib import Path

import pytest

from bench.kills_money import run


@pytest.mark.once
@pytest.mark.timeout(900)
def test_after_20_kills_what_was_charged_and_paid_is_what_the_books_and_the_gateway_say(
    tmp_path: Path,
) -> None:
    report = run(20, folder=tmp_path)

    assert sum(report.kills.values()) >= 15
    assert report.acknowledged
    assert {"0 answers charged", "0 payments paid"}.isdisjoint(report.counted)
    assert report.wrong == []
