from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from atrium.chat import searching
from atrium.chat.pages.whose import caller_of, chat_of
from atrium.kit.limits import LIMITS
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def search(request: HttpRequest) -> HttpResponseBase:
    """Find chats by their titles and by what was said in them."""
    query = request.GET.get("q", "").replace("\0", "")[: LIMITS.query_characters].strip()
    found = searching.find(caller_of(request), query)
    context = {"query": query, "found": found, "most": LIMITS.search_hits}
    return render_page(request, "chat/search.html", context, fragment="chat/parts/found.html")


@page("GET", who="anyone")
def at(request: HttpRequest, chat_id: UUID, turn_id: UUID) -> HttpResponseBase:
    """Lead to the page of a chat on which one of its turns is shown."""
    chat = chat_of(request, chat_id)
    before = searching.page_with(chat, turn_id)
    address = reverse("chat:chat", args=[chat.pk])
    return redirect(f"{address}{f'?before={before}' if before else ''}#turn-{turn_id}")
