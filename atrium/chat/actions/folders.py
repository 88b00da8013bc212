from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.chat.models import Chat, Folder
from atrium.kit.errors import NotFound, TooLarge, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.text import normal
from atrium.people.caller import Caller

LONGEST_TITLE = 60


class TooManyFolders(Unprocessable):
    code = "too_many_folders"


class InstructionsTooLong(TooLarge):
    code = "instructions_too_long"


class NoSuchFolder(NotFound):
    code = "folder_not_found"


@transaction.atomic
def make_folder(*, by: Caller, title: str, instructions: str = "", at: datetime) -> Folder:
    """Open a folder for chats; its instructions are given with every question asked in it.

    :raises TooManyFolders: when there are as many as one may have
    """
    title, instructions = _named(title), _instructed(instructions)
    most = LIMITS.folders_per_person
    if Folder.objects.of(by).count() >= most:
        raise TooManyFolders(
            _("You have %(limit)d folders already.") % {"limit": most},
            limit=most,
            way_on=_("Delete one that you do not need; its chats stay."),
        )
    return Folder.objects.create(
        **by.as_owner(), title=title, instructions=instructions, made_at=at
    )


def change_folder(
    *, folder: Folder, title: str | None = None, instructions: str | None = None
) -> Folder:
    """Give the folder another title or other instructions; what is None stays."""
    changed = {}
    if title is not None:
        changed["title"] = _named(title)
    if instructions is not None:
        changed["instructions"] = _instructed(instructions)
    if changed:
        Folder.objects.filter(pk=folder.pk).update(**changed)
    folder.refresh_from_db()
    return folder


@transaction.atomic
def delete_folder(*, folder: Folder) -> int:
    """Remove the folder; its chats stay, in none. Return how many those are."""
    left = Chat.objects.filter(folder=folder).update(folder=None)
    Folder.objects.filter(pk=folder.pk).delete()
    return left


@transaction.atomic
def move_chat(*, chat: Chat, folder: Folder | None) -> bool:
    """Put the chat into a folder of the same owner, or with None into none.

    :raises NoSuchFolder: when the folder is gone, or is somebody else's
    """
    if folder and folder.audience != chat.audience:
        raise NoSuchFolder(_("You have no such folder."))
    return bool(Chat.objects.filter(pk=chat.pk).update(folder=folder))


def _named(title: str) -> str:
    title = " ".join(normal(title).split())[:LONGEST_TITLE]
    if not title:
        raise Unprocessable(
            _("A folder needs a name."), fields={"title": _("A folder needs a name.")}
        )
    return title


def _instructed(instructions: str) -> str:
    instructions = normal(instructions).strip()
    most = LIMITS.folder_instruction_characters
    if len(instructions) > most:
        raise InstructionsTooLong(
            _("Instructions have at most %(limit)d characters; these have %(used)d.")
            % {"limit": most, "used": len(instructions)},
            limit=most,
            used=len(instructions),
        )
    return instructions
