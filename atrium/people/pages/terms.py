from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from atrium.kit import clock
from atrium.people import terms
from atrium.people.actions.terms import accept_terms
from atrium.people.caller import Caller
from atrium.people.joining_forms import AgreesForm
from atrium.people.models import TermsVersion, User
from atrium.web.address import address_of, region
from atrium.web.links import onward
from atrium.web.markdown import render
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def terms_of_use(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Show the terms of use: those in force, or an earlier version."""
    return _show(request, TermsVersion.Kind.TERMS, number)


@page("GET", who="anyone")
def privacy_notice(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Show the privacy notice: the one in force, or an earlier version."""
    return _show(request, TermsVersion.Kind.PRIVACY, number)


@page("GET", "POST", who="member")
def accept(request: HttpRequest) -> HttpResponse:
    """Ask a member to agree to what is in force, and go on to where they wanted to go."""
    person = cast(User, cast(Caller, request.caller).person)  # type: ignore[attr-defined]
    missing = terms.missing_for(person)
    if not missing:
        return HttpResponseRedirect(onward(request))
    form = AgreesForm(request.POST if request.method == "POST" else None, terms=missing)
    if request.method == "POST" and form.is_valid():
        where = region(address_of(request))
        accept_terms(person=person, versions=form.agreed, region=where, at=clock.now())
        if not terms.missing_for(person):
            return HttpResponseRedirect(onward(request))
        # A newer version came while this one was read.
        return HttpResponseRedirect(request.get_full_path())
    shown = [(one, render(one.text)) for one in terms.with_texts(missing)]
    context = {"form": form, "shown": shown, "next": onward(request)}
    return render_page(request, "people/accept.html", context, status=422 if form.errors else 200)


def _show(request: HttpRequest, kind: str, number: int | None) -> HttpResponse:
    version = terms.published(kind, number)
    if version is None:
        raise Http404
    context: dict[str, Any] = {
        "version": version,
        "newest": terms.in_force().get(kind),
        "text": render(version.text),
    }
    return render_page(request, "people/terms.html", context)
