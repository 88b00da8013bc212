"""One letter: text and HTML in the reader's language, with a way out of it in one click."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from atrium.notifications.actions import unsubscribe_token
from atrium.notifications.models import Mail
from atrium.notifications.words import body_of, title_of
from atrium.options.queries import value


def letter_for(mail: Mail) -> EmailMultiAlternatives:
    """Return the letter, ready to be sent; its links are made now, and stand in no row."""
    notification = mail.notification
    person = notification.person
    with translation.override(person.language or settings.LANGUAGE_CODE):
        token = unsubscribe_token(person_id=person.pk, kind=notification.kind)
        way_out = f"{settings.PUBLIC_ADDRESS}/notifications/unsubscribe/{token}"
        title = " ".join(title_of(notification).split())
        context = {
            "title": title,
            "body": body_of(notification),
            "url": f"{settings.PUBLIC_ADDRESS}{notification.url}" if notification.url else "",
            "choices_url": f"{settings.PUBLIC_ADDRESS}/notifications/choices",
            "way_out": way_out,
            "person": person,
            "language": translation.get_language(),
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
        }
        letter = EmailMultiAlternatives(
            subject=title[:200],
            body=render_to_string("notifications/letter.txt", context),
            from_email=value("mail.from"),
            to=[person.email],
            headers={
                "Message-ID": mail.message_id,
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{way_out}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        letter.attach_alternative(
            render_to_string("notifications/letter.html", context), "text/html"
        )
    return letter
