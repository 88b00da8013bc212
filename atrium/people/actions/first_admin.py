from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit import tokens
from atrium.kit.errors import Gone
from atrium.people.actions.accounts import create_account
from atrium.people.models import FirstAdminLink, User
from atrium.people.queries import admin_exists

WORKS_FOR = timedelta(days=1)


class LinkSpent(Gone):
    """Used, expired, made anew since, or there is an administrator by now."""

    code = "link_spent"

    def __init__(self) -> None:
        super().__init__(
            _("This link does not work any more."),
            way_on=_("If there is no administrator yet, start the server again for a new one."),
        )


def first_admin_link(*, at: datetime) -> str:
    """Return a fresh address where the first administrator is made, or "" when there is one.

    It works once, for a day, and the one made before it not at all.
    """
    if admin_exists():
        return ""
    token = tokens.mint("welcome")
    FirstAdminLink.objects.update_or_create(
        pk=FirstAdminLink.ONLY,
        defaults={
            "token_hash": tokens.digest(token),
            "made_at": at,
            "expires_at": at + WORKS_FOR,
            "used_at": None,
        },
    )
    return f"{settings.PUBLIC_ADDRESS}/welcome/{token}"


def check_first_admin_link(*, token: str, at: datetime) -> None:
    """Refuse at once whoever comes with a link that would not work.

    :raises LinkSpent: whatever is wrong with it
    """
    if not _usable(token, at=at).exists() or admin_exists():
        raise LinkSpent


def make_first_admin(*, token: str, username: str, password: str, at: datetime) -> User:
    """Use the link up and make the administrator; a name or password refused leaves it usable.

    :raises LinkSpent: whatever is wrong with it
    """
    with transaction.atomic():
        if not _usable(token, at=at).update(used_at=at) or admin_exists():
            raise LinkSpent
        return create_account(
            username=username,
            password=password,
            role=User.Role.ADMIN,
            by="console:first-admin-link",
            at=at,
        )


def _usable(token: str, *, at: datetime):  # type: ignore[no-untyped-def]
    return FirstAdminLink.objects.filter(
        token_hash=tokens.digest(token), used_at=None, expires_at__gt=at
    )
