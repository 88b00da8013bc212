"""The letter that brings an invitation, with a link that was made for it alone."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from atrium.people.models import Invitation


def letter_for(invitation: Invitation, *, link: str) -> EmailMultiAlternatives:
    """Return the letter, in the language of who invites: the other's is not known yet."""
    inviter = invitation.made_by
    with translation.override(inviter.language or settings.LANGUAGE_CODE):
        context = {
            "title": _("{name} invites you to Atrium").format(name=inviter),
            "link": link,
            "until": invitation.expires_at,
            "language": translation.get_language(),
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
        }
        letter = EmailMultiAlternatives(
            subject=" ".join(context["title"].split())[:200],
            body=render_to_string("people/letters/invitation.txt", context),
            to=[invitation.for_email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        html = render_to_string("people/letters/invitation.html", context)
        letter.attach_alternative(html, "text/html")
    return letter
