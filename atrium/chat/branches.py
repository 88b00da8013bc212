"""The branches of a chat's tree: what leads to a turn, what follows, which versions there are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models

from atrium.chat.models import Chat, Turn

_KEY: "models.UUIDField[UUID, UUID]" = models.UUIDField()
_WAY_UP = """
WITH RECURSIVE up(id, parent_id, role, tokens, counts, far) AS (
  SELECT id, parent_id, role, tokens, (hidden_at IS NULL AND text <> ''), 0
  FROM chat_turn WHERE id = %s AND chat_id = %s
  UNION ALL
  SELECT turn.id, turn.parent_id, turn.role, turn.tokens,
    (turn.hidden_at IS NULL AND turn.text <> ''), up.far + 1
  FROM chat_turn AS turn JOIN up ON turn.id = up.parent_id WHERE up.far < %s
)
"""
_UP = f"{_WAY_UP} SELECT id, role, tokens, counts FROM up ORDER BY far"  # noqa: S608  only placeholders
_TOKENS_UP = f"{_WAY_UP} SELECT COALESCE(SUM(tokens + %s), 0) FROM up WHERE counts"  # noqa: S608
_DOWN = """
WITH RECURSIVE down(id) AS (
  SELECT id FROM chat_turn WHERE id = %s AND chat_id = %s
  UNION ALL
  SELECT turn.id FROM chat_turn AS turn JOIN down ON turn.parent_id = down.id
)
SELECT id FROM down ORDER BY id DESC LIMIT 1
"""


class Step(NamedTuple):
    """A turn on the way up from another; it ``counts`` when an engine is given it."""

    turn: UUID
    is_answer: bool
    tokens: int
    counts: bool


def way_up(chat: Chat, turn_id: UUID | None, *, most: int) -> list[Step]:
    """Return a turn of the chat and those that it follows, the nearest first."""
    if turn_id is None or most < 1:
        return []
    rows = _rows(_UP, [_written(turn_id), _written(chat.pk), most - 1])
    return [
        Step(_read(found), role == Turn.Role.ANSWERED, tokens, bool(counts))
        for found, role, tokens, counts in rows
    ]


def tokens_up(chat: Chat, turn_id: UUID | None, *, most: int, each: int) -> int:
    """Return how many tokens a turn and those that it follows are, and so many more for each.

    Added up where they are kept: a long branch is looked at for each page.
    """
    if turn_id is None or most < 1:
        return 0
    return int(_rows(_TOKENS_UP, [_written(turn_id), _written(chat.pk), most - 1, each])[0][0])


def newest_under(chat: Chat, turn_id: UUID) -> UUID | None:
    """Return the last turn of the newest branch that goes through this turn of the chat."""
    rows = _rows(_DOWN, [_written(turn_id), _written(chat.pk)])
    return _read(rows[0][0]) if rows else None


def end_of(chat: Chat) -> UUID | None:
    """Return the last turn of the branch that is shown; None in a chat without any."""
    ids = chat.turns.order_by("-id").values_list("pk", flat=True)
    chosen = ids.filter(pk=chat.chosen).first() if chat.chosen else None
    return chosen or ids.first()


def tell_versions(chat: Chat, turns: Sequence[Turn]) -> None:
    """Have each of these turns know the versions beside it, in the order they were made."""
    by_parent: dict[UUID | None, list[UUID]] = defaultdict(list)
    parents = {turn.parent_id for turn in turns}
    siblings = chat.turns.filter(parent__in=[parent for parent in parents if parent])
    if None in parents:
        siblings = siblings | chat.turns.filter(parent=None)
    for parent, turn_id in siblings.order_by("id").values_list("parent_id", "pk"):
        by_parent[parent].append(turn_id)
    for turn in turns:
        turn.versions = tuple(by_parent[turn.parent_id])


def in_order(turns: Iterable[Turn], ids: Sequence[UUID]) -> list[Turn]:
    """Return the turns as the ids follow each other."""
    found = {turn.pk: turn for turn in turns}
    return [found[turn_id] for turn_id in ids if turn_id in found]


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _written(value: UUID) -> Any:
    return _KEY.get_db_prep_value(value, connection)


def _read(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
