import io
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from atrium.kit.limits import LIMITS, MB
from atrium.people.models import Portrait, User
from tests import make

ORIENTATION, GPS = 0x0112, 0x8825
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def drawn(kind: str = "PNG", *, size: tuple[int, int] = (700, 600), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def send(client: Client, content: bytes, name: str = "me.png") -> Any:
    return client.post("/settings/picture", {"picture": SimpleUploadedFile(name, content)})


@pytest.fixture
def here(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def shown(client: Client, person: User) -> Image.Image:
    person.refresh_from_db()
    answer = client.get(person.portrait_url)
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_square(here: Client, alice: User, kind: str) -> None:
    assert send(here, drawn(kind)).status_code == 302

    picture = shown(here, alice)

    assert (picture.format, picture.size) == ("WEBP", (512, 512))
    assert alice.portrait_url in here.get("/settings").content.decode()


def test_what_a_photo_says_of_its_place_is_not_kept(here: Client, alice: User) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (50.0, 27.0, 0.0)
    send(here, drawn("JPEG", exif=exif, comment=b"secret words"), "photo.jpg")

    picture = shown(here, alice)

    assert not dict(picture.getexif())
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(picture.info)
    assert b"secret" not in bytes(Portrait.objects.get().content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SVG, "not a PNG, JPEG or WebP"),
        (b"", "Choose a picture"),
        (drawn("GIF"), "not a PNG, JPEG or WebP"),
        (drawn("PNG")[:200], "not a PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not a PNG, JPEG or WebP"),
        (b"x" * (5 * MB + 1), "larger than 5 MB"),
        (drawn("PNG", size=(8_000, 8_000)), "more pixels"),
    ],
    ids=["svg", "nothing", "gif", "half", "no more than a head", "large", "pixels"],
)
def test_what_is_none_is_refused_with_a_sentence(
    here: Client, alice: User, content: bytes, said: str
) -> None:
    answer = send(here, content)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Portrait.objects.exists()


def test_a_refused_one_leaves_the_last_in_place(here: Client, alice: User) -> None:
    send(here, drawn())
    send(here, SVG)

    assert shown(here, alice).size == (512, 512)


def test_it_can_be_removed(here: Client, alice: User) -> None:
    send(here, drawn())
    alice.refresh_from_db()
    where = alice.portrait_url

    assert here.post("/settings/picture/remove").status_code == 302
    assert here.post("/settings/picture/remove").status_code == 302

    assert here.get(where).status_code == 404
    alice.refresh_from_db()
    assert alice.portrait_url == ""


def test_it_is_served_so_that_it_can_do_nothing(here: Client, alice: User) -> None:
    send(here, drawn())
    alice.refresh_from_db()

    answer = here.get(alice.portrait_url)

    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    again = here.get(alice.portrait_url, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    unnamed = here.get(f"/people/{alice.pk}/picture")
    assert unnamed["Cache-Control"] == "private, no-cache"


def test_a_stranger_sees_no_picture(here: Client, alice: User, charlie: User) -> None:
    send(here, drawn())
    address = f"/people/{alice.pk}/picture"
    stranger, helper = Client(), Client()
    stranger.force_login(charlie)
    helper.force_login(make.person(staff_areas=["support"]))

    assert stranger.get(address).status_code == 404
    assert here.get(f"/people/{uuid4()}/picture").status_code == 404
    assert Client().get(address)["Location"].startswith("/sign-in")
    assert helper.get(address).status_code == 200


def test_drawing_is_bounded(here: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from atrium.people.actions import portraits  # noqa: PLC0415
    from atrium.people.attempts import Bound  # noqa: PLC0415

    monkeypatch.setattr(portraits, "Bound", lambda _limit, seconds: Bound(2, seconds))

    assert [send(here, SVG).status_code for _ in range(3)] == [422, 422, 429]


# The same for programs


def test_a_program_sends_and_removes_it(here: Client, alice: User) -> None:
    address = "/api/v1/me/picture"

    put = here.put(address, drawn(), content_type="image/png")

    assert (put.status_code, shown(here, alice).size) == (200, (512, 512))
    assert put.json()["picture"] == alice.portrait_url
    assert here.get("/api/v1/me").json()["picture"] == alice.portrait_url
    assert here.delete(address).status_code == 204
    assert here.get("/api/v1/me").json()["picture"] is None


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (SVG, 415, "not_a_picture"),
        (b"x" * (LIMITS.portrait_bytes + 1), 413, "picture_too_large"),
        (b"", 415, "not_a_picture"),
    ],
    ids=["svg", "large", "nothing"],
)
def test_a_program_is_told_why_not(here: Client, content: bytes, status: int, code: str) -> None:
    answer = here.put("/api/v1/me/picture", content, content_type="image/png")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
