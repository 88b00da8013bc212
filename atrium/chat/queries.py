from collections.abc import Collection, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from atrium.chat import access, prompts
from atrium.chat.access import Right
from atrium.chat.branches import end_of, in_order, tell_versions, way_up
from atrium.chat.models import Chat, Citation, Preset, Turn
from atrium.chat.quoted import cut_at
from atrium.chat.seeing import seen_with
from atrium.engines.protocol import Message, Question, Source
from atrium.handbook import book, finding
from atrium.kit.limits import LIMITS
from atrium.metering.tokens import count_tokens
from atrium.people.caller import Caller
from atrium.sources.models import Document, Passage
from atrium.sources.queries import around, how_far_read, passages_about


def chats_of(caller: Caller) -> "QuerySet[Chat]":
    """The caller's own chats that are not in the trash, latest first."""
    return Chat.objects.of(caller).kept().newest_first()


def chat_seen_by(caller: Caller, chat_id: UUID, right: Right = Right.VIEW) -> Chat | None:
    """The chat with this id, as the caller sees it; None if they may not, or it is in the trash.

    :raises NotAllowed: when they may see it, and not do what ``right`` says
    """
    found: Chat | None = Chat.objects.visible_to(caller).kept().filter(pk=chat_id).first()
    if found is None:
        return None
    access.insist(found, caller, right)
    return access.seen_by(caller, found)


def chat_owned_by(caller: Caller, chat_id: UUID) -> Chat | None:
    """The chat with this id, if it is the caller's own and not in the trash."""
    found: Chat | None = Chat.objects.of(caller).kept().filter(pk=chat_id).first()
    return found


class Stretch(NamedTuple):
    """Some of the branch that is shown, in order; ``earlier`` when more was said before it.

    ``is_other`` when somebody who knows another branch has to forget that first.
    """

    turns: list[Turn]
    earlier: bool
    is_other: bool = False

    @property
    def first(self) -> UUID | None:
        return self.turns[0].pk if self.turns else None


def turns_of(chat: Chat, *, before: UUID | None = None, until: UUID | None = None) -> Stretch:
    """The last of the branch that is shown, or the last before one turn, with what a page shows.

    As far back as ``until``, if that is further than a page reaches.
    """
    last = end_of(chat)
    if before:
        last = chat.turns.filter(pk=before).values_list("parent_id", flat=True).first()
    ids = [step.turn for step in way_up(chat, last, most=LIMITS.turns + 1)]
    if until and until not in ids:
        ids = [step.turn for step in way_up(chat, last, most=LIMITS.history_turns)]
        ids = ids[: ids.index(until) + 2] if until in ids else ids[: LIMITS.turns + 1]
    most = max(LIMITS.turns, len(ids) - 1)
    return Stretch(_shown(chat, ids[:most][::-1]), earlier=len(ids) > most)


def turns_since(chat: Chat, known: UUID | None) -> Stretch:
    """What was said after the turn that somebody knows; the end of the branch for who knows none,
    or another branch."""
    ids = [step.turn for step in way_up(chat, end_of(chat), most=LIMITS.history_turns)]
    if known is None or not _knows(chat, ids, known):
        return turns_of(chat)._replace(is_other=known is not None)
    fresh = ids[: ids.index(known)][::-1] if known in ids else []
    return Stretch(_shown(chat, fresh[: LIMITS.turns]), earlier=False)


def _knows(chat: Chat, ids: list[UUID], known: UUID) -> bool:
    """Whether that turn is of this branch, or stands beside one of it."""
    beside = chat.turns.filter(pk=known, beside=True).values_list("parent_id", flat=True).first()
    return known in ids or (beside in ids and ids.index(beside) == 1)


