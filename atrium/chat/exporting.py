"""Chats written out to take away, piece by piece: as Markdown, as a page, or as JSON.

JSON is one object on one line for each chat, with every branch, and can be brought back here. The
other two have the branch that is shown.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.chat.branches import end_of, in_order, way_up
from atrium.chat.models import AskedPicture, Chat, ChatQuerySet, Turn
from atrium.chat.seeing import shown_with, written_out
from atrium.kit import clock
from atrium.kit.file_names import safe_name
from atrium.web.markdown import render

FORMAT, VERSION = "atrium-chat", 1
_AT_ONCE = 50
_LONGEST_BRANCH = 20_000
_ENOUGH = 65_536


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a chat out; ``together`` is what all of them are called and are."""

    ending: str
    kind: str
    pieces: Callable[[Chat], Iterator[str]]
    together: tuple[str, str] = ("zip", "application/zip")


def every(chats: ChatQuerySet, form: Form) -> Iterator[bytes]:
    """Yield all the chats: as lines of JSON, or as a zip with a file for each."""
    ids = list(chats.values_list("pk", flat=True))
    # Read one by one, as they are when their turn comes; one that went meanwhile is left out.
    found = (one for chat_id in ids if (one := chats.filter(pk=chat_id).first()))
    if form.together[0] == "zip":
        yield from _zipped(found, form)
        return
    for chat in found:
        for piece in form.pieces(chat):
            yield piece.encode()


def name_of(chat: Chat, form: Form) -> str:
    """Return a name for its file that every system can keep."""
    return safe_name(f"{title_of(chat)[:80].rstrip()}.{form.ending}")


def title_of(chat: Chat) -> str:
    return chat.title or _("New chat")


def _zipped(chats: Iterable[Chat], form: Form) -> Iterator[bytes]:
    out, taken = _Sink(), set[str]()
    sink = cast("IO[bytes]", out)  # as much of one as a zip that is never read back needs
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=3) as archive:
        for chat in chats:
            info = ZipInfo(_fresh(name_of(chat, form), taken), clock.now().timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with archive.open(info, "w", force_zip64=True) as member:
                for piece in form.pieces(chat):
                    member.write(piece.encode())
                    if out.size > _ENOUGH:
                        yield out.take()
    yield out.take()


def _fresh(name: str, taken: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    path, number = name, 1
    while path.casefold() in taken:
        number += 1
        path = f"{stem} ({number}){dot}{ending}"
    taken.add(path.casefold())
    return path


class _Sink:
    """What a zip is written to, to be taken away in pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing is kept back."""

    def take(self) -> bytes:
        taken, self._pieces, self.size = b"".join(self._pieces), [], 0
        return taken


def _as_markdown(chat: Chat) -> Iterator[str]:
    yield f"# {_one_line(title_of(chat))}\n\n{_moment(chat.made_at)}\n"
    for turn in _shown(chat):
        names = "".join(f"\n[{_one_line(one.file.name)}]\n" for one in _pictured(turn))
        yield f"\n## {_speaker(turn)}\n\n{turn.said}\n{names}{_sources(turn)}"


def _as_page(chat: Chat) -> Iterator[str]:
    context = {"title": title_of(chat), "at": _moment(chat.made_at), "language": get_language()}
    yield render_to_string("chat/export/head.html", context)
    for turn in _shown(chat):
        told = {"turn": turn, "speaker": _speaker(turn), "html": render(turn.said)}
        told["pictures"] = written_out(turn) if _pictured(turn) else []
        yield render_to_string("chat/export/turn.html", told)
    yield "</main></body></html>\n"


def _as_json(chat: Chat) -> Iterator[str]:
    folder = chat.shelf
    head = {
        "format": FORMAT,
        "version": VERSION,
        "id": chat.pk,
        "title": chat.title,
        "made_at": chat.made_at,
        "touched_at": chat.touched_at,
        "pinned": chat.pinned_at is not None,
        "folder": folder.title if folder else "",
        "system": chat.system,
        "chosen": end_of(chat),
    }
    yield f'{_dumped(head)[:-1]}, "turns": ['
    last: UUID | None = None
    while True:
        turns = _read(chat).order_by("id")
        some = list((turns.filter(pk__gt=last) if last else turns)[:_AT_ONCE])
        if not some:
            break
        yield (", " if last else "") + ", ".join(_dumped(_told(turn)) for turn in some)
        last = some[-1].pk
    yield "]}\n"


def _told(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.pk,
        "parent": turn.parent_id,
        "role": turn.role,
        "text": turn.said,
        "model": _model(turn),
        "state": turn.state,
        "made_at": turn.made_at,
        "pictures": written_out(turn) if _pictured(turn) else [],
        "sources": [
            {"number": one.number, "title": one.title, "place": one.place, "words": one.words}
            for one in _cited(turn)
        ],
    }


def _shown(chat: Chat) -> Iterator[Turn]:
    steps = way_up(chat, end_of(chat), most=_LONGEST_BRANCH)
    ids = [step.turn for step in reversed(steps)]
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        yield from in_order(_read(chat).filter(pk__in=some), some)


def _read(chat: Chat) -> Any:
    return chat.turns.select_related("model").prefetch_related("citations", "pictures__file")


def _pictured(turn: Turn) -> list[AskedPicture]:
    return [] if turn.hidden_at else shown_with(turn.pictures.all())


def _cited(turn: Turn) -> list[Any]:
    return [] if turn.hidden_at else list(turn.citations.all())


def _model(turn: Turn) -> str:
    return turn.model.title if turn.model else turn.elsewhere


def _speaker(turn: Turn) -> str:
    return _one_line(_model(turn) or _("Answer")) if turn.is_answer else _("Question")


def _sources(turn: Turn) -> str:
    lines = (
        f"[{one.number}] {_one_line(', '.join(filter(None, (one.title, one.place))))}\n"
        for one in _cited(turn)
    )
    said = "\n".join(lines)
    return f"\n{said}" if said else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def _dumped(told: dict[str, Any]) -> str:
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)


FORMS = {
    "markdown": Form("md", "text/markdown; charset=utf-8", _as_markdown),
    "html": Form("html", "text/html; charset=utf-8", _as_page),
    "json": Form(
        "json",
        "application/json",
        _as_json,
        together=("jsonl", "application/jsonl; charset=utf-8"),
    ),
}
