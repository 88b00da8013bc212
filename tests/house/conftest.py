from pathlib import Path
from typing import Any

import pytest

from atrium.people import forms
from tests.house.matrix.everybody import Everybody


@pytest.fixture
def everybody(
    db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Everybody:
    """All roles of the authorisation matrix, with one of everything for its owners."""
    # Six hundred choices, drawn one by one, would take most of the time of these tests.
    monkeypatch.setattr(forms, "available_timezones", lambda: {"UTC", "Europe/Kyiv"})
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Everybody()
