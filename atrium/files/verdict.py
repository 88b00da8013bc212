"""Whether a file is what it says, and fit to keep."""

from pathlib import Path

from django.utils.translation import gettext as _

from atrium.files import kinds, recognise
from atrium.files.kinds import WORDS, Kind, Nature
from atrium.files.sizes import amount
from atrium.kit import child
from atrium.kit.errors import Unprocessable, UnsupportedKind
from atrium.kit.limits import LIMITS, MB


class NotWhatItSays(Unprocessable):
    code = "not_what_it_says"


class KindNotTaken(UnsupportedKind):
    code = "kind_not_taken"


class UnpacksTooLarge(Unprocessable):
    code = "unpacks_too_large"


class Damaged(Unprocessable):
    code = "damaged"


_UNPACKED = {Nature.DOCX, Nature.PPTX, Nature.XLSX, Nature.EPUB}
_UNPACK_MEMORY, _UNPACK_SECONDS = 256 * MB, 20


def check_ending(name: str) -> None:
    """Refuse a name whose ending we take nothing of, before any byte is sent.

    :raises KindNotTaken: with the endings that we take
    """
    ending = kinds.extension_of(name)
    if ending and kinds.kind_for_extension(ending) is None:
        raise KindNotTaken(
            _("Files that end in {ending} are not taken.").format(ending=ending),
            way_on=_ways(),
        )


def judge(path: Path, *, name: str, declared_kind: str) -> Kind:
    """Return the kind that name, declaration and content agree on.

    :raises NotWhatItSays: when they do not, or when it is two things at once
    :raises KindNotTaken: when they do, and we take none of it
    :raises UnpacksTooLarge: when it is a bomb
    """
    nature = recognise.nature_of(path)
    kind = _agreed(path, nature, name=name, declared_kind=declared_kind)
    if recognise.is_also_something_else(path, nature):
        raise NotWhatItSays(
            _(
                "This is not what it says: it is {kind} with something else hidden behind its end."
            ).format(kind=WORDS[nature])
        )
    if nature in _UNPACKED:
        _check_unpacking(path)
    return kind


def _agreed(path: Path, nature: Nature, *, name: str, declared_kind: str) -> Kind:
    ending = kinds.extension_of(name)
    named = kinds.kind_for_extension(ending) if ending else None
    if named is not None and named.nature is not nature:
        raise NotWhatItSays(
            _(
                "This is not what it says: the name ends in {ending} but the content is {content}."
            ).format(ending=ending, content=recognise.words_for(path, nature))
        )
    usual = kinds.first_of(nature)
    if usual is None:
        raise KindNotTaken(
            _("The content is {content}, which is not taken.").format(
                content=recognise.words_for(path, nature)
            ),
            way_on=_ways(),
        )
    declared = kinds.kind_of(declared_kind)
    if _contradicts(declared_kind, nature):
        raise NotWhatItSays(
            _(
                "This is not what it says: it was sent as {declared} but the content is {content}."
            ).format(declared=declared_kind[:80], content=WORDS[nature])
        )
    return named or (declared if declared and declared.nature is nature else usual)


def _contradicts(declared_kind: str, nature: Nature) -> bool:
    if kinds.says_nothing(declared_kind):
        return False
    declared = kinds.kind_of(declared_kind)
    if declared is not None:
        return declared.nature is not nature
    # A type we have never heard of contradicts only what it cannot be: an image that is text.
    family = declared_kind.partition("/")[0].strip().lower()
    usual = kinds.first_of(nature)
    is_media = family in {"image", "audio", "video"}
    return is_media and (usual is None or not usual.mime.startswith((family, "video/")))


def _check_unpacking(path: Path) -> None:
    try:
        found = child.run(
            "atrium.files.unpacking:count",
            {"path": str(path), "most": LIMITS.archive_bytes},
            memory_bytes=_UNPACK_MEMORY,
            cpu_seconds=_UNPACK_SECONDS,
            wall_seconds=_UNPACK_SECONDS * 2,
        )
    except child.ChildLimit:
        found = {"is_bomb": True}
    except child.ChildDied:
        found = {"is_bomb": False, "is_broken": True}
    if found["is_bomb"]:
        raise UnpacksTooLarge(
            _("This file unpacks to more than {most}, so it is not opened.").format(
                most=amount(LIMITS.archive_bytes)
            ),
            limit=LIMITS.archive_bytes,
        )
    if found["is_broken"]:
        raise Damaged(_("This file is damaged: its parts cannot be unpacked."))


def _ways() -> str:
    firsts = " ".join(kind.extensions[0] for kind in kinds.KINDS)
    return _("Taken are: {endings}.").format(endings=firsts)
