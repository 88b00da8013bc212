"""The letter that brings an invitation, with a link that was made for it alone."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from atrium.people.letters import Letter, compose, register
from atrium.people.models import Invitation

register(
    Letter(
        "invitation",
        title=lambda said: _("{name} invites you to Atrium").format(name=said["name"]),
        body=lambda said: _(
            "Make your account with this link. It is for you alone, works once, until {day}, and"
            " shows that this address is yours."
            "\n\nIf you do not know who wrote this, leave it be: nothing happens."
        ).format(day=date_format(said["until"])),
        button=lambda said: _("Make your account"),
    )
)


def send(invitation: Invitation, *, path: str) -> None:
    """Send it now, in the language of who invites: the other's is not known yet."""
    inviter = invitation.made_by
    said = {"name": str(inviter), "until": invitation.expires_at}
    to, language = invitation.for_email, inviter.language
    compose("invitation", to=to, language=language, said=said, path=path).send()
