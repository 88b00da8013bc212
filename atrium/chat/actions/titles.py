import re
from datetime import datetime

from django.db import transaction

from atrium.chat import access
from atrium.chat.models import Chat, Turn
from atrium.metering import actions as metering
from atrium.metering.models import Receipt
from atrium.people.caller import Caller

TITLE = "chat"  # what calls for titles are about
TITLE_LENGTH = 60
_AROUND = "\"'“”„«»`*#.: \t\n"
# What is bold, slanted or code in Markdown: a title is no Markdown, and would show the marks.
_MARKED = re.compile(r"(\*\*|~~|`|\*(?=\S))(.+?)\1")


def title_of(text: str) -> str:
    """Return the beginning of a text as a title."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"


def _bare(text: str) -> str:
    while (inner := _MARKED.sub(r"\2", text)) != text:
        text = inner
    return text


@transaction.atomic
def begin_title(
    *, by: Caller, answer: Turn, tokens_in: int, most_tokens_out: int, at: datetime
) -> Receipt:
    """Set aside what a title may cost; a second time for the same chat returns the same."""
    assert answer.model is not None, "who answered can be asked for a title"
    return metering.reserve(
        by=by,
        model=answer.model,
        tokens_in=tokens_in,
        most_tokens_out=most_tokens_out,
        about=(TITLE, answer.chat_id),
        key=f"title:{answer.chat_id}",
        payer=access.payer_of(answer.chat, by, at=at),
        at=at,
    )


@transaction.atomic
def finish_title(
    *,
    answer: Turn,
    receipt: Receipt,
    title: str,
    tokens_in: int,
    tokens_out: int,
    at: datetime,
) -> bool:
    """Charge for the title, and give it to a chat that nobody named; without one nothing is due."""
    if receipt.state != Receipt.State.OPEN:
        return False
    said = next((line for line in title.splitlines() if line.strip(_AROUND)), "")
    said = title_of(_bare(said).strip(_AROUND))
    if not said:
        metering.release(receipt=receipt, at=at)
        return False
    metering.settle(receipt=receipt, tokens_in=tokens_in, tokens_out=tokens_out, at=at)
    if not Chat.objects.filter(pk=answer.chat_id, renamed_at=None).update(title=said):
        return False
    chat = Chat.objects.get(pk=answer.chat_id)
    access.tell_everybody(chat, "chat.titled", {"title": said}, at=at)
    return True


def abandon_title(*, receipt: Receipt, at: datetime) -> None:
    """End the call for a title that nobody waits for any more."""
    metering.release(receipt=receipt, at=at)
