from typing import Any, cast

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.people import actions
from atrium.people.actions import AddressNeeded, AddressTaken, LinkGone, NotAnAccount
from atrium.people.caller import Caller
from atrium.people.forms import MailAddressForm, say
from atrium.people.models import MailedLink, User
from atrium.people.pages.security import show_security
from atrium.people.queries import mail_address_of, mail_addresses_of
from atrium.people.recently import recently_authenticated
from atrium.people.settings_pages import SecurityCard, register_card
from atrium.web.mail import goes_to_the_terminal
from atrium.web.policy import page
from atrium.web.render import render_page

HERE = "/settings/security#mail"


@page("GET", "POST", who="member")
@recently_authenticated("POST")
def addresses(request: HttpRequest) -> HttpResponse:
    """Add a mail address to the account; the list of them is a card of the security page."""
    if request.method != "POST":
        return HttpResponseRedirect(HERE)
    form = MailAddressForm(request.POST)
    if form.is_valid():
        try:
            actions.add_address(
                person=_me(request),
                email=form.cleaned_data["email"],
                language=get_language() or "",
                at=clock.now(),
            )
        except NotAnAccount as refusal:
            say(form, refusal)
        else:
            tell_of_link(request, form.cleaned_data["email"])
            return HttpResponseRedirect(HERE)
    return show_security(request, address_form=form)


@page("POST", who="member")
def send_again(request: HttpRequest, address_id: int) -> HttpResponse:
    """Send the link once more that confirms one of the addresses."""
    address = _mine(request, address_id)
    actions.send_confirmation(address=address, language=get_language() or "", at=clock.now())
    tell_of_link(request, address.email)
    return HttpResponseRedirect(HERE)


@page("POST", who="member")
@recently_authenticated("POST")
def make_primary(request: HttpRequest, address_id: int) -> HttpResponse:
    """Have the person written to at another of their addresses."""
    address = _mine(request, address_id)
    try:
        actions.make_primary(address=address, at=clock.now())
    except AddressNeeded as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("Mail for you goes to %(email)s.") % {"email": address.email})
    return HttpResponseRedirect(HERE)


@page("POST", who="member")
@recently_authenticated("POST")
def remove(request: HttpRequest, address_id: int) -> HttpResponse:
    """Forget one of the addresses."""
    address = _mine(request, address_id)
    try:
        actions.remove_address(address=address, at=clock.now())
    except AddressNeeded as refusal:
        messages.error(request, f"{refusal.detail} {refusal.way_on}")
    else:
        messages.success(request, _("The address is removed."))
    return HttpResponseRedirect(HERE)


@page("GET", "POST", who="anyone")
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Confirm an address by the link that was mailed to it; opens no account.

    What looks at mail before people do follows links: so the link asks, and a button confirms.
    """
    try:
        link = actions.check_link(token=key, opens=MailedLink.Opens.CONFIRM, at=clock.now())
        if request.method != "POST":
            return render_page(request, "people/confirm.html", {"link": link})
        actions.confirm_address(token=key, at=clock.now())
    except (LinkGone, AddressTaken) as refusal:
        return link_gone(request, refusal, confirms=True)
    caller = _caller(request)
    if caller.person == link.person:
        messages.success(request, _("Your mail address is confirmed."))
        return HttpResponseRedirect(HERE)
    return render_page(request, "people/confirmed.html", {"link": link})


@page("GET", who="anyone")
def look_into_mail(request: HttpRequest) -> HttpResponse:
    """Say that a link is on its way."""
    context = {"in_the_terminal": goes_to_the_terminal()}
    return render_page(request, "people/look_into_mail.html", context)


def link_gone(request: HttpRequest, refusal: Refusal, *, confirms: bool = False) -> HttpResponse:
    """Say why a mailed link does not work, and what does."""
    context = {"refusal": refusal, "confirms": confirms}
    return render_page(request, "people/link_gone.html", context, status=refusal.status)


def tell_of_link(request: HttpRequest, email: str) -> None:
    """Say where to look for the link that confirms an address."""
    if goes_to_the_terminal():
        messages.info(request, _("A link is in the terminal of the server: no mail is set up."))
    else:
        messages.info(request, _("We sent a link to %(email)s.") % {"email": email})


def _mine(request: HttpRequest, address_id: int) -> EmailAddress:
    address = mail_address_of(_me(request), address_id)
    if address is None:
        raise Http404
    return address


def _mail_card(request: HttpRequest) -> dict[str, Any]:
    return {"addresses": mail_addresses_of(_me(request)), "address_form": MailAddressForm()}


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)


register_card(SecurityCard("people/security/mail.html", 15, _mail_card))
