from pathlib import Path
from typing import Any

import pytest

from tests.house.matrix.everybody import Everybody


@pytest.fixture
def everybody(db: None, tmp_path: Path, settings: Any) -> Everybody:
    """All roles of the authorisation matrix, with one of everything for its owners."""
    settings.FILES_ROOT = tmp_path / "files"
    return Everybody()