def _shown(chat: Chat, ids: Sequence[UUID]) -> list[Turn]:
    """These turns in order, each with its versions; an answer that is last and was asked together
    with another has that beside it."""
    turns: QuerySet[Turn] = chat.turns.select_related("model", "receipt", "person", "chat")
    shown = in_order(turns.filter(pk__in=ids).prefetch_related("citations", "pictures__file"), ids)
    tell_versions(chat, shown)
    access.say_who_asked(chat, shown)
    if shown and shown[-1].beside:
        others = turns.filter(parent=shown[-1].parent_id, beside=True).exclude(pk=shown[-1].pk)
        shown[-1].others = tuple(others.prefetch_related("citations").order_by("id"))
        access.say_who_asked(chat, shown[-1].others)
    return shown


def answer_visible_to(caller: Caller, turn_id: UUID, right: Right = Right.VIEW) -> Turn | None:
    """The answer with this id, if it stands in a chat that the caller may see.

    :raises NotAllowed: when they may see it, and not do what ``right`` says
    """
    visible = Chat.objects.visible_to(caller).kept()
    answers = Turn.objects.filter(pk=turn_id, role=Turn.Role.ANSWERED, chat__in=visible)
    found = answers.select_related("chat", "model", "receipt", "parent").first()
    if found:
        access.insist(found.chat, caller, right)
        tell_versions(found.chat, [found])
        access.say_who_asked(access.seen_by(caller, found.chat), [found])
    return found


def turn_to_choose(caller: Caller, turn_id: UUID) -> Turn | None:
    """The question or answer with this id, if it stands in a chat that the caller may see.

    :raises NotAllowed: when they may see it, and not choose what is shown of it
    """
    visible = Chat.objects.visible_to(caller).kept()
    found = Turn.objects.filter(pk=turn_id, chat__in=visible).select_related("chat").first()
    if found:
        access.insist(found.chat, caller, Right.EDIT)
        access.seen_by(caller, found.chat)
    return found


def begun_in(chat: Chat, turns: Sequence[Turn]) -> list[Turn]:
    """What was just begun, with what a page shows of it."""
    return _shown(chat, [turn.pk for turn in turns])


def answer_to_write(answer_id: UUID) -> Turn | None:
    """The answer with all that its writer needs at hand."""
    answers = Turn.objects.select_related(
        "chat",
        "chat__person",
        "chat__guest",
        "person",
        "guest",
        "parent",
        "model__provider",
        "receipt__hold",
    )
    return answers.filter(pk=answer_id).first()


def still_written(answer_ids: Collection[UUID]) -> set[UUID]:
    """Say which of these answers have not ended."""
    written = Turn.objects.filter(pk__in=answer_ids, state=Turn.State.WRITING)
    return set(written.values_list("pk", flat=True))


def documents_of(chat: Chat) -> "QuerySet[Document]":
    """What the chat's answers may quote, in the order it was attached.

    What others brought is among it as long as they take part.
    """
    is_guests = chat.person_id is None
    owners = Q(person=None, guest=chat.guest_id) if is_guests else Q(person=chat.person_id)
    others = Q(person__in=chat.collaborators.taking_part().values("person"))
    attached = Document.objects.filter(pk__in=chat.attachments.values("document"))
    return attached.filter(owners | others).order_by("made_at")


def documents_shown(chat: Chat) -> "QuerySet[Document]":
    """The same, each with the ``pages_done`` of its ``pages`` while it is being read."""
    return how_far_read(documents_of(chat))


def may_cite(answer: Turn) -> bool:
    """Whether there is something that the answer may quote: files, or for Reader the handbook."""
    return bool(answer.model and answer.model.quotes_only) or documents_of(answer.chat).exists()


def is_still_reading(chat: Chat) -> bool:
    return documents_of(chat).being_read().exists()  # type: ignore[attr-defined, no-any-return]


