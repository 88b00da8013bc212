"""The letters that let somebody in, or tell them that their account changed.

They go out whatever a person chose to be told of, so they are few. Another noun registers its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from atrium.options.queries import value

Said = Mapping[str, Any]
Words = Callable[[Said], str]


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one kind of letter, made when it is sent, in the reader's language."""

    key: str
    title: Words
    body: Words
    button: Words | None = None
    path: str = ""
    """Where the button leads, unless the letter brings a link of its own."""


_letters: dict[str, Letter] = {}


def register(*letters: Letter) -> None:
    for letter in letters:
        _letters[letter.key] = letter


def every_letter() -> list[Letter]:
    return [_letters[key] for key in sorted(_letters)]


def is_known(key: str) -> bool:
    return key in _letters


def compose(
    key: str, *, to: str, language: str, said: Said, path: str = ""
) -> EmailMultiAlternatives:
    """Return a letter, ready to be sent; its links lead to the public address."""
    letter = _letters[key]
    known = {code for code, _name in settings.LANGUAGES}
    with translation.override(language if language in known else settings.LANGUAGE_CODE):
        title = " ".join(letter.title(said).split())
        context = {
            "title": title,
            "body": letter.body(said),
            "button": letter.button(said) if letter.button else "",
            "url": f"{settings.PUBLIC_ADDRESS}{path or letter.path}",
            "house": settings.PUBLIC_ADDRESS,
            "language": translation.get_language(),
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
        }
        made = EmailMultiAlternatives(
            subject=title[:200],
            body=render_to_string("people/letters/letter.txt", context),
            from_email=value("mail.from"),
            to=[to],
            headers={"Auto-Submitted": "auto-generated"},
        )
        made.attach_alternative(
            render_to_string("people/letters/letter.html", context), "text/html"
        )
    return made


_NOT_YOU = "/settings/security"


def _paragraphs(*said: str) -> str:
    return "\n\n".join(said)


def _security(said: Said) -> str:
    return _("Look at your security page")


register(
    Letter(
        "confirm",
        title=lambda said: _("Confirm your mail address"),
        body=lambda said: _paragraphs(
            _(
                "Somebody, most likely you, entered this address for the account “{name}”. Confirm"
                " it to sign in with it and to bring the account back when the password is lost."
            ).format(name=said["name"]),
            _("The link works once, for three days. If this was not you, do nothing."),
        ),
        button=lambda said: _("Confirm the address"),
    ),
    Letter(
        "reset",
        title=lambda said: _("Set a new password"),
        body=lambda said: _paragraphs(
            _(
                "Somebody, most likely you, asked for a new password for the account “{name}”."
            ).format(name=said["name"]),
            _(
                "The link works once, for an hour. If this was not you, do nothing: your password"
                " stays as it is."
            ),
        ),
        button=lambda said: _("Choose a new password"),
    ),
    Letter(
        "account_exists",
        title=lambda said: _("You have an account already"),
        body=lambda said: _(
            "Somebody entered your mail address for another account. Yours is “{name}”, and nothing"
            " in it changed. If it was you, sign in with it, or set a new password."
        ).format(name=said["name"]),
        button=lambda said: _("Sign in"),
        path="/sign-in",
    ),
    Letter(
        "password_changed",
        title=lambda said: _("Your password was changed"),
        body=lambda said: _(
            "The password of your account “{name}” was changed, and every other browser and app was"
            " signed out. If this was not you, set a new password at once."
        ).format(name=said["name"]),
        button=lambda said: _("Set a new password"),
        path="/reset",
    ),
    Letter(
        "address_added",
        title=lambda said: _("A mail address was added to your account"),
        body=lambda said: _(
            "The address {address} was added to your account “{name}”. It can do nothing until it"
            " is confirmed. If this was not you, change your password."
        ).format(name=said["name"], address=said["address"]),
        button=_security,
        path=_NOT_YOU,
    ),
    Letter(
        "address_changed",
        title=lambda said: _("Mail for your account goes to another address now"),
        body=lambda said: _(
            "Your account “{name}” is written to at {address} from now on. If this was not you,"
            " sign in and change your password."
        ).format(name=said["name"], address=said["address"]),
        button=_security,
        path=_NOT_YOU,
    ),
    Letter(
        "address_removed",
        title=lambda said: _("This mail address was removed from an account"),
        body=lambda said: _(
            "The account “{name}” no longer has this address. If this was not you,"
            " sign in and change your password."
        ).format(name=said["name"]),
        button=_security,
        path=_NOT_YOU,
    ),
    Letter(
        "rescue_codes_made",
        title=lambda said: _("New rescue codes were made"),
        body=lambda said: _(
            "New rescue codes were made for your account “{name}”, and the ones before do not work"
            " any more. If this was not you, change your password and make new ones."
        ).format(name=said["name"]),
        button=_security,
        path=_NOT_YOU,
    ),
)
