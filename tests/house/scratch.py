"""Gives every run of the tests a data folder of its own, before Django's settings are read."""

import atexit
import os
import shutil
import tempfile

if "ATRIUM_TEST_SCRATCH" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="atrium-test-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.environ["ATRIUM_TEST_SCRATCH"] = _folder
    os.environ["ATRIUM_DATA"] = _folder
for _name in [name for name in os.environ if name.startswith("ATRIUM_")]:
    # What this machine's operator set must not reach the tests.
    if not _name.startswith("ATRIUM_TEST_") and _name not in {"ATRIUM_DATA", "ATRIUM_DATABASE_URL"}:
        del os.environ[_name]
os.environ["ATRIUM_WORKER"] = "none"
os.environ["ATRIUM_EMAIL_URL"] = "console:"
