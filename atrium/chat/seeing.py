"""The pictures of a chat: what engines are given of them, and who may look at them."""

import base64
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from atrium.chat.models import AskedPicture, Chat, Turn
from atrium.engines.protocol import Picture
from atrium.files.models import File
from atrium.files.queries import bytes_asked
from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller

KIND = "image/jpeg"  # of what is drawn for engines


def seen_with(turns: Sequence[UUID]) -> dict[UUID, tuple[Picture, ...]]:
    """Return the pictures of these questions as an engine is given them: of the last turns, as
    many as may go along."""
    found = AskedPicture.objects.filter(turn__in=turns).select_related("file")
    by_turn: dict[UUID, list[AskedPicture]] = defaultdict(list)
    for one in found.order_by("number"):
        by_turn[one.turn_id].append(one)
    told: dict[UUID, tuple[Picture, ...]] = {}
    left = LIMITS.pictures_along
    for turn in reversed(turns):
        data = [bytes_asked(one.file) for one in by_turn[turn][:left]]
        told[turn] = tuple(Picture(KIND, one) for one in data if one)
        left -= len(told[turn])
    return told


def picture_seen_by(caller: Caller, turn_id: UUID, number: int) -> File | None:
    """Return the file of this picture, if it is still there and the caller may see its chat."""
    visible = Chat.objects.visible_to(caller).kept()
    pictures = AskedPicture.objects.filter(
        turn=turn_id, number=number, turn__hidden_at=None, turn__chat__in=visible
    )
    found = shown_with(pictures.select_related("file"))
    return found[0].file if found else None


def shown_with(pictures: Any) -> list[AskedPicture]:
    """Return those of the pictures whose file is still there."""
    return [one for one in pictures if one.file.purged_at is None]


def written_out(turn: Turn) -> list[dict[str, str]]:
    """Return the pictures of a turn as what is taken away of a chat has them."""
    found = []
    for one in shown_with(turn.pictures.all()):
        data = bytes_asked(one.file)
        if data:
            told = {"name": one.file.name, "kind": KIND}
            found.append({**told, "data": base64.b64encode(data).decode()})
    return found
