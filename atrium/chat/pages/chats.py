from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.chat import actions, invited, keeping
from atrium.chat.access import Right
from atrium.chat.forms import TitleForm
from atrium.chat.models import Chat, Folder
from atrium.chat.pages.whose import caller_of, chat_of
from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def chats(request: HttpRequest) -> HttpResponseBase:
    """List the caller's chats over a composer that starts a new one."""
    if "trash" in request.GET:
        return _trash(request)
    return listed(request, folder=None)


def listed(request: HttpRequest, *, folder: Folder | None) -> HttpResponseBase:
    """Show the chats of the caller, or those of one folder: pinned ones above the others."""
    caller = caller_of(request)
    mine = keeping.chats_in(caller, folder)
    after = request.GET.get("after")
    shown = page_of(
        mine.filter(pinned_at=None),
        after=after,
        size=LIMITS.page_items,
        order=("-touched_at", "-id"),
    )
    context: dict[str, Any] = {
        "page": shown,
        "pinned": [] if after else keeping.pinned_of(mine),
        "folders": keeping.folders_of(caller),
        "folder": folder,
        "invitations": invited.invitations_of(caller).count(),
        "key": new_id(),
    }
    return render_page(request, "chat/chats.html", context)


@page("POST", who="somebody")
def rename(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    shown = chat_of(request, chat_id, Right.EDIT)
    form = TitleForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else ""
    actions.rename_chat(chat=shown, title=title, at=clock.now())
    return redirect("chat:chat", shown.pk)


@page("POST", who="somebody")
def pin(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Keep a chat above the others."""
    shown = chat_of(request, chat_id, Right.OWN)
    actions.pin_chat(chat=shown, by=caller_of(request), at=clock.now())
    return _back(request)


@page("POST", who="somebody")
def unpin(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    actions.unpin_chat(chat=chat_of(request, chat_id, Right.OWN))
    return _back(request)


@page("POST", who="somebody")
def delete(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    shown = chat_of(request, chat_id, Right.OWN)
    if actions.delete_chat(chat=shown, at=clock.now()):
        said = _("“{title}” lies in the trash.")
        messages.success(request, said.format(title=shown.title or _("New chat")))
    return redirect("chat:chats")


@page("POST", who="somebody")
def restore(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    gone = _in_trash(request, chat_id)
    actions.restore_chat(chat=gone)
    return redirect("chat:chat", gone.pk)


@page("POST", who="somebody")
def purge(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Remove a chat of the trash for good, with the files that only it used."""
    gone = _in_trash(request, chat_id)
    if actions.purge_chat(chat=gone, at=clock.now()):
        said = _("“{title}” is gone for good.")
        messages.success(request, said.format(title=gone.title or _("New chat")))
    return redirect(f"{reverse('chat:chats')}?trash")


@page("POST", who="somebody")
def empty_trash(request: HttpRequest) -> HttpResponseBase:
    """Have all that lies in the trash removed."""
    count = actions.empty_trash(by=caller_of(request), at=clock.now())
    said = ngettext("{count} chat is gone for good.", "{count} chats are gone for good.", count)
    messages.success(request, said.format(count=count))
    return redirect("chat:chats")


def _trash(request: HttpRequest) -> HttpResponseBase:
    at = clock.now()
    shown = page_of(
        keeping.trash_of(caller_of(request), at=at),
        after=request.GET.get("after"),
        size=LIMITS.page_items,
        order=("-deleted_at", "-id"),
    )
    for chat in shown.items:
        chat.days_left = keeping.days_left(chat, at=at)
    context = {"page": shown, "days": keeping.KEPT_IN_TRASH.days}
    return render_page(request, "chat/trash.html", context)


def _in_trash(request: HttpRequest, chat_id: UUID) -> Chat:
    mine = Chat.objects.of(caller_of(request))
    gone: Chat | None = mine.filter(pk=chat_id).first()
    if gone is None:
        raise Http404
    return gone


def _back(request: HttpRequest) -> HttpResponseBase:
    """Return to the list or the chat that the form stood on."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if is_ours and wanted.startswith("/chat") else reverse("chat:chats"))
