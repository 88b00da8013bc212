from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from atrium.files import storage
from atrium.files.models import File, Picture
from atrium.files.queries import path_of
from atrium.kit import child
from atrium.kit.errors import Unprocessable
from atrium.kit.limits import LIMITS, MB

MEMORY, CPU_SECONDS, WALL_SECONDS = 768 * MB, 20, 40
SIDES = {Picture.Use.THUMBNAIL: 320, Picture.Use.WHOLE: 2048}
ASKED_SIDE = 1568  # what engines scale a picture down to


class CannotSee(Unprocessable):
    """The picture is no picture, or too large to be opened."""

    code = "cannot_see"


def plan_pictures(*, file: File, drafts: dict[str, Path]) -> dict[str, Any]:
    """Return what the child that draws is told."""
    return {
        "path": str(path_of(file)),
        "pixels": LIMITS.image_pixels,
        "targets": [
            {"path": str(drafts[use]), "side": side} for use, side in SIDES.items() if use in drafts
        ],
    }


def keep_picture(
    *, file: File, use: str, draft: Path, drawn: dict[str, int], at: datetime
) -> Picture | None:
    """Keep a drawn picture, unless the file went away meanwhile or has one of that use."""
    if not File.objects.with_bytes().filter(pk=file.pk).exists():
        return None
    if Picture.objects.filter(file=file, use=use).exists():
        return None
    [picture] = Picture.objects.bulk_create(
        [
            Picture(
                file=file,
                use=use,
                storage_name=storage.keep(draft),
                kind="image/jpeg" if use == Picture.Use.ASKED else "image/webp",
                size=drawn["size"],
                width=drawn["width"],
                height=drawn["height"],
                made_at=at,
            )
        ],
        ignore_conflicts=True,  # somebody drew it at the same moment; the sweep takes ours
    )
    return picture


def draw_for_engines(*, file: File, at: datetime) -> None:
    """Draw what an engine and the readers of a chat are given of this image, unless it is there.

    It is drawn in a child, and takes a moment: never call this inside a transaction.

    :raises CannotSee: when it is no picture, or has too many pixels
    """
    if Picture.objects.filter(file=file, use=Picture.Use.ASKED).exists():
        return
    uses = (Picture.Use.ASKED, Picture.Use.THUMBNAIL)
    drafts = {str(use): storage.draft_path(storage.new_draft_name()) for use in uses}
    try:
        drawn = _drawn(file, drafts)
        for (use, draft), one in zip(drafts.items(), drawn, strict=True):
            keep_picture(file=file, use=use, draft=draft, drawn=one, at=at)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _drawn(file: File, drafts: dict[str, Path]) -> list[dict[str, int]]:
    plan = plan_pictures(file=file, drafts={})
    plan["targets"] = [
        {"path": str(drafts[Picture.Use.ASKED]), "side": ASKED_SIDE, "plain": True},
        {"path": str(drafts[Picture.Use.THUMBNAIL]), "side": SIDES[Picture.Use.THUMBNAIL]},
    ]
    bounds: Any = {"memory_bytes": MEMORY, "cpu_seconds": CPU_SECONDS, "wall_seconds": WALL_SECONDS}
    try:
        answer = child.run("atrium.kit.pictures:draw", plan, **bounds)
    except (child.ChildLimit, child.ChildDied):
        answer = {"refused": "too much"}
    if answer.get("refused") == "pixels":
        raise CannotSee(
            _("%(name)s has more pixels than we open.") % {"name": file.name},
            limit=LIMITS.image_pixels,
        )
    if "refused" in answer:
        raise CannotSee(
            _("%(name)s cannot be opened as a picture.") % {"name": file.name},
            way_on=_("Save it as PNG or JPEG, and send that."),
        )
    found: list[dict[str, int]] = answer["pictures"]
    return found
