from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.chat import access, prompts
from atrium.chat.models import Chat, Citation, Turn
from atrium.engines.protocol import Quote
from atrium.handbook import book
from atrium.metering import actions as metering
from atrium.metering.models import Receipt
from atrium.metering.tokens import count_tokens
from atrium.sources.models import Passage, as_one_line


@transaction.atomic
def finish_turn(
    *,
    answer: Turn,
    text: str,
    thoughts: str = "",
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
        state=state,
        text=text,
        thoughts=thoughts,
        tokens=count_tokens(text),
        failure=failure[:300],
        ended_at=at,
        alive_until=None,
    ):
        return False
    receipt = answer.receipt
    assert receipt is not None, "an answer has a receipt (chat_answer_has_model_receipt…)"
    if state == Turn.State.FAILED and not text:
        metering.release(receipt=receipt, at=at)
    else:
        counted = (None, count_tokens(text + thoughts))
        metering.settle(
            receipt=receipt, tokens_in=tokens_in, tokens_out=tokens_out, counted=counted, at=at
        )
    _cite(answer, quotes)
    Chat.objects.filter(pk=answer.chat_id).update(touched_at=at)
    # Read anew: whoever asked as a guest may have signed in while this was being written.
    chat = Chat.objects.get(pk=answer.chat_id)
    told = {"turn": str(answer.pk), "state": str(state)}
    access.tell_everybody(chat, "turn.ended", told, at=at)
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
        tokens_in=prompts.tokens_asked(answer) if answer.text else 0,
        at=at,
    )


def _cite(answer: Turn, quotes: Sequence[Quote]) -> None:
    refs = [quote.ref for quote in quotes if isinstance(quote.ref, int)]
    passages = Passage.objects.select_related("document").in_bulk(refs)
    Citation.objects.bulk_create(
        _of_the_handbook(answer, quote, quote.ref)
        if isinstance(quote.ref, str)
        else _of_a_file(answer, quote, passages.get(quote.ref))
        for quote in quotes
    )


def _of_a_file(answer: Turn, quote: Quote, passage: Passage | None) -> Citation:
    return Citation(
        turn=answer,
        number=quote.number,
        passage=passage,
        title=passage.document.title if passage else "",
        place=passage.place_of(quote.words) if passage else "",
        words=quote.words,
        found=passage is not None and as_one_line(quote.words) in as_one_line(passage.text),
    )


def _of_the_handbook(answer: Turn, quote: Quote, ref: str) -> Citation:
    passage = book.passage_called(ref)
    return Citation(
        turn=answer,
        number=quote.number,
        handbook=ref,
        title=_("Handbook: %(title)s") % {"title": passage.title} if passage else _("Handbook"),
        place=passage.heading[:80] if passage else "",
        words=quote.words,
        found=passage is not None and as_one_line(quote.words) in as_one_line(passage.text),
    )
