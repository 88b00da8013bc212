from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.chat import access, branches
from atrium.chat.actions.turns import (
    Begun,
    check_free,
    check_versions,
    known_by,
    open_answers,
    touch,
)
from atrium.chat.models import Chat, Turn
from atrium.engines.models import Model
from atrium.kit.errors import NotFound
from atrium.people.caller import Caller


@transaction.atomic
def answer_again(*, by: Caller, answer: Turn, model: Model, key: str = "", at: datetime) -> Begun:
    """Have the question of this answer answered once more; the answers before stay as versions.

    :raises StillWriting: while an answer is being written in the chat
    :raises TooManyVersions: when as many answers as are kept stand there
    """
    chat, question = answer.chat, answer.parent
    if question is None:
        raise NotFound(_("This answer is not in the chat."))
    touch(by=by, chat=chat, at=at)
    if known := known_by(chat=chat, key=key):
        return known
    check_free(by=by, chat=chat, wanted=1, at=at)
    check_versions(chat.turns.filter(parent=question))
    question.chat = chat
    return open_answers(by=by, chat=chat, question=question, models=[model], key=key, at=at)


@transaction.atomic
def choose(*, turn: Turn, at: datetime) -> None:
    """Show the newest branch through this turn; of answers side by side it is the one chosen."""
    chat = turn.chat
    # Whatever else moves the chosen branch waits for this.
    if not Chat.objects.filter(pk=chat.pk, deleted_at=None).update(deleted_at=None):
        raise NotFound(_("This chat is not there any more."))
    end = branches.newest_under(chat, turn.pk)
    moved = Chat.objects.filter(pk=chat.pk).exclude(chosen=end).update(chosen=end)
    settled = chat.turns.filter(parent=turn.parent_id, beside=True).update(beside=False)
    chat.chosen = end
    if moved or settled:
        access.tell_everybody(chat, "chat.chosen", {"end": str(end)}, at=at)
