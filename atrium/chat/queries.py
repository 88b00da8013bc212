from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import override

from atrium.chat.models import Chat, Citation, Turn
from atrium.chat.quoted import cut_at
from atrium.engines.protocol import Message, Question, Source
from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller
from atrium.sources.models import Document, Passage
from atrium.sources.queries import passages_about

HISTORY = 20


def chats_of(caller: Caller) -> "QuerySet[Chat]":
    """The caller's chats that are not in the trash, latest first."""
    return Chat.objects.visible_to(caller).kept().newest_first()


class Stretch(NamedTuple):
    """Some of what was said in a chat, in order; ``earlier`` when more was said before it."""

    turns: list[Turn]
    earlier: bool

    @property
    def first(self) -> UUID | None:
        return self.turns[0].pk if self.turns else None


def turns_of(chat: Chat, *, before: UUID | None = None) -> Stretch:
    """The last that was said in the chat, or the last before one turn, with what a page shows."""
    turns = _shown(chat).order_by("-id")
    if before:
        turns = turns.filter(id__lt=before)
    found = list(turns[: LIMITS.turns + 1])
    return Stretch(found[: LIMITS.turns][::-1], earlier=len(found) > LIMITS.turns)


def turns_since(chat: Chat, known: UUID | None) -> list[Turn]:
    """What was said after the turn that somebody knows; after all of it for who knows none."""
    if known is None:
        return turns_of(chat).turns
    return list(_shown(chat).filter(id__gt=known).order_by("id")[: LIMITS.turns])


def _shown(chat: Chat) -> "QuerySet[Turn]":
    turns: QuerySet[Turn] = chat.turns.select_related("model", "receipt", "person")
    return turns.prefetch_related("citations")


def answer_visible_to(caller: Caller, turn_id: UUID) -> Turn | None:
    """The answer with this id, if it stands in a chat that the caller may see."""
    visible = Chat.objects.visible_to(caller).kept()
    answers = Turn.objects.filter(pk=turn_id, role=Turn.Role.ANSWERED, chat__in=visible)
    return answers.select_related("chat", "model", "receipt", "parent").first()


def answer_to_write(answer_id: UUID) -> Turn | None:
    """The answer with all that its writer needs at hand."""
    answers = Turn.objects.select_related(
        "chat", "chat__person", "chat__guest", "parent", "model__provider", "receipt__hold"
    )
    return answers.filter(pk=answer_id).first()


def audiences_of(answer_ids: Collection[UUID]) -> dict[UUID, str]:
    """Say whose each answer is by now, as an audience."""
    answers = Turn.objects.filter(pk__in=answer_ids).select_related("chat")
    return {answer.pk: answer.chat.audience for answer in answers}


def documents_of(chat: Chat) -> "QuerySet[Document]":
    """What the chat's answers may quote, in the order it was attached."""
    return Document.objects.filter(pk__in=chat.attachments.values("document")).order_by("made_at")


def is_still_reading(chat: Chat) -> bool:
    return documents_of(chat).being_read().exists()  # type: ignore[attr-defined, no-any-return]


def question_for(answer: Turn) -> Question:
    """Gather what the engine is given: the question, what was said, and passages that fit."""
    asked = answer.parent
    assert asked is not None
    # Read anew: whoever asked as a guest may have signed in while the files were being read.
    chat = Chat.objects.select_related("person", "guest").get(pk=answer.chat_id)
    owner = Caller(person=chat.person, guest=chat.guest)
    documents = list(documents_of(answer.chat).values_list("pk", flat=True))
    with override(answer.language):
        sources = tuple(
            Source(
                ref=passage.pk,
                title=passage.document.title,
                text=passage.text,
                place_of=passage.place_of,
            )
            for passage in passages_about(asked.text, caller=owner, documents=documents)
        )
    said = answer.chat.turns.filter(id__lt=asked.pk, hidden_at=None).exclude(text="")
    before = said.order_by("-id")[:HISTORY]
    return Question(
        text=asked.text,
        sources=sources,
        history=tuple(
            Message("assistant" if turn.is_answer else "user", turn.text)
            for turn in reversed(before)
        ),
        language=answer.language,
        most_tokens=answer.model.most_output_tokens if answer.model else 1024,
    )


def passage_around(caller: Caller, citation: Citation) -> dict[str, Any]:
    """Return the ``citation``, its passage cut at the quoted words, and what stands around it.

    Only the quoted words, which the chat keeps, are left where the document is gone or is not the
    caller's to see.
    """
    documents = Document.objects.visible_to(caller)
    passages = Passage.objects.filter(pk=citation.passage_id or 0, document__in=documents)
    passage = passages.select_related("document").first()
    if passage is None:
        return {"citation": citation, "parts": [(citation.words, True)]}
    beside = passage.document.passages.order_by("number")
    return {
        "citation": citation,
        "passage": passage,
        "parts": cut_at(passage.text, citation.words),
        "before": beside.filter(number=passage.number - 1).first(),
        "after": beside.filter(number=passage.number + 1).first(),
    }


def chat_asked_with(caller: Caller, key: UUID | None) -> Chat | None:
    """The caller's chat that began with the question of this key, when a form came twice."""
    if key is None:
        return None
    return chats_of(caller).filter(turns__key=str(key), turns__parent=None).first()
