from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.chat.models import Chat, Citation, Turn
from atrium.engines.models import Model
from atrium.engines.protocol import Quote
from atrium.events.actions import tell
from atrium.kit.errors import Conflict, NotFound, TooLarge, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.metering import actions as metering
from atrium.metering.models import Receipt
from atrium.metering.tokens import count_tokens
from atrium.people.caller import Caller
from atrium.sources.models import Passage, as_one_line

LONGEST_QUESTION = LIMITS.message_characters
# How long an answer's writer may be silent before it is taken to be dead.
LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
TITLE_LENGTH = 60


class QuestionEmpty(Unprocessable):
    code = "question_empty"


class QuestionTooLong(TooLarge):
    code = "question_too_long"


class StillWriting(Conflict):
    """The answer before has not ended."""

    code = "still_writing"


class TooManyAnswers(TooMany):
    """As many as one asker may have are being written now, in other chats."""

    code = "too_many_answers"


class Begun(NamedTuple):
    """A question and the answer now being written; ``is_new`` is False for a repeated key."""

    question: Turn
    answer: Turn
    is_new: bool


@transaction.atomic
def begin_turn(
    *, by: Caller, chat: Chat, text: str, model: Model, key: str = "", at: datetime
) -> Begun:
    """Keep the question, set aside what its answer may cost, and open the answer.

    :raises QuestionEmpty: when there is nothing to answer
    :raises QuestionTooLong: before anything is charged
    :raises StillWriting: while the chat's last answer is being written
    :raises TooManyAnswers: while as many as this caller may have are being written elsewhere
    """
    text = _asked(text)
    # Touching the chat first makes two questions at once wait for each other.
    # A member's must still be theirs: they may be giving back what they claimed just now.
    rows = Chat.objects.visible_to(by) if by.is_member else Chat.objects
    if not rows.filter(pk=chat.pk, deleted_at=None).update(touched_at=at):
        raise NotFound(_("This chat is not there any more."))
    if known := _known(chat, key):
        return known
    if chat.turns.filter(state=Turn.State.WRITING).exists():
        raise StillWriting(
            _("The last answer is still being written."), way_on=_("Wait for it, or stop it.")
        )
    said_by = by.as_owner()
    _check_hands(by, at)
    question = Turn.objects.create(
        chat=chat,
        parent=chat.turns.order_by("-id").first(),
        role=Turn.Role.ASKED,
        key=key,
        text=text,
        made_at=at,
        ended_at=at,
        **said_by,
    )
    answer = Turn(
        chat=chat,
        parent=question,
        role=Turn.Role.ANSWERED,
        model=model,
        language=get_language() or "en",
        state=Turn.State.WRITING,
        made_at=at,
        alive_until=at + LEASE,
        **said_by,
    )
    answer.receipt = metering.reserve(
        by=by,
        model=model,
        tokens_in=count_tokens(text),
        most_tokens_out=model.most_output_tokens,
        about=("turn", answer.pk),
        key=f"turn:{answer.pk}",
        at=at,
    )
    answer.save(force_insert=True)
    if not chat.title:
        _title(chat, text)
    told = {"chat": str(chat.pk), "question": str(question.pk), "answer": str(answer.pk)}
    tell(chat.audience, "turn.began", told, at=at)
    return Begun(question, answer, is_new=True)


