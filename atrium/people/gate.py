"""What stands in front of everything: an account that is not open yet, and terms to agree to."""

from typing import ClassVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from atrium.kit.errors import SettleFirst
from atrium.people import terms
from atrium.people.caller import Caller
from atrium.people.middleware import KEYS_OPEN
from atrium.people.models import User
from atrium.web.policy import register_gate

ALWAYS_OPEN = (
    # the way out, what one owns, and the words one is asked to agree to
    *("/sign-out", "/sign-in", "/terms", "/privacy-notice", "/preferences"),
    *("/settings/data", "/privacy", "/api/v1/me/exports", "/api/v1/me/erasure"),
    *("/api/v1/terms", "/api/v1/tokens", "/api/v1/announcements", "/announcements"),
    # what the machinery around a page asks for, whoever is before it
    *("/badges", "/healthz", "/readyz", "/metrics", "/manifest.webmanifest", "/sw.js", "/offline"),
)
"""Where neither stands in the way; each with what lies under it."""
WHILE_WAITING = ("/waiting", "/confirm", "/sign-up", "/settings/mail", "/settings/rescue-codes")
"""Where who waits may go besides: to what the account waits for."""


class AccountWaits(SettleFirst):
    """The account is made, and somebody or something has to open it."""

    code = "account_waits"
    page: ClassVar[str] = "/waiting"


class TermsNotAccepted(SettleFirst):
    """There are terms in force that the person has not agreed to."""

    code = "terms_not_accepted"
    page: ClassVar[str] = "/terms/accept"


def gate(request: HttpRequest) -> None:
    """:raises AccountWaits: or TermsNotAccepted, wherever not everybody may go"""
    if not _may_be_a_person(request) or _is_under(request.path_info, ALWAYS_OPEN):
        return
    person = cast(Caller, request.caller).person  # type: ignore[attr-defined]
    if person is None:
        return
    if not (person.waits_since and _is_under(request.path_info, WHILE_WAITING)):
        insist_account_is_open(person)


def insist_account_is_open(person: User) -> None:
    """:raises AccountWaits: or TermsNotAccepted, while something stands before everything else"""
    if person.waits_since:
        raise AccountWaits(
            _("Your account is not open yet."),
            way_on=_("What it waits for stands at {page}.").format(page=_full("/waiting")),
        )
    if terms.missing_for(person):
        raise TermsNotAccepted(
            _("The terms of this house have changed, and you have not agreed to them yet."),
            way_on=_("Read and accept them at {page}.").format(page=_full("/terms/accept")),
        )


def _may_be_a_person(request: HttpRequest) -> bool:
    """Whether there is anything to look up: most who come without a cookie are nobody."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or (
        request.path_info.startswith(KEYS_OPEN) and "Authorization" in request.headers
    )


def _is_under(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _full(page: str) -> str:
    return f"{settings.PUBLIC_ADDRESS}{page}"


register_gate(gate)
