from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.chat import access, branches
from atrium.chat.actions.pictures import check_sight, keep_pictures
from atrium.chat.actions.titles import title_of
from atrium.chat.idle import check_open
from atrium.chat.models import Chat, Turn
from atrium.chat.prompts import fit, longest_answer
from atrium.engines.models import Model
from atrium.files.models import File
from atrium.kit.errors import Conflict, NotFound, TooLarge, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.metering import actions as metering
from atrium.metering.tokens import PICTURE_TOKENS, count_tokens
from atrium.people.caller import Caller

LONGEST_QUESTION = LIMITS.message_characters
# How long an answer's writer may be silent before it is taken to be dead.
LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)


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


class TooManyVersions(Unprocessable):
    """There are as many versions of this as are kept."""

    code = "too_many_versions"


class Begun(NamedTuple):
    """A question and the answer now being written; ``is_new`` is False for a repeated key.

    ``beside`` is the answer of a second model that was asked at once.
    """

    question: Turn
    answer: Turn
    is_new: bool
    beside: Turn | None = None

    @property
    def answers(self) -> list[Turn]:
        return [self.answer, self.beside] if self.beside else [self.answer]


@transaction.atomic
def begin_turn(  # noqa: PLR0913
    *,
    by: Caller,
    chat: Chat,
    text: str,
    model: Model,
    beside: Model | None = None,
    after: UUID | None = None,
    edits: UUID | None = None,
    pictures: Sequence[File] = (),
    key: str = "",
    at: datetime,
) -> Begun:
    """Keep the question, set aside what its answer may cost, and open the answer.

    It follows the branch that is shown, or the turn ``after``, or it stands in the place of the
    question that it ``edits``, whose pictures come along. With ``beside`` a second model is asked
    the same.

    :raises QuestionEmpty: when there is nothing to answer
    :raises QuestionTooLong: before anything is charged
    :raises PromptTooLong: before anything is charged, when a model does not take in that much
    :raises SeesNoPictures: when a model takes none of those that it is asked with
    :raises StillWriting: while the chat's last answer is being written
    :raises TooManyAnswers: while as many as this caller may have are being written elsewhere
    """
    text = _asked(text)
    touch(by=by, chat=chat, at=at)
    if known := known_by(chat=chat, key=key):
        return known
    models = [model, beside] if beside else [model]
    check_free(by=by, chat=chat, wanted=len(models), at=at)
    parent = _place_of(chat, after, edits)
    if edits:
        check_versions(chat.turns.filter(parent=parent))
    question = Turn.objects.create(
        chat=chat,
        parent=parent,
        role=Turn.Role.ASKED,
        key=key,
        text=text,
        tokens=count_tokens(text),
        made_at=at,
        ended_at=at,
        **by.as_owner(),
    )
    edited = chat.turns.filter(pk=edits).first() if edits else None
    keep_pictures(question=question, files=pictures, edited=edited)
    _count_pictures(question)
    if parent:
        chat.turns.filter(parent=parent.parent_id, beside=True).update(beside=False)
    begun = open_answers(by=by, chat=chat, question=question, models=models, at=at)
    if not chat.title:
        _title(chat, text)
    return begun


def open_answers(
    *,
    by: Caller,
    chat: Chat,
    question: Turn,
    models: Sequence[Model],
    key: str = "",
    at: datetime,
) -> Begun:
    """Open an answer of each model, and show the branch that the first one ends.

    :raises SeesNoPictures: when the question has pictures, and a model takes none
    """
    if question.pictures.exists():
        check_sight(models)
    answers = [
        _opened(by=by, question=question, model=model, key=key if not number else "", at=at)
        for number, model in enumerate(models)
    ]
    if len(answers) > 1:
        Turn.objects.filter(pk__in=[answer.pk for answer in answers]).update(beside=True)
        for answer in answers:
            answer.beside = True
    Chat.objects.filter(pk=chat.pk).update(chosen=answers[0].pk, model=models[0])
    chat.chosen, chat.model = answers[0].pk, models[0]
    told = {"question": str(question.pk), "answer": str(answers[0].pk)}
    access.tell_everybody(chat, "turn.began", told, at=at)
    return Begun(question, answers[0], is_new=True, beside=(*answers, None)[1])


