"""One chat from another place becomes one here; the same brought again becomes no other."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from atrium.chat.models import Chat, Folder, Turn
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.kit.text import normal
from atrium.metering.tokens import count_tokens
from atrium.people.models import User

_NAMES = {
    "chatgpt": "ChatGPT",
    "open-webui": "Open WebUI",
    "librechat": "LibreChat",
    "atrium": "Atrium",
}
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


@transaction.atomic
def bring(told: dict[str, Any], *, person: User, at: datetime) -> bool:
    """Take in one chat as ``readers.shapes`` tells it; return whether it is new here.

    One that is here already gets the turns that it has more elsewhere by now. One that is still
    here as it was written out is left as it is.
    """
    same = _id(told["id"]) if told["source"] == "atrium" else None
    if same and Chat.objects.filter(person=person, pk=same).exists():
        return False
    named = uuid5(NAMESPACE_URL, f"person:{person.pk}/brought/{told['source']}/{_identity(told)}")
    made_at = _moment(told["made_at"], at)
    chat, is_new = Chat.objects.get_or_create(
        pk=named,
        defaults={
            "person": person,
            "title": " ".join(normal(told["title"]).split())[:200],
            "renamed_at": at if told["title"] else None,
            "made_at": made_at,
            "touched_at": max(made_at, _moment(told["touched_at"], at)),
            "system": normal(told["system"])[: LIMITS.instructions_characters],
            "folder": _folder(told["folder"], person, at) if told["folder"] else None,
        },
    )
    placed = _turns(chat, told, person=person, at=at)
    if is_new:
        chosen = placed.get(told["chosen"]) or next(reversed(placed.values()), None)
        Chat.objects.filter(pk=chat.pk).update(chosen=chosen)
    return is_new


def _turns(chat: Chat, told: dict[str, Any], *, person: User, at: datetime) -> dict[str, UUID]:
    """Keep the turns that are not here yet; return what each is called here, pieces included."""
    known = dict(chat.turns.exclude(key="").values_list("key", "pk"))
    placed: dict[str, UUID] = {}
    fresh = []
    for one in told["turns"]:
        key = f"brought:{sha256(one['id'].encode(errors='replace')).hexdigest()[:40]}"
        turn_id = known.get(key)
        if turn_id is None:
            turn = _turn(chat, one, told, person=person, at=at)
            turn.key, turn.parent_id = key, placed.get(one["parent"])
            fresh.append(turn)
            turn_id = turn.pk
        placed |= dict.fromkeys([one["id"], *one["also"]], turn_id)
    Turn.objects.bulk_create(fresh, batch_size=200)
    return placed


def _turn(
    chat: Chat, one: dict[str, Any], told: dict[str, Any], *, person: User, at: datetime
) -> Turn:
    text = normal(one["text"])[: LIMITS.imported_characters]
    said_at = _moment(one["at"] or told["made_at"], at)
    name = normal(one["model"]).strip() or _NAMES[told["source"]]
    return Turn(
        pk=new_id(),
        chat=chat,
        role=Turn.Role.ANSWERED if one["is_answer"] else Turn.Role.ASKED,
        person=person,
        text=text,
        tokens=count_tokens(text),
        elsewhere=name[:120] if one["is_answer"] else "",
        state=Turn.State.DONE,
        made_at=said_at,
        ended_at=said_at,
    )


def _folder(title: str, person: User, at: datetime) -> Folder | None:
    title = " ".join(normal(title).split())[:60]
    mine = Folder.objects.filter(person=person)
    found: Folder | None = mine.filter(title=title).first()
    if found or not title or mine.count() >= LIMITS.folders_per_person:
        return found
    return Folder.objects.create(person=person, title=title, made_at=at)


def _identity(told: dict[str, Any]) -> str:
    """Return what tells the chat from others there; of one without a name, what it begins with."""
    number = normal(told["id"])[:200]
    if number:
        return number
    begins = "\n".join([told["title"], *(one["text"] for one in told["turns"][:4])])
    return sha256(normal(begins).encode()).hexdigest()


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(seconds: Any, at: datetime) -> datetime:
    """Return a time that can have been: nothing is said before there were computers, or later."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return at
    return moment if _EARLIEST < moment <= at else at
