import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from atrium.files import actions
from atrium.files.models import File
from atrium.kit import clock
from atrium.people.models import Guest, User
from tests import make


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def keep(
    who: User | Guest,
    *,
    name: str = "notes.txt",
    content: bytes = b"Kyiv is the capital.\n",
    declared: str = "",
    at: datetime | None = None,
) -> File:
    return actions.keep_upload(
        by=make.caller(who),
        name=name,
        source=[content],
        declared_kind=declared,
        at=at or clock.now(),
    )


def picture(kind: str, *, size: tuple[int, int] = (20, 10), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def zipped(members: dict[str, bytes], *, level: int = 6) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            stored = name == "mimetype"
            archive.writestr(name, content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()
