from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.moderation import actions, queries
from atrium.moderation.actions import CannotAppeal
from atrium.moderation.forms import AppealForm, say
from atrium.people.statement import COPY, reader_of_statement
from atrium.people.suspended import standing_suspension
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", "POST", who="anyone")
def suspended(request: HttpRequest) -> HttpResponse:
    """Show whom the house keeps out why and until when, and take their appeal; nothing else."""
    person = reader_of_statement(request)
    standing = standing_suspension(person, at=clock.now()) if person else None
    if person is None or standing is None:
        return HttpResponseRedirect(reverse("people:sign_in"))
    decision = actions.decision_behind(standing)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            actions.appeal(decision=decision, by=person, text=text, at=clock.now())
        except CannotAppeal as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Your appeal is on its way."))
            return HttpResponseRedirect(request.path)
    context = {
        "suspension": standing,
        "decision": decision,
        "appeal": queries.appeal_against(decision),
        "appeal_until": queries.appeal_until(decision),
        "may_appeal": queries.may_appeal(decision, at=clock.now()),
        "form": form,
        "copy_at": COPY,
    }
    answer = render_page(
        request, "moderation/suspended.html", context, status=422 if form.errors else 200
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
