"""The pictures that questions are asked with."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from atrium.chat.models import AskedPicture, Turn
from atrium.engines.models import Model
from atrium.files.models import File
from atrium.kit.errors import TooLarge, Unprocessable
from atrium.kit.limits import LIMITS, MB


class TooManyPictures(Unprocessable):
    """A question brings more pictures than one may."""

    code = "too_many_pictures"


class PictureTooHeavy(TooLarge):
    """One picture has more bytes than are drawn for a question."""

    code = "picture_too_large"


class SeesNoPictures(Unprocessable):
    """A model that is asked takes no pictures."""

    code = "sees_no_pictures"


def check_pictures(files: Sequence[File]) -> None:
    """See that a question may bring these, before any of them is opened.

    :raises TooManyPictures: when they are too many
    :raises PictureTooHeavy: when one is too large
    """
    most = LIMITS.pictures_per_question
    if len(files) > most:
        raise TooManyPictures(
            _("A question has at most %(limit)d pictures; this one has %(used)d.")
            % {"limit": most, "used": len(files)},
            limit=most,
            used=len(files),
        )
    for file in files:
        if file.size > LIMITS.asked_picture_bytes:
            raise PictureTooHeavy(
                _("%(name)s is larger than the %(limit)d MB that a picture may have here.")
                % {"name": file.name, "limit": LIMITS.asked_picture_bytes // MB},
                limit=LIMITS.asked_picture_bytes,
                used=file.size,
            )


def check_sight(models: Iterable[Model]) -> None:
    """See that each of these models takes pictures.

    :raises SeesNoPictures: with the name of one that does, where there is one
    """
    blind = next((model for model in models if not model.pictures_in), None)
    if blind is None:
        return
    offered = Model.objects.offered().that_answer()
    seeing = offered.filter(pictures_in=True).first()
    raise SeesNoPictures(
        _("%(model)s takes no pictures.") % {"model": blind.title},
        way_on=_("Ask %(model)s, or remove the picture.") % {"model": seeing.title}
        if seeing
        else _("No model here does; remove the picture."),
    )


def keep_pictures(*, question: Turn, files: Sequence[File], edited: Turn | None) -> None:
    """Have the question asked with these, after those of the question in whose place it stands.

    :raises TooManyPictures: when they are too many together
    """
    earlier = edited.pictures.select_related("file") if edited else ()
    known = [one.file for one in earlier if one.file.is_kept]
    together = list(dict.fromkeys([*known, *files]))
    if not together:
        return
    check_pictures(together)
    AskedPicture.objects.bulk_create(
        AskedPicture(turn=question, file=file, number=number)
        for number, file in enumerate(together, start=1)
    )
