"""What an engine is given with a question, as far as it fits into what its model takes in."""

from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.chat import branches
from atrium.chat.keeping import instructions_for
from atrium.chat.models import Chat, Turn
from atrium.engines.models import Model
from atrium.engines.protocol import Question
from atrium.kit.errors import Unprocessable
from atrium.kit.limits import LIMITS
from atrium.metering.tokens import PICTURE_TOKENS, count_tokens

PASSAGES = 12
AROUND_A_TURN = 4  # tokens that say who speaks
SOURCES_MOST = PASSAGES * LIMITS.passage_characters // 2


class PromptTooLong(Unprocessable):
    """The question alone is more than the model takes in."""

    code = "context_exceeded"


class Fitted(NamedTuple):
    """What goes along: ``history`` oldest first, and so many tokens of ``sources``.

    ``left_out`` counts the earlier turns for which there is no room; ``tokens_in`` is the most
    that all of it can be.
    """

    history: list[UUID]
    left_out: int
    sources: int
    tokens_in: int


class Filling(NamedTuple):
    """How much of what a model takes in the shown branch of a chat fills."""

    used: int
    limit: int

    @property
    def percent(self) -> int:
        return min(100, self.used * 100 // max(1, self.limit))

    @property
    def is_nearly_full(self) -> bool:
        return self.percent >= 95

    @property
    def is_filling(self) -> bool:
        return self.percent >= 80


def system_of(chat: Chat) -> str:
    """Return the instructions for each answer of the chat: its folder's, then its own."""
    return "\n\n".join(filter(None, (instructions_for(chat), chat.system)))


def longest_answer(chat: Chat, model: Model) -> int:
    """Return how many tokens the model may answer with in this chat."""
    most = min(model.most_output_tokens, max(1, model.context_tokens // 2))
    return min(most, chat.most_tokens) if chat.most_tokens else most


def room_of(chat: Chat, model: Model) -> int:
    """Return how many tokens the model takes in, with room for its answer."""
    return max(1, model.context_tokens - longest_answer(chat, model))


def fit(*, chat: Chat, after: UUID | None, text: str, model: Model, pictures: int = 0) -> Fitted:
    """Choose what goes along with a question that follows the turn ``after``: the latest first.

    The question has so many ``pictures``.

    :raises PromptTooLong: when the question itself does not fit
    """
    if model.quotes_only:
        return Fitted([], 0, model.context_tokens, count_tokens(text))
    room, asked = room_of(chat, model), count_tokens(text) + count_tokens(system_of(chat))
    asked += pictures * PICTURE_TOKENS
    if asked > room:
        raise _too_long(model, room, asked)
    sources = min(SOURCES_MOST, (room - asked) // 2) if chat.attachments.exists() else 0
    steps = [one for one in _said(chat, after) if one.counts]
    kept, used = 0, asked + sources
    for step in steps:
        if used + step.tokens + AROUND_A_TURN > room:
            break
        used += step.tokens + AROUND_A_TURN
        kept += 1
    while kept and kept < len(steps) and steps[kept - 1].is_answer:
        kept -= 1  # an answer without its question says little, and some engines refuse it
    history = [step.turn for step in steps[:kept]]
    return Fitted(history[::-1], len(steps) - kept, sources, used)


def filling_of(chat: Chat, model: Model) -> Filling:
    """Return how full the branch that is shown makes what the model takes in."""
    said = 0
    if not model.quotes_only:
        said = branches.tokens_up(
            chat, branches.end_of(chat), most=LIMITS.history_turns, each=AROUND_A_TURN
        )
    return Filling(said + count_tokens(system_of(chat)), room_of(chat, model))


def tokens_of(question: Question) -> int:
    """Return how many tokens an engine was given, by our own count."""
    parts = [question.text, question.system]
    parts += [source.text for source in question.sources]
    parts += [said.text for said in question.history]
    seen = len(question.pictures) + sum(len(said.pictures) for said in question.history)
    return sum(count_tokens(part) for part in parts) + seen * PICTURE_TOKENS


def tokens_asked(answer: Turn) -> int:
    """Return how many tokens an answer's engine was given at least, by our own count."""
    asked, model = answer.parent, answer.model
    if asked is None or model is None:
        return 0
    try:
        fitted = fit(
            chat=answer.chat,
            after=asked.parent_id,
            text=asked.text,
            model=model,
            pictures=asked.pictures.count(),
        )
    except PromptTooLong:  # the chat's instructions grew since
        return count_tokens(asked.text)
    return fitted.tokens_in - (0 if model.quotes_only else fitted.sources)


def _said(chat: Chat, last: UUID | None) -> list[branches.Step]:
    return branches.way_up(chat, last, most=LIMITS.history_turns)


def _too_long(model: Model, room: int, asked: int) -> PromptTooLong:
    return PromptTooLong(
        _("%(model)s takes in %(limit)d tokens; this question and its instructions are %(used)d.")
        % {"model": model.title, "limit": room, "used": asked},
        limit=room,
        used=asked,
        way_on=_("Shorten the question, or choose a model that takes in more."),
    )
