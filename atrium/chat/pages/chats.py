from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from atrium.chat import actions
from atrium.chat.forms import TitleForm
from atrium.chat.models import Chat
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
    caller = caller_of(request)
    trash = "trash" in request.GET
    mine = Chat.objects.visible_to(caller)
    kept = mine.exclude(deleted_at=None) if trash else mine.kept()
    listed = page_of(
        kept,
        after=request.GET.get("after"),
        size=LIMITS.page_items,
        order=("-touched_at", "-id"),
    )
    context = {"page": listed, "trash": trash, "key": new_id()}
    return render_page(request, "chat/chats.html", context)


@page("POST", who="somebody")
def rename(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    shown = chat_of(request, chat_id)
    form = TitleForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else ""
    actions.rename_chat(chat=shown, title=title, at=clock.now())
    return redirect("chat:chat", shown.pk)


@page("POST", who="somebody")
def delete(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    actions.delete_chat(chat=chat_of(request, chat_id), at=clock.now())
    return redirect("chat:chats")


@page("POST", who="somebody")
def restore(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    gone = Chat.objects.visible_to(caller_of(request)).filter(pk=chat_id).first()
    if gone is None:
        raise Http404
    actions.restore_chat(chat=gone)
    return redirect("chat:chat", gone.pk)
