from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from atrium.chat import actions, keeping
from atrium.chat.access import Right
from atrium.chat.models import Folder
from atrium.chat.pages.chats import listed
from atrium.chat.pages.whose import caller_of, chat_of, id_of
from atrium.kit import clock
from atrium.web.policy import page


@page("POST", who="somebody")
def make(request: HttpRequest) -> HttpResponseBase:
    """Open a folder, and show it."""
    made = actions.make_folder(
        by=caller_of(request), title=request.POST.get("title", ""), at=clock.now()
    )
    return redirect("chat:folder", made.pk)


@page("GET", who="anyone")
def folder(request: HttpRequest, folder_id: UUID) -> HttpResponseBase:
    """List the chats of one folder, over a composer that begins one in it."""
    return listed(request, folder=_folder(request, folder_id))


@page("POST", who="somebody")
def change(request: HttpRequest, folder_id: UUID) -> HttpResponseBase:
    """Give a folder another name, or other instructions."""
    changed = actions.change_folder(
        folder=_folder(request, folder_id),
        title=request.POST.get("title"),
        instructions=request.POST.get("instructions"),
    )
    messages.success(request, _("“{title}” is saved.").format(title=changed.title))
    return redirect("chat:folder", changed.pk)


@page("POST", who="somebody")
def delete(request: HttpRequest, folder_id: UUID) -> HttpResponseBase:
    """Remove a folder; its chats stay."""
    gone = _folder(request, folder_id)
    actions.delete_folder(folder=gone)
    said = _("“{title}” is gone; its chats are still here.")
    messages.success(request, said.format(title=gone.title))
    return redirect("chat:chats")


@page("POST", who="somebody")
def move(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Put a chat into a folder, or into none."""
    chat = chat_of(request, chat_id, Right.OWN)
    wanted = request.POST.get("folder", "")
    actions.move_chat(chat=chat, folder=_folder(request, id_of(wanted)) if wanted else None)
    return redirect("chat:chat", chat.pk)


def _folder(request: HttpRequest, folder_id: UUID | None) -> Folder:
    found = keeping.folder_of(caller_of(request), folder_id)
    if found is None:
        raise Http404
    return found
