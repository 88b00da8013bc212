from pathlib import Path

import pytest

from bench.kills import run


@pytest.mark.once
@pytest.mark.timeout(900)
def test_after_20_kills_everything_acknowledged_is_there_and_ended_once(tmp_path: Path) -> None:
    report = run(20, folder=tmp_path)

    assert sum(report.kills.values()) >= 15
    assert report.acknowledged
    assert report.wrong == []
