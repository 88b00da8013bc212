"""How whoever asks for an account came here: what the sign-up asks of them, and lets pass."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.options.queries import value
from atrium.people import options, terms
from atrium.people.models import Invitation, TermsVersion

_KEPT = "invitation"


@dataclass(frozen=True, slots=True)
class WayIn:
    """What stands at the door: the policy, the invitation in hand, and the terms."""

    policy: str
    invitation: Invitation | None
    by_mail: bool
    terms: list[TermsVersion]

    @property
    def is_closed(self) -> bool:
        return self.policy == options.INVITATION and self.invitation is None

    @property
    def needs_email(self) -> bool:
        return self.policy == options.DOMAIN and self.invitation is None

    @property
    def waits(self) -> bool:
        return self.policy == options.APPROVAL and self.invitation is None

    @property
    def invitation_id(self) -> UUID | None:
        return self.invitation.pk if self.invitation else None

    @property
    def email(self) -> str:
        """The address that the invitation is for, if it is for one."""
        return self.invitation.for_email if self.invitation else ""

    def proves(self, email: str) -> bool:
        """Whether who came here reads mail to ``email``: the link they opened went there alone."""
        return self.by_mail and bool(email) and email.strip().lower() == self.email


def keep(request: HttpRequest, invitation: Invitation, *, token: str) -> None:
    """Remember in the session, which holds no token, whose link was opened in this browser."""
    request.session[_KEPT] = {
        "id": str(invitation.pk),
        "by_mail": invitation.is_proved_by(token),
    }


def forget(request: HttpRequest) -> None:
    if _KEPT in request.session:
        del request.session[_KEPT]


def way_in(request: HttpRequest) -> WayIn:
    """Return what stands at the door for the browser that asks."""
    kept = request.session.get(_KEPT) or {}
    found = Invitation.objects.usable(at=clock.now()).filter(pk=kept["id"]) if kept else None
    invitation = found.select_related("made_by").first() if found is not None else None
    return WayIn(
        policy=value("people.sign_up"),
        invitation=invitation,
        by_mail=bool(invitation and kept["by_mail"]),
        terms=terms.to_accept(),
    )


def words_for_strangers() -> str:
    """Return what the link to the sign-up says, by the policy."""
    return {
        options.OPEN: _("Make an account"),
        options.INVITATION: _("Accounts by invitation"),
        options.APPROVAL: _("Ask for an account"),
        options.DOMAIN: _("Make an account"),
    }[value("people.sign_up")]
