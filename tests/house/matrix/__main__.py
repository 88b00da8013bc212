"""Prints what the judged table does not say yet; with ``--write`` writes it down."""

import os
import sys
from pathlib import Path

import pytest

TEST = "tests/house/test_authorisation.py::test_every_route_is_as_judged"

if __name__ == "__main__":
    writes = "--write" in sys.argv
    os.environ["ATRIUM_TEST_MATRIX"] = "write" if writes else "print"
    failed = pytest.main(["-q", "--no-header", "--tb=short", TEST])
    if writes and not failed:
        table = Path(__file__).with_name("table.txt")
        print(f"Judge what changed: git diff {table}")  # noqa: T201
    sys.exit(failed)