@transaction.atomic
def finish_turn(
    *,
    answer: Turn,
    text: str,
    quotes: Sequence[Quote] = (),
    state: Turn.State = Turn.State.DONE,
    failure: str = "",
    tokens_in: int = 0,
    tokens_out: int | None = None,
    at: datetime,
) -> bool:
    """End the answer with what was written, and charge for that; False when it had ended already.

    An answer that failed before its first word costs nothing.
    """
    writing = Turn.objects.filter(pk=answer.pk, state=Turn.State.WRITING)
    if not writing.update(
        state=state, text=text, failure=failure[:300], ended_at=at, alive_until=None
    ):
        return False
    receipt = answer.receipt
    assert receipt is not None, "an answer has a receipt (chat_answer_has_model_receipt…)"
    if state == Turn.State.FAILED and not text:
        metering.release(receipt=receipt, at=at)
    else:
        written = count_tokens(text) if tokens_out is None else tokens_out
        metering.settle(receipt=receipt, tokens_in=tokens_in, tokens_out=written, at=at)
    _cite(answer, quotes)
    # Read anew: whoever asked as a guest may have signed in while this was being written.
    chat = Chat.objects.get(pk=answer.chat_id)
    Chat.objects.filter(pk=chat.pk).update(touched_at=at)
    told = {"chat": str(chat.pk), "turn": str(answer.pk), "state": str(state)}
    tell(chat.audience, "turn.ended", told, at=at)
    return True


def abandon_turns(*, at: datetime) -> int:
    """End answers whose process died, with the text that was kept, charged for just that."""
    lost = Turn.objects.filter(state=Turn.State.WRITING, alive_until__lt=at)
    return sum(_abandon(answer, at) for answer in lost.select_related("chat", "receipt__hold"))


def abandon_call(*, receipt: Receipt, at: datetime) -> None:
    """End the answer of a call that should have ended long ago, unless its writer is alive."""
    answer = Turn.objects.select_related("chat", "receipt__hold").filter(receipt=receipt).first()
    if answer is None:
        metering.release(receipt=receipt, at=at)  # the chat is gone with its text
    elif answer.alive_until is None or answer.alive_until < at:
        _abandon(answer, at)


def _abandon(answer: Turn, at: datetime) -> bool:
    return finish_turn(
        answer=answer,
        text=answer.text,
        state=Turn.State.FAILED,
        failure=_("The server stopped while this was being written."),
        tokens_in=count_tokens(answer.parent.text) if answer.text and answer.parent else 0,
        at=at,
    )


def _asked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise QuestionEmpty(_("Write a question first."), fields={"text": _("Empty.")})
    if len(text) > LONGEST_QUESTION:
        raise QuestionTooLong(
            _("A question has at most %(limit)d characters; this one has %(used)d.")
            % {"limit": LONGEST_QUESTION, "used": len(text)},
            limit=LONGEST_QUESTION,
            used=len(text),
            way_on=_("Put long texts into a file and drop it here."),
        )
    return text


def _check_hands(by: Caller, at: datetime) -> None:
    most = LIMITS.answers_per_person if by.is_member else LIMITS.answers_per_guest
    # One whose writer is dead waits only for the sweep, and is in nobody's way.
    mine = {"person": by.person} if by.is_member else by.as_owner()
    writing = Turn.objects.filter(state=Turn.State.WRITING, alive_until__gte=at, **mine)
    used = writing.count()
    if used >= most:
        raise TooManyAnswers(
            _("%(used)d answers are being written for you already.") % {"used": used},
            limit=most,
            used=used,
            way_on=_("Wait for one of them, or stop it."),
        )


def _known(chat: Chat, key: str) -> Begun | None:
    question = chat.turns.filter(key=key).first() if key else None
    answer = question.children.first() if question else None
    return Begun(question, answer, is_new=False) if question and answer else None


def _title(chat: Chat, text: str) -> None:
    line = " ".join(text.split())
    title = line if len(line) <= TITLE_LENGTH else line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
    Chat.objects.filter(pk=chat.pk, renamed_at=None, title="").update(title=title)
    chat.title = title


def _cite(answer: Turn, quotes: Sequence[Quote]) -> None:
    refs: list[int | UUID] = [quote.ref for quote in quotes]
    passages = Passage.objects.select_related("document").in_bulk(refs)
    Citation.objects.bulk_create(
        Citation(
            turn=answer,
            number=quote.number,
            passage=passage,
            title=passage.document.title if passage else "",
            place=passage.place_of(quote.words) if passage else "",
            words=quote.words,
            found=passage is not None and as_one_line(quote.words) in as_one_line(passage.text),
        )
        for quote in quotes
        for passage in [passages.get(quote.ref)]
    )
