import os
import subprocess
import sys
from pathlib import Path

import pytest

from atrium.environment import CHECKOUT

pytestmark = pytest.mark.once


def test_a_fresh_data_folder_is_closed_to_other_users(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    environment = {**os.environ, "ATRIUM_DATA": str(data), "ATRIUM_DATABASE_URL": ""}
    subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; settings.DATA"],
        env={**environment, "DJANGO_SETTINGS_MODULE": "atrium.settings"},
        cwd=CHECKOUT,
        check=True,
    )
    # The database lies right in it, readable by whoever may look in.
    assert data.stat().st_mode & 0o077 == 0
    assert (data / "keys" / "secret").stat().st_mode & 0o077 == 0
