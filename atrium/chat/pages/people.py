"""Who takes part in a chat, and the chats in which somebody takes part."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from atrium.chat import actions, invited
from atrium.chat.access import Right, who_pays
from atrium.chat.forms import TreatForm
from atrium.chat.models import Chat, Collaborator
from atrium.chat.pages.whose import caller_of, chat_of
from atrium.kit import clock
from atrium.kit.errors import Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def with_me(request: HttpRequest) -> HttpResponseBase:
    """The chats of others in which the caller takes part, below the invitations into more."""
    caller = caller_of(request)
    listed = Chat.objects.shared_with(caller).select_related("person")
    context: dict[str, Any] = {
        "invitations": invited.invitations_of(caller)[: LIMITS.page_items],
        "page": page_of(
            listed,
            after=request.GET.get("after"),
            size=LIMITS.page_items,
            order=("-touched_at", "-id"),
        ),
    }
    return render_page(request, "chat/with_me.html", context)


@page("GET", who="anyone")
def people(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Who takes part in a chat, who was asked, and who pays."""
    shown = chat_of(request, chat_id)
    context: dict[str, Any] = {
        "chat": shown,
        "people": invited.people_in(shown),
        "payer": who_pays(shown, at=clock.now()),
        "is_guests": shown.person_id is None,
        "most": LIMITS.collaborators,
    }
    return render_page(request, "chat/people.html", context)


@page("POST", who="member")
def invite(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Ask somebody into a chat."""
    shown = chat_of(request, chat_id, Right.OWN)
    made = actions.invite(
        by=caller_of(request),
        chat=shown,
        asked_for=request.POST.get("whom", ""),
        role=role_of(request.POST.get("role", "")),
        at=clock.now(),
    )
    said = _("If “{name}” has an account here, they can say yes or no now.")
    messages.success(request, said.format(name=made.asked_for))
    return redirect("chat:people", shown.pk)


@page("POST", who="member")
def pays(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Say who pays for what others ask in a chat."""
    shown = chat_of(request, chat_id, Right.OWN)
    form = TreatForm(request.POST)
    if not form.is_valid():
        raise Unprocessable(_("Say a number of tokens."), fields={"tokens": _("At least one.")})
    said = form.cleaned_data
    actions.set_treat(
        by=caller_of(request),
        chat=shown,
        tokens=said["tokens"] if said["who"] == "owner" else None,
        is_monthly=said["is_monthly"],
        at=clock.now(),
    )
    messages.success(request, _("That holds from the next question on."))
    return redirect("chat:people", shown.pk)


@page("POST", who="member")
def leave(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Take part in a chat no longer."""
    shown = chat_of(request, chat_id)
    if actions.leave(by=caller_of(request), chat=shown, at=clock.now()):
        said = _("You take no part in “{title}” any more.")
        messages.success(request, said.format(title=shown.title or _("New chat")))
    return redirect("chat:with_me")


@page("POST", who="member")
def accept(request: HttpRequest, asked_id: UUID) -> HttpResponseBase:
    """Say yes to an invitation, and go into the chat."""
    asked = _asked(request, asked_id)
    actions.accept(by=caller_of(request), collaborator=asked, at=clock.now())
    return redirect("chat:chat", asked.chat_id)


@page("POST", who="member")
def decline(request: HttpRequest, asked_id: UUID) -> HttpResponseBase:
    asked = _asked(request, asked_id)
    actions.decline(by=caller_of(request), collaborator=asked, at=clock.now())
    return redirect("chat:with_me")


@page("POST", who="member")
def role(request: HttpRequest, collaborator_id: UUID) -> HttpResponseBase:
    """Let somebody write in a chat, or only read it."""
    one = _of_mine(request, collaborator_id)
    wanted = role_of(request.POST.get("role", ""))
    actions.change_role(by=caller_of(request), collaborator=one, role=wanted, at=clock.now())
    return redirect("chat:people", one.chat_id)


@page("POST", who="member")
def remove(request: HttpRequest, collaborator_id: UUID) -> HttpResponseBase:
    """End that somebody takes part in a chat, or take an invitation back."""
    one = _of_mine(request, collaborator_id)
    actions.remove(by=caller_of(request), collaborator=one, at=clock.now())
    return redirect("chat:people", one.chat_id)


def role_of(text: str) -> Collaborator.Role:
    """Return what a form says somebody may do; reading, when it says nothing."""
    edits = text == Collaborator.Role.EDIT
    return Collaborator.Role.EDIT if edits else Collaborator.Role.VIEW


def _asked(request: HttpRequest, asked_id: UUID) -> Collaborator:
    found = invited.invitation_of(caller_of(request), asked_id)
    if found is None:
        raise Http404
    return found


def _of_mine(request: HttpRequest, collaborator_id: UUID) -> Collaborator:
    found = invited.collaborator_of(caller_of(request), collaborator_id)
    if found is None:
        raise Http404
    return found
