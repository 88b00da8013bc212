from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.moderation import actions, queries
from atrium.moderation.actions import CannotAppeal, CannotBlock
from atrium.moderation.forms import AppealForm, NameForm, say
from atrium.moderation.models import Block
from atrium.moderation.pages.asking import caller_in, me_in
from atrium.moderation.registry import title_of
from atrium.people.settings_pages import SettingsPage, register
from atrium.web.policy import page
from atrium.web.render import render_page

register(SettingsPage("blocked", gettext_lazy("Blocks"), "moderation:blocked", 60))


@page("GET", "POST", who="member")
def blocked(request: HttpRequest) -> HttpResponse:
    """List whom the person blocks, what they reported, and what was decided; POST blocks a name."""
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.block(person=me_in(request), name=form.cleaned_data["name"], at=clock.now())
        except CannotBlock as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Blocked. They are not told."))
            return HttpResponseRedirect(reverse("moderation:blocked"))
    caller = caller_in(request)
    some = LIMITS.page_items
    context = {
        "form": form,
        "blocks": Block.objects.visible_to(caller).order_by("name"),
        "reports": [(one, title_of(one.about_kind)) for one in queries.reports_of(caller)[:some]],
        "decisions": queries.decisions_about(caller)[:some],
    }
    return render_page(
        request, "moderation/blocked.html", context, status=422 if form.errors else 200
    )


@page("POST", who="member")
def unblock(request: HttpRequest, block_id: UUID) -> HttpResponse:
    """Let them hear from each other again."""
    found = Block.objects.visible_to(caller_in(request)).filter(pk=block_id).first()
    if found is None:
        raise Http404
    actions.unblock(person=me_in(request), name=found.name)
    messages.success(request, _("Unblocked."))
    return HttpResponseRedirect(reverse("moderation:blocked"))


@page("GET", "POST", who="member")
def decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Show what was decided about the person, and why; POST appeals."""
    found = queries.decision_of(caller_in(request), decision_id)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            actions.appeal(decision=found, by=me_in(request), text=text, at=clock.now())
        except CannotAppeal as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Your appeal is on its way."))
            return HttpResponseRedirect(request.path)
    context: dict[str, Any] = {
        "decision": found,
        "appeal": queries.appeal_against(found),
        "appeal_until": queries.appeal_until(found),
        "may_appeal": queries.may_appeal(found, at=clock.now()),
        "form": form,
    }
    return render_page(
        request, "moderation/decision.html", context, status=422 if form.errors else 200
    )
