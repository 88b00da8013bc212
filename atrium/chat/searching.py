"""Finding in everything of mine: titles, and what was said."""

import re
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse

from atrium.chat import word_index
from atrium.chat.access import asker_of
from atrium.chat.branches import end_of, newest_under, way_up
from atrium.chat.models import Chat, Turn
from atrium.kit.limits import LIMITS
from atrium.kit.text import normal
from atrium.kit.words import stem, words
from atrium.people.caller import Caller

_TITLES = 5_000  # the latest, which are looked through one by one
_BEFORE, _AFTER = 60, 180
_FURTHEST, _SHOWN_AFTER = 10_000, 20
_ANY_WORD = re.compile(r"\w+")
_LONG_ENOUGH_TO_ERR = 5
Parts = list[tuple[str, bool]]


class Hit(NamedTuple):
    """A turn in which the words stand; ``parts`` of it, those that were looked for marked."""

    chat: Chat
    turn: Turn
    parts: Parts
    asker: str = ""  # who asked it, if that is somebody else

    @property
    def url(self) -> str:
        """What leads to the page of its chat on which this turn is."""
        return reverse("chat:at", args=[self.chat.pk, self.turn.pk])


class Found(NamedTuple):
    chats: list[Chat]
    hits: list[Hit]


def find(caller: Caller, query: str, *, limit: int = LIMITS.search_hits) -> Found:
    """Return the caller's chats whose title has the words, and the turns that do, the best first.

    A turn has all the words, or, when none has, any of them. In a title one letter may be wrong.
    """
    query = normal(query)[: LIMITS.query_characters]
    asked = words(query) or _ANY_WORD.findall(query.casefold())
    asked = list(dict.fromkeys(asked))[: LIMITS.question_words]
    if not asked or caller.is_nobody:
        return Found([], [])
    return Found(_by_title(caller, asked), _by_turn(caller, [stem(word) for word in asked], limit))


def _by_title(caller: Caller, asked: list[str]) -> list[Chat]:
    mine = Chat.objects.visible_to(caller).kept().newest_first().exclude(title="")
    ids = []
    for chat_id, title in mine.values_list("pk", "title")[:_TITLES]:
        there = words(title)
        if all(any(_is_meant(word, one) for one in there) for word in asked):
            ids.append(chat_id)
            if len(ids) == LIMITS.search_hits:
                break
    found = mine.in_bulk(ids)
    return [found[chat_id] for chat_id in ids if chat_id in found]


def _by_turn(caller: Caller, stems: list[str], limit: int) -> list[Hit]:
    inside = Chat.objects.visible_to(caller).kept().values("pk")
    ids: list[Any] = []
    for together in (True, False):
        ids = word_index.turns_with(stems, chats=inside, together=together, limit=limit)
        if ids:
            break
    turns = Turn.objects.select_related("chat", "person", "guest")
    known = turns.in_bulk([UUID(str(one)) for one in ids])
    found = (known[key] for one in ids if (key := UUID(str(one))) in known)
    return [
        Hit(turn.chat, turn, parts_around(turn.said, stems), _asker(turn, caller)) for turn in found
    ]


def _asker(turn: Turn, caller: Caller) -> str:
    is_other = turn.person is not None and Caller(person=turn.person) != caller
    return str(asker_of(turn.person)) if is_other and not turn.is_answer else ""


def page_with(chat: Chat, turn_id: UUID) -> UUID | None:
    """Return before which turn a page of the chat ends that shows this one; None for the last."""
    shown = [step.turn for step in way_up(chat, end_of(chat), most=LIMITS.turns)]
    if turn_id in shown:
        return None
    after = [step.turn for step in way_up(chat, newest_under(chat, turn_id), most=_FURTHEST)]
    there = after.index(turn_id) if turn_id in after else 0
    return after[max(0, there - _SHOWN_AFTER)] if there else None


def parts_around(text: str, stems: list[str]) -> Parts:
    """Return the piece of ``text`` around the first of the words, with each of them marked."""
    wanted = re.compile(rf"\b(?:{'|'.join(map(re.escape, stems))})\w*", re.IGNORECASE)
    first = wanted.search(text)
    begin = max(0, first.start() - _BEFORE) if first else 0
    end = min(len(text), (first.end() if first else 0) + _AFTER)
    begin, end = _whole_words(text, begin, end)
    parts: Parts = [("…", False)] if begin else []
    at = begin
    for match in wanted.finditer(text, begin, end):
        parts += [(text[at : match.start()], False), (match.group(), True)]
        at = match.end()
    parts.append((text[at:end] + ("…" if end < len(text) else ""), False))
    return [(" ".join(f"x{part}x".split())[1:-1], marked) for part, marked in parts if part]


def _whole_words(text: str, begin: int, end: int) -> tuple[int, int]:
    """Move both ends to where a word ends, unless a word is very long."""
    space = text.find(" ", begin, begin + 20) if begin else -1
    last = text.rfind(" ", end - 20, end) if end < len(text) else -1
    return (space + 1 if space > 0 else begin), (last if last > begin else end)


def _is_meant(asked: str, there: str) -> bool:
    """Whether a word of a title is a form of what was asked for, or that with one letter wrong."""
    if there.startswith(stem(asked)):
        return True
    return len(asked) >= _LONG_ENOUGH_TO_ERR and one_letter_apart(asked, there)


def one_letter_apart(one: str, other: str) -> bool:
    """Whether a letter more, a letter less, another letter, or two exchanged make them the same."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    rest, others = one[same:], other[same:]
    if rest[1:] == others[1:] or rest[1:] == others or rest == others[1:]:
        return True
    return rest[:2] == others[1::-1] and rest[2:] == others[2:]
