import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from atrium.files.models import File, Picture
from atrium.jobs.inline import run_due
from atrium.kit import pictures
from atrium.people.models import User
from tests.files.conftest import keep, picture

ORIENTATION, GPS = 0x0112, 0x8825


def photo() -> bytes:
    """A lying photo, taken upright, that knows where it was taken."""
    image = Image.new("RGB", (800, 400), "teal")
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (50.0, 27.0, 0.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"secret words")
    return out.getvalue()


def open_picture(client: Client, file: File, use: str) -> Image.Image:
    answer = client.get(f"/files/{file.pk}/{use}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Disposition"].startswith("inline")
    return Image.open(io.BytesIO(answer.getvalue()))


@pytest.mark.django_db(transaction=True)
def test_a_photo_is_shown_upright_and_without_its_place(client: Client, alice: User) -> None:
    content = photo()
    assert GPS in Image.open(io.BytesIO(content)).getexif()
    file = keep(alice, name="photo.jpg", content=content)
    run_due()
    client.force_login(alice)
    small, whole = (open_picture(client, file, use) for use in ("thumbnail", "picture"))
    assert (small.size, whole.size) == ((160, 320), (400, 800))
    for shown in (small, whole):
        assert not dict(shown.getexif())
        assert not {"exif", "xmp", "comment", "icc_profile"} & set(shown.info)
    original = client.get(f"/files/{file.pk}/content")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.getvalue() == content


@pytest.mark.django_db(transaction=True)
def test_an_image_that_cannot_be_drawn_is_kept_without_a_picture(alice: User) -> None:
    whole = picture("JPEG", size=(300, 300))
    file = keep(alice, name="a.jpg", content=whole[: len(whole) // 2])
    run_due()
    assert not Picture.objects.filter(file=file).exists()


@pytest.mark.once
def test_an_image_of_too_many_pixels_is_not_opened(tmp_path: Any) -> None:
    path = tmp_path / "big.png"
    path.write_bytes(picture("PNG", size=(300, 300)))
    argument = {"path": str(path), "pixels": 80_000, "targets": []}
    assert pictures.draw(argument) == {"refused": "pixels"}
