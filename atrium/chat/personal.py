"""What chats keep of somebody."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.chat import word_index
from atrium.chat.actions import delete_chat, finish_turn
from atrium.chat.generation import desk
from atrium.chat.models import (
    AskedPicture,
    Attachment,
    Chat,
    Citation,
    Collaborator,
    Folder,
    Fork,
    Import,
    Preset,
    SharedCopy,
    SharedFile,
    SharedTurn,
    Turn,
)
from atrium.people.belongings import AT_ONCE, Belonging, Part, Whose, delete_some, register


def _said(whose: Whose) -> Q:
    mine = Q(guest__in=whose.guest_ids)
    return mine | Q(person=whose.person) if whose.person else mine


def _own_turns(whose: Whose) -> "QuerySet[Turn]":
    """What they asked and were answered, wherever it was; not what others said in their chats."""
    return Turn.objects.filter(_said(whose))


def _own_citations(whose: Whose) -> "QuerySet[Citation]":
    return Citation.objects.filter(turn__in=_own_turns(whose))


def _own_pictures(whose: Whose) -> "QuerySet[AskedPicture]":
    return AskedPicture.objects.filter(turn__in=_own_turns(whose))


def _leave_chats_of_others(whose: Whose, *, at: datetime) -> int:
    """Take their words and their name out of chats that stay because they are somebody else's."""
    chosen = list(_own_turns(whose).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    Citation.objects.filter(turn__in=chosen).delete()
    SharedTurn.objects.filter(turn__in=chosen).delete()
    AskedPicture.objects.filter(turn__in=chosen).delete()
    left = Turn.objects.filter(pk__in=chosen).update(
        text="", thoughts="", failure="", key="", person=None, guest=None
    )
    if left and not _own_turns(whose).exists():
        word_index.let_go_of_deleted()
    return left


def _erase_chats(whose: Whose, *, at: datetime) -> int:
    """Delete chats, and with the last of them their words in SQLite's index."""
    own = Chat.objects.filter(whose.owns())
    erased = delete_some(own)
    if erased and not own.exists():
        word_index.let_go_of_deleted()
    return erased


def _parts_of(whose: Whose) -> "QuerySet[Collaborator]":
    """Where they take part or were asked, and whom they asked."""
    asked = Q(person=None, asked_for__in=whose.addresses)
    return Collaborator.objects.filter(whose.is_theirs("person") | whose.owns("chat") | asked)


def _end_for_others(whose: Whose, at: datetime) -> None:
    """Have their chats end for everybody who takes part in them."""
    shared = Chat.objects.filter(whose.owns(), collaborators__state="joined").distinct()
    for chat in shared:
        delete_chat(chat=chat, at=at)


def _stop_writing(whose: Whose, at: datetime) -> None:
    _end_for_others(whose, at)
    writing: dict[str, Any] = {"state": Turn.State.WRITING}
    for answer in _own_turns(whose).filter(**writing).select_related("receipt__hold"):
        desk.stop(answer.pk)
        finish_turn(answer=answer, text=answer.text, state=Turn.State.STOPPED, at=at)


register(
    Part(
        key="chat",
        title=_("Chats"),
        order=100,
        ends=_stop_writing,
        belongings=(
            Belonging(
                table=Chat,
                title=_("Chats"),
                of=lambda whose: Chat.objects.filter(whose.owns()),
                told=(
                    *("id", "title", "system", "temperature", "most_tokens", "model__slug"),
                    *("folder_id", "pinned_at", "made_at", "touched_at", "deleted_at"),
                ),
                erase=_erase_chats,
            ),
            Belonging(
                table=Collaborator,
                title=_("Who takes part in chats"),
                of=_parts_of,
                told=("id", "chat_id", "asked_for", "role", "state", "added_at", "answered_at"),
            ),
            Belonging(
                table=Folder,
                title=_("Folders for chats"),
                of=lambda whose: Folder.objects.filter(whose.owns()),
                told=("id", "title", "instructions", "made_at"),
            ),
            Belonging(
                table=Import,
                title=_("Files with chats that were brought in"),
                of=lambda whose: Import.objects.filter(whose.is_theirs("person")),
                told=(
                    *("id", "name", "state", "found", "brought", "known", "failure"),
                    *("begun_at", "ended_at"),
                ),
            ),
            Belonging(
                table=Preset,
                title=_("Presets for chats"),
                of=lambda whose: Preset.objects.filter(whose.is_theirs("person")),
                told=(
                    *("id", "title", "system", "temperature", "most_tokens", "model__slug"),
                    "made_at",
                ),
            ),
            Belonging(
                table=Turn,
                title=_("Questions and answers"),
                of=_own_turns,
                told=(
                    *("id", "chat_id", "parent_id", "role", "text", "model__slug", "state"),
                    *("thoughts", "elsewhere", "failure", "language", "made_at", "ended_at"),
                ),
                erase=_leave_chats_of_others,
            ),
            Belonging(
                table=Citation,
                title=_("What answers quoted"),
                of=_own_citations,
                told=("turn_id", "number", "title", "place", "words", "found"),
            ),
            Belonging(
                table=AskedPicture,
                title=_("Pictures that questions were asked with"),
                of=_own_pictures,
                told=("turn_id", "file_id", "number"),
            ),
            Belonging(
                table=Attachment,
                title=_("Documents that chats quote"),
                of=lambda whose: Attachment.objects.filter(whose.owns("chat")),
                told=("chat_id", "document_id", "added_at"),
            ),
            Belonging(
                table=SharedCopy,
                title=_("Copies of chats that are shared"),
                of=lambda whose: SharedCopy.objects.filter(whose.is_theirs("person")),
                told=(
                    *("id", "chat_id", "title", "is_listed", "views", "forks", "made_at"),
                    *("frozen_at", "expires_at", "revoked_at", "hidden_at"),
                ),
            ),
            Belonging(
                table=SharedTurn,
                title=_("What was shared of chats"),
                of=lambda whose: SharedTurn.objects.filter(whose.is_theirs("copy__person")),
                told=("copy_id", "number", "is_answer", "speaker", "text", "sources"),
            ),
            Belonging(
                table=SharedFile,
                title=_("Files that were shared with chats"),
                of=lambda whose: SharedFile.objects.filter(whose.is_theirs("copy__person")),
                told=("copy_id", "number", "title", "document_id"),
            ),
            Belonging(
                table=Fork,
                title=_("Chats that began with a shared one"),
                of=lambda whose: Fork.objects.filter(whose.owns("chat")),
                told=("chat_id", "made_at"),
            ),
        ),
    )
)
