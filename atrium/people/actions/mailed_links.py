from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit import tokens
from atrium.kit.errors import Gone
from atrium.people.models import MailedLink

Opens = MailedLink.Opens
WORKS_FOR = {Opens.CONFIRM: timedelta(days=3), Opens.RESET: timedelta(hours=1)}
KEPT_FOR = timedelta(days=30)


class LinkGone(Gone):
    """A mailed link that does not work (any more); ``code`` and the sentence say why."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said, way_on=_("Ask for a fresh one."))
        self.code = code


def make_link(*, address: EmailAddress, opens: Opens, at: datetime) -> str:
    """Return the token of a fresh link; those made before it for the same end."""
    token = tokens.mint(str(opens))
    earlier = MailedLink.objects.good(at=at).filter(person_id=address.user_id, opens=opens)
    if opens == Opens.CONFIRM:
        earlier = earlier.filter(address=address)
    with transaction.atomic():
        earlier.update(ended_at=at)
        MailedLink.objects.create(
            opens=opens,
            person_id=address.user_id,
            address=address,
            token_hash=tokens.digest(token),
            made_at=at,
            expires_at=at + WORKS_FOR[opens],
        )
    return token


def check_link(*, token: str, opens: Opens, at: datetime) -> MailedLink:
    """Return the link, with its person and address, if it would still work.

    :raises LinkGone: and why
    """
    found = None
    if tokens.looks_right(token, str(opens)):
        rows = MailedLink.objects.select_related("person", "address")
        found = rows.filter(opens=opens, token_hash=tokens.digest(token)).first()
    if found is None:
        raise LinkGone("link_unknown", _("This link is not one of ours, or very old."))
    if found.used_at:
        raise LinkGone("link_used", _("This link was used already."))
    if found.ended_at:
        raise LinkGone("link_replaced", _("A later link, or a new password, took its place."))
    if found.expires_at <= at:
        raise LinkGone("link_expired", _("This link is too old."))
    return found


def use_link(*, token: str, opens: Opens, at: datetime) -> MailedLink:
    """Use the link up, once among all who try at the same time; in the caller's transaction.

    :raises LinkGone: and why
    """
    link = check_link(token=token, opens=opens, at=at)
    if not MailedLink.objects.good(at=at).filter(pk=link.pk).update(used_at=at):
        raise LinkGone("link_used", _("This link was used already."))
    return link


def forget_links(*, at: datetime) -> int:
    """Delete links that ended so long ago that nobody asks why, and return how many."""
    forgotten, _by_table = MailedLink.objects.filter(expires_at__lt=at - KEPT_FOR).delete()
    return forgotten
