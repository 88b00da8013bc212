from datetime import datetime
from pathlib import Path
from typing import Any

from atrium.files import storage
from atrium.files.models import File, Picture
from atrium.files.queries import path_of
from atrium.kit.limits import LIMITS, MB

MEMORY, CPU_SECONDS, WALL_SECONDS = 768 * MB, 20, 40
SIDES = {Picture.Use.THUMBNAIL: 320, Picture.Use.WHOLE: 2048}


def plan_pictures(*, file: File, drafts: dict[str, Path]) -> dict[str, Any]:
    """Return what the child that draws is told."""
    return {
        "path": str(path_of(file)),
        "pixels": LIMITS.image_pixels,
        "targets": [{"path": str(drafts[use]), "side": side} for use, side in SIDES.items()],
    }


def keep_picture(
    *, file: File, use: str, draft: Path, drawn: dict[str, int], at: datetime
) -> Picture | None:
    """Keep a drawn picture, unless the file went away meanwhile or has one of that use."""
    if not File.objects.with_bytes().filter(pk=file.pk).exists():
        return None
    if Picture.objects.filter(file=file, use=use).exists():
        return None
    return Picture.objects.create(
        file=file,
        use=use,
        storage_name=storage.keep(draft),
        kind="image/webp",
        size=drawn["size"],
        width=drawn["width"],
        height=drawn["height"],
        made_at=at,
    )
