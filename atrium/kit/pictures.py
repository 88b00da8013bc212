"""Runs in a child process: draw small, upright pictures of an image, without what hides in it."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

_QUALITY = 82
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def draw(argument: dict[str, Any]) -> dict[str, Any]:
    """Write a WebP for each of ``targets``; return their sizes.

    A target is a path and the longest ``side``; ``square`` cuts the middle out, and ``plain`` makes
    a JPEG of it, which everybody reads, on white. ``formats`` narrows
    what is read, which is told by the bytes and never by a name. Answers ``{"refused": why}`` for
    an image that is too large, ``pixels``, or that cannot be read.
    """
    Image.MAX_IMAGE_PIXELS = None  # Pillow would warn at one number and raise at another
    formats = argument.get("formats", _FORMATS)
    try:
        with Image.open(argument["path"], formats=formats) as image:
            if image.width * image.height > int(argument["pixels"]):
                return {"refused": "pixels"}
            image.draft("RGB", _largest(argument))
            upright = ImageOps.exif_transpose(image)
            plain = upright.convert("RGBA" if _has_alpha(upright) else "RGB")
    except Exception as fault:  # a decoder may raise whatever it likes; the image is at fault
        return {"refused": type(fault).__name__}
    return {"pictures": [_write(plain, **target) for target in argument["targets"]]}


def _write(
    image: Image.Image, *, path: str, side: int, square: bool = False, plain: bool = False
) -> dict[str, int]:
    if square:
        small = ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)
    else:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.info = {}  # nothing of what was said about the original goes along
    if plain:
        _on_white(small).save(path, "JPEG", quality=_QUALITY)
    else:
        small.save(path, "WEBP", quality=_QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return {"width": small.width, "height": small.height, "size": Path(path).stat().st_size}


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _largest(argument: dict[str, Any]) -> tuple[int, int]:
    side = max(target["side"] for target in argument["targets"])
    return (side, side)


def _has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info
