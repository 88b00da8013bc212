from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit import child
from atrium.kit.errors import TooLarge, TooMany, Unprocessable, UnsupportedKind
from atrium.kit.limits import LIMITS, MB
from atrium.people.attempts import Bound, count
from atrium.people.models import Portrait, User

SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP")
MEMORY, CPU_SECONDS, WALL_SECONDS = 768 * MB, 10, 20


class NotAPicture(UnsupportedKind):
    """Whatever it is called, its bytes are none of the pictures we take."""

    code = "not_a_picture"


class PictureTooLarge(TooLarge):
    code = "picture_too_large"


class TooManyPixels(Unprocessable):
    code = "too_many_pixels"


def keep_portrait(*, person: User, source: Iterable[bytes], at: datetime) -> User:
    """Keep a square of the picture that ``source`` holds, drawn anew, in place of the last one.

    Nothing of what hides in a photo, such as the place where it was taken, is kept.

    :raises NotAPicture: for anything but PNG, JPEG and WebP, told by its bytes
    :raises PictureTooLarge: when it is more bytes than allowed
    :raises TooManyPixels: when it is more to look at than allowed
    """
    bound = Bound(LIMITS.portraits_an_hour, 3600)
    count(f"portrait:{person.pk}", bound, at=at).check(
        TooMany, _("You changed your picture very often within the hour.")
    )
    drawn = _drawn(source)
    mark = sha256(drawn).hexdigest()[:16]
    with transaction.atomic():
        Portrait.objects.update_or_create(person=person, defaults={"content": drawn, "kept_at": at})
        User.objects.filter(pk=person.pk).update(portrait_mark=mark)
    person.portrait_mark = mark
    return person


def remove_portrait(*, person: User) -> User:
    """Show the first letter of the name again; removing it twice changes nothing."""
    with transaction.atomic():
        Portrait.objects.filter(person=person).delete()
        User.objects.filter(pk=person.pk).update(portrait_mark="")
    person.portrait_mark = ""
    return person


def _drawn(source: Iterable[bytes]) -> bytes:
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        sent, square = Path(folder) / "sent", Path(folder) / "square"
        _write(sent, source)
        target = {"path": str(square), "side": SIDE, "square": True}
        _check(_answer(sent, target))
        return square.read_bytes()


def _write(path: Path, source: Iterable[bytes]) -> None:
    size = 0
    with path.open("wb") as file:
        for piece in source:
            size += len(piece)
            if size > LIMITS.portrait_bytes:
                raise PictureTooLarge(
                    _("The picture is larger than %(limit)d MB.")
                    % {"limit": LIMITS.portrait_bytes // MB},
                    limit=LIMITS.portrait_bytes,
                )
            file.write(piece)


def _answer(sent: Path, target: dict[str, object]) -> dict[str, object]:
    asked = {
        "path": str(sent),
        "pixels": LIMITS.image_pixels,
        "formats": FORMATS,
        "targets": [target],
    }
    bounds = {"memory_bytes": MEMORY, "cpu_seconds": CPU_SECONDS, "wall_seconds": WALL_SECONDS}
    try:
        answer: dict[str, object] = child.run("atrium.kit.pictures:draw", asked, **bounds)  # type: ignore[arg-type]
    except (child.ChildLimit, child.ChildDied):
        return {"refused": "too much"}  # whoever sent it made it to break the one who opens it
    return answer


def _check(answer: dict[str, object]) -> None:
    if answer.get("refused") == "pixels":
        raise TooManyPixels(
            _("The picture has more pixels than we open."), limit=LIMITS.image_pixels
        )
    if "refused" in answer:
        raise NotAPicture(
            _("This is not a PNG, JPEG or WebP picture, whatever its name says."),
            way_on=_("Save it as PNG or JPEG, and send that."),
        )