def touch(*, by: Caller, chat: Chat, at: datetime) -> None:
    """Make what else begins in this chat wait, and read anew what it is by now.

    :raises NotFound: when it is gone, or not this member's to see any more
    :raises OnlyReading: when this member may read it, and no more
    :raises ChatEnded: when it is a guest's and was silent for too long
    """
    check_open(chat=chat, at=at)
    if not Chat.objects.filter(pk=chat.pk, deleted_at=None).update(touched_at=at):
        raise NotFound(_("This chat is not there any more."))
    chat.refresh_from_db()
    # Looked at after the row is ours, since whoever takes part may leave at this moment, and may
    # be giving back what they claimed. What a guest asks may have become a person's.
    if by.is_member:
        access.insist(chat, by, access.Right.EDIT)


def check_free(*, by: Caller, chat: Chat, wanted: int, at: datetime) -> None:
    """See that nothing is being written in the chat, and that the caller may have more written."""
    if chat.turns.filter(state=Turn.State.WRITING).exists():
        raise StillWriting(
            _("The last answer is still being written."), way_on=_("Wait for it, or stop it.")
        )
    _check_hands(by, wanted, at)


def check_versions(versions: "QuerySet[Turn]") -> None:
    """See that one more version of these turns may be kept."""
    if (used := versions.count()) >= LIMITS.versions_per_turn:
        raise TooManyVersions(
            _("At most %(limit)d versions are kept.") % {"limit": LIMITS.versions_per_turn},
            limit=LIMITS.versions_per_turn,
            used=used,
            way_on=_("Ask it as a new question."),
        )


def known_by(*, chat: Chat, key: str) -> Begun | None:
    """Return what was begun with this key before."""
    asked = chat.turns.filter(key=key).select_related("parent").first() if key else None
    if asked is None:
        return None
    if asked.is_answer:
        return Begun(asked.parent, asked, is_new=False) if asked.parent else None
    answers = list(asked.children.order_by("id")[:2])
    beside = answers[1] if len(answers) > 1 and answers[1].made_at == asked.made_at else None
    return Begun(asked, answers[0], is_new=False, beside=beside) if answers else None


def _place_of(chat: Chat, after: UUID | None, edits: UUID | None) -> Turn | None:
    """Return what a question follows.

    :raises NotFound: when the turn that is named is not in this chat, or of the wrong kind
    """
    if edits:
        edited = chat.turns.filter(pk=edits, role=Turn.Role.ASKED).select_related("parent").first()
        if edited is None:
            raise NotFound(_("This question is not in the chat."))
        return edited.parent
    place = after or branches.end_of(chat)
    found = chat.turns.filter(pk=place).first() if place else None
    if after and (found is None or not found.is_answer):
        raise NotFound(_("This answer is not in the chat."))
    return found


def _opened(*, by: Caller, question: Turn, model: Model, key: str, at: datetime) -> Turn:
    chat = question.chat
    fitted = fit(
        chat=chat,
        after=question.parent_id,
        text=question.text,
        model=model,
        pictures=question.pictures.count(),
    )
    answer = Turn(
        chat=chat,
        parent=question,
        role=Turn.Role.ANSWERED,
        model=model,
        key=key,
        language=get_language() or "en",
        left_out=fitted.left_out,
        state=Turn.State.WRITING,
        made_at=at,
        alive_until=at + LEASE,
        **by.as_owner(),
    )
    answer.receipt = metering.reserve(
        by=by,
        model=model,
        tokens_in=fitted.tokens_in,
        most_tokens_out=longest_answer(chat, model),
        about=("turn", answer.pk),
        key=f"turn:{answer.pk}",
        payer=access.payer_of(chat, by, at=at),
        at=at,
    )
    answer.save(force_insert=True)
    return answer


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


def _count_pictures(question: Turn) -> None:
    if tokens := question.pictures.count() * PICTURE_TOKENS:
        question.tokens += tokens
        Turn.objects.filter(pk=question.pk).update(tokens=question.tokens)


def _check_hands(by: Caller, wanted: int, at: datetime) -> None:
    most = LIMITS.answers_per_person if by.is_member else LIMITS.answers_per_guest
    # One whose writer is dead waits only for the sweep, and is in nobody's way.
    mine = {"person": by.person} if by.is_member else by.as_owner()
    writing = Turn.objects.filter(state=Turn.State.WRITING, alive_until__gte=at, **mine)
    used = writing.count()
    if used + wanted > most:
        raise TooManyAnswers(
            _("%(used)d answers are being written for you already.") % {"used": used},
            limit=most,
            used=used,
            way_on=_("Wait for one of them, or stop it."),
        )


def _title(chat: Chat, text: str) -> None:
    title = title_of(text)
    Chat.objects.filter(pk=chat.pk, renamed_at=None, title="").update(title=title)
    chat.title = title
