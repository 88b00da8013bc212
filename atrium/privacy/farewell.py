"""The last letter to somebody whose account is erased, sent while the address is still there."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from atrium.options.queries import value
from atrium.privacy.models import Erasure

logger = logging.getLogger(__name__)


def say_farewell(erasure: Erasure) -> None:
    """Send it, outside any transaction. A server that does not take it keeps nothing waiting."""
    person = erasure.person
    if person is None or not person.email or erasure.told_at:
        return
    with translation.override(person.language or settings.LANGUAGE_CODE):
        letter = EmailMessage(
            subject=_("Your account is being erased"),
            body="\n\n".join(
                (
                    _("Your account at {house} is being erased, as was asked for.").format(
                        house=settings.PUBLIC_ADDRESS
                    ),
                    _("What stays, without your name, is said here:"),
                    f"{settings.PUBLIC_ADDRESS}/privacy/erasure",
                    _("This is the last letter. Your address is forgotten after it."),
                )
            ),
            from_email=value("mail.from"),
            to=[person.email],
            headers={
                "Auto-Submitted": "auto-generated",
                # The same at each try, so that a second one is known as such.
                "Message-ID": f"<{erasure.pk.hex}@erased.atrium>",
            },
        )
    try:
        letter.send()
    except OSError as fault:  # smtplib's errors are OSErrors
        logger.warning("The last letter of %s did not go out: %s", erasure.pk, fault)
