"""Copies of one's chats: sharing one, ending it, and the list of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from atrium.chat import actions, copies, queries
from atrium.chat.models import Chat, SharedCopy
from atrium.chat.pages.whose import caller_of, id_of
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.web.policy import page
from atrium.web.render import asks_for_fragment, render_page

LASTS = (
    ("day", gettext_lazy("For a day")),
    ("week", gettext_lazy("For a week")),
    ("month", gettext_lazy("For 30 days")),
    ("never", gettext_lazy("Until I end it")),
)


@page("GET", "POST", who="member")
def share(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Show how a chat is shared; POST shares what stands in it now."""
    chat = _mine(request, chat_id)
    if request.method == "POST":
        actions.share_chat(
            chat=chat,
            by=caller_of(request),
            lasts=request.POST.get("lasts", "never"),
            is_listed=request.POST.get("listed") == "on",
            documents=[one for one in map(id_of, request.POST.getlist("documents")) if one],
            at=clock.now(),
        )
        if not asks_for_fragment(request):
            return redirect("chat:share", chat.pk)
    return _sheet(request, chat)


@page("POST", who="member")
def end(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """End the copy of a chat: its link says so from now on."""
    chat = _mine(request, chat_id)
    copy = copies.copy_of(chat)
    if copy:
        actions.revoke_copy(copy=copy, at=clock.now())
    if asks_for_fragment(request):
        return _sheet(request, chat)
    messages.success(request, _("It is not shared any more."))
    return redirect("chat:shares")


@page("GET", who="member")
def shares(request: HttpRequest) -> HttpResponseBase:
    """List what the caller shares."""
    at = clock.now()
    shown = page_of(
        copies.copies_by(caller_of(request)),
        after=request.GET.get("after"),
        size=LIMITS.page_items,
        order=("-made_at", "-id"),
    )
    for copy in shown.items:
        copy.link, copy.is_over = copies.link_to(copy), copy.has_expired(at=at)
    context = {"page": shown, "has_list": copies.may_be_listed()}
    return render_page(request, "chat/shares.html", context)


@page("POST", who="member")
def end_all(request: HttpRequest) -> HttpResponseBase:
    """End everything that the caller shares."""
    count = actions.revoke_all_copies(by=caller_of(request), at=clock.now())
    said = ngettext("{count} link was ended.", "{count} links were ended.", count)
    messages.success(request, said.format(count=count))
    return redirect("chat:shares")


def _sheet(request: HttpRequest, chat: Chat) -> HttpResponseBase:
    at, copy = clock.now(), copies.copy_of(chat)
    chosen = {file.document_id for file in copies.files_of(copy)} if copy else set()
    context: dict[str, Any] = {
        "chat": chat,
        "copy": copy,
        "link": copies.link_to(copy) if copy else "",
        "is_over": copy is not None and copy.has_expired(at=at),
        "lasts": LASTS,
        "may_share": copies.may_be_shared(),
        "may_list": copies.may_be_listed(),
        "documents": queries.documents_of(chat).of(caller_of(request)),  # type: ignore[attr-defined]
        "chosen": chosen,
        "newer": copy is not None and _has_newer(chat, copy),
    }
    return render_page(request, "chat/share.html", context, fragment="chat/parts/share.html")


def _has_newer(chat: Chat, copy: SharedCopy) -> bool:
    return chat.touched_at > copy.frozen_at


def _mine(request: HttpRequest, chat_id: UUID) -> Chat:
    """Return the chat if it is the caller's own; to take part in one is not enough to share it."""
    chat = queries.chat_owned_by(caller_of(request), chat_id)
    if chat is None:
        raise Http404
    return chat
