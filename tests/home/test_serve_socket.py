import subprocess
import sys

import pytest

from atrium.home.management.commands.serve import _listen

pytestmark = pytest.mark.once


def test_no_child_keeps_the_address_after_the_server_was_killed() -> None:
    listener = _listen("127.0.0.1", 0)
    with listener:
        looked = f"import os; os.fstat({listener.fileno()})"
        child = subprocess.run(
            [sys.executable, "-c", looked], close_fds=False, capture_output=True, check=False
        )
    assert b"Bad file descriptor" in child.stderr
