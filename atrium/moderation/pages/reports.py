from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.moderation import actions
from atrium.moderation.actions import NotAReport
from atrium.moderation.forms import ReportForm, ReportPersonForm, say
from atrium.moderation.pages.asking import caller_in
from atrium.moderation.queries import answer_hours
from atrium.moderation.registry import kind_of, title_of
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", "POST", who="somebody")
def report(request: HttpRequest, kind: str, thing_id: UUID) -> HttpResponse:
    """Ask what is wrong with something the caller can see, and show what moderators will see."""
    known = kind_of(kind)
    found = known.find(thing_id, caller=caller_in(request)) if known else None
    if found is None:
        raise Http404
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.report(
                by=caller_in(request),
                kind=kind,
                thing_id=thing_id,
                address=neighbourhood(address_of(request)),
                at=clock.now(),
                **form.cleaned_data,
            )
        except NotAReport as refusal:
            say(form, refusal)
        else:
            return _thanks(request, found.url)
    context = {"form": form, "found": found, "kind_title": title_of(kind)}
    return _show(request, "moderation/report.html", context)


@page("GET", "POST", who="member")
def report_person(request: HttpRequest) -> HttpResponse:
    """Ask what is wrong with whom; a name that nobody has is answered the same."""
    named = {"name": request.GET.get("name", "")}
    form = ReportPersonForm(request.POST if request.method == "POST" else None, initial=named)
    if request.method == "POST" and form.is_valid():
        try:
            actions.report_person(by=caller_in(request), at=clock.now(), **form.cleaned_data)
        except NotAReport as refusal:
            say(form, refusal)
        else:
            return _thanks(request, reverse("moderation:blocked"))
    return _show(request, "moderation/report_person.html", {"form": form})


def _thanks(request: HttpRequest, onward: str) -> HttpResponse:
    messages.success(request, _("Thank you. The moderators will look at it."))
    return HttpResponseRedirect(onward or "/")


def _show(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    wrong = bool(context["form"].errors)  # type: ignore[attr-defined]
    context["hours"] = answer_hours()
    return render_page(request, template, context, status=422 if wrong else 200)