def question_for(answer: Turn) -> Question:
    """Gather what the engine is given: the question, what was said, and passages that fit."""
    asked, model = answer.parent, answer.model
    assert asked is not None, "chat_answer_has_model_receipt_and_question"
    assert model is not None, "chat_answer_has_model_receipt_and_question"
    # Read anew: whoever asked as a guest may have signed in while the files were being read.
    chat = Chat.objects.select_related("person", "guest").get(pk=answer.chat_id)
    fitted = prompts.fit(
        chat=chat,
        after=asked.parent_id,
        text=asked.text,
        model=model,
        pictures=asked.pictures.count(),
    )
    seen = seen_with([*fitted.history, asked.pk]) if model.pictures_in else {}
    said = in_order(chat.turns.filter(pk__in=fitted.history), fitted.history)
    with override(answer.language):
        has_files = chat.attachments.exists()
        if model.quotes_only and not has_files:
            sources = _handbook(asked.text, answer.language)
        else:
            sources = _sources(chat, asked.text, most=fitted.sources)
        return Question(
            text=asked.text,
            system=prompts.system_of(chat),
            pictures=seen.get(asked.pk, ()),
            sources=sources,
            has_files=has_files,
            history=tuple(
                Message("assistant" if turn.is_answer else "user", turn.text, seen.get(turn.pk, ()))
                for turn in said
            ),
            language=answer.language,
            most_tokens=prompts.longest_answer(chat, model),
            temperature=chat.temperature,
        )


def _sources(chat: Chat, asked: str, *, most: int) -> tuple[Source, ...]:
    """Passages of the chat's files about what is asked, as many as ``most`` tokens hold."""
    documents = documents_of(chat).values_list("pk", flat=True)
    found = passages_about(asked, caller=None, documents=documents, limit=prompts.PASSAGES)
    used = accumulate(count_tokens(passage.text) for passage in found)
    return tuple(
        Source(
            ref=passage.pk,
            title=passage.document.title,
            text=passage.text,
            place_of=passage.place_of,
        )
        for passage, tokens in zip(found, used, strict=True)
        if tokens <= most
    )


def _handbook(asked: str, language: str) -> tuple[Source, ...]:
    """Passages of the handbook, for who asks Reader without a file."""
    return tuple(
        Source(
            ref=passage.ref,
            title=_("Handbook: %(title)s") % {"title": passage.title},
            text=passage.text,
            place_of=partial(_heading_of, passage),
            is_ours=True,
        )
        for passage in finding.passages_about(asked, language=language)
    )


def _heading_of(passage: book.Passage, _words: str) -> str:
    return passage.heading


def _in_the_handbook(citation: Citation) -> dict[str, Any]:
    passage = book.passage_called(citation.handbook)
    slug, section = book.place_of(citation.handbook)
    return {
        "citation": citation,
        "parts": cut_at(passage.text if passage else citation.words, citation.words),
        "chapter": slug,
        "section": section,
    }


def passage_around(caller: Caller, citation: Citation) -> dict[str, Any]:
    """Return the ``citation``, its passage cut at the quoted words, and what stands around it.

    Only the quoted words, which the chat keeps, are left where the document is gone or is not the
    caller's to see: their own, and what the chat may quote now.
    """
    if citation.handbook:
        return _in_the_handbook(citation)
    own = Document.objects.visible_to(caller).values("pk")
    here = documents_of(citation.turn.chat).values("pk")
    wanted = Passage.objects.filter(pk=citation.passage_id or 0)
    passages = wanted.filter(Q(document__in=own) | Q(document__in=here))
    passage = passages.select_related("document").first()
    if passage is None:
        return {"citation": citation, "parts": [(citation.words, True)]}
    before, after = around(passage)
    return {
        "citation": citation,
        "passage": passage,
        "parts": cut_at(passage.text, citation.words),
        "before": before,
        "after": after,
    }


def chat_asked_with(caller: Caller, key: UUID | None) -> Chat | None:
    """The caller's chat that began with the question of this key, when a form came twice."""
    if key is None:
        return None
    return chats_of(caller).filter(turns__key=str(key), turns__parent=None).first()


def presets_for(caller: Caller) -> "QuerySet[Preset]":
    """The presets that the caller may begin with: the operator's first, then their own."""
    visible: QuerySet[Preset] = Preset.objects.visible_to(caller).select_related("model")
    return visible.order_by(F("person").asc(nulls_first=True), "title", "id")
