import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.events.actions import tell
from atrium.jobs.actions import enqueue
from atrium.kit.errors import Unavailable, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import sign, verify
from atrium.notifications import announcements, registry
from atrium.notifications.models import (
    Address,
    Announcement,
    Channel,
    Choice,
    Dismissal,
    Mail,
    Notification,
)
from atrium.notifications.queries import channels_for, unread_count
from atrium.options.queries import value
from atrium.people.caller import Caller
from atrium.people.models import User

REFUSALS_UNTIL_BOUNCING = 3
_UNSUBSCRIBE = "notifications.unsubscribe"
_LINK = re.compile(r"/(?![/\\])[^\s\\]{0,290}|https://[^\s/\\@]+(/[^\s\\]*)?")


class MailFailed(Unavailable):
    code = "mail_failed"


class UnknownKind(Unprocessable):
    code = "unknown_kind"


def notify(
    *, person: User, kind: str, params: Mapping[str, Any], url: str = "", at: datetime
) -> Notification | None:
    """Tell a person something, in the caller's transaction; None when they want none of that kind.

    ``params`` are what the kind's words need, as JSON has it; ``url`` is a path of ours.
    """
    known = registry.kind_of(kind)
    if known is None:
        raise LookupError(kind)
    channels = channels_for(person, known)
    if not channels:
        return None
    with transaction.atomic():
        notification = Notification.objects.create(
            person=person,
            kind=kind,
            params=dict(params),
            url=url,
            is_in_app=Channel.IN_APP in channels,
            made_at=at,
        )
        if Channel.MAIL in channels and person.email:
            _write_mail(notification, at=at)
        if notification.is_in_app:
            _tell_count(person, notification=notification, at=at)
    return notification


def mark_read(*, notification: Notification, at: datetime) -> Notification:
    """Note that a notification was seen; the first time counts."""
    with transaction.atomic():
        rows = Notification.objects.filter(pk=notification.pk, read_at=None)
        if rows.update(read_at=at):
            _tell_count(notification.person, at=at)
    notification.refresh_from_db()
    return notification


def mark_all_read(*, by: Caller, at: datetime) -> int:
    """Note that everything told so far was seen; return how many were not yet."""
    with transaction.atomic():
        rows = Notification.objects.visible_to(by).unread().filter(made_at__lte=at)
        count = rows.update(read_at=at)
        if count and by.person:
            _tell_count(by.person, at=at)
    return count


def choose(*, person: User, wanted: Iterable[tuple[str, Channel]], at: datetime) -> None:
    """Keep the whole matrix: what stands in ``wanted`` comes, what does not stays away."""
    asked = set(wanted)
    for kind in registry.every_kind():
        for channel in Channel:
            if channel not in kind.always:
                is_wanted = (kind.key, channel) in asked
                _keep_choice(person, kind.key, channel, is_wanted=is_wanted, at=at)


def unsubscribe_token(*, person_id: UUID, kind: str) -> str:
    """Return what lets the bearer switch off one kind of mail for one person, and nothing else."""
    return sign(f"{person_id}:{kind}", purpose=_UNSUBSCRIBE, expires=None)


def read_unsubscribe_token(*, token: str, at: datetime) -> tuple[User, str]:
    """:raises kit.secrets.BadSignature: when we did not make it"""
    person_id, _colon, kind = verify(token, purpose=_UNSUBSCRIBE, at=at).partition(":")
    person = User.objects.filter(pk=person_id).first()
    if person is None or registry.kind_of(kind) is None:
        raise UnknownKind(_("There is no such mail any more."))
    return person, kind


def unsubscribe(*, token: str, at: datetime) -> str:
    """Switch off the mail that the token names, and return its kind."""
    person, kind = read_unsubscribe_token(token=token, at=at)
    _keep_choice(person, kind, Channel.MAIL, is_wanted=False, at=at)
    return kind


def note_accepted(*, email: str) -> None:
    """A mail server took a letter for this address: what was held against it is forgotten."""
    Address.objects.filter(email=email.lower()).delete()


def note_refused(*, email: str, said: str, at: datetime) -> Address:
    """A mail server says this address takes no letters; after some such words we stop writing."""
    with transaction.atomic():
        Address.objects.get_or_create(email=email.lower())
        rows = Address.objects.filter(email=email.lower())
        rows.update(refusals=F("refusals") + 1, last_refusal=said[:300], refused_at=at)
        rows.filter(refusals__gte=REFUSALS_UNTIL_BOUNCING, bouncing_since=None).update(
            bouncing_since=at
        )
        return rows.get()


def try_again(*, person: User) -> None:
    """Write to a person's address again although it bounced."""
    Address.objects.filter(email=person.email.lower()).delete()


def send_test_mail(*, to: str, by: str, at: datetime) -> None:
    """Send a letter now and say whether the server took it. Never inside a transaction.

    :raises MailFailed: with what the mail server said
    """
    letter = EmailMultiAlternatives(
        subject=_("A test from Atrium"),
        body=_("This letter shows that mail from Atrium reaches you."),
        from_email=value("mail.from"),
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        letter.send()
    except OSError as fault:  # smtplib's errors are OSErrors
        raise MailFailed(
            _("The mail server did not take it: {said}").format(said=str(fault)[:200]),
            way_on=_("Look at ATRIUM_EMAIL_URL."),
        ) from fault
    note("mail.tested", by=by, detail={"domain": to.rpartition("@")[2]}, at=at)


def message_id_for(notification: Notification) -> str:
    """Return the name that every try at one letter carries, so that a second is known as such."""
    host = urlsplit(settings.PUBLIC_ADDRESS).hostname or "localhost"
    return f"<{notification.pk.hex}@{host}>"


def _write_mail(notification: Notification, *, at: datetime) -> None:
    mail = Mail.objects.create(
        notification=notification, message_id=message_id_for(notification), made_at=at
    )
    enqueue(
        "notifications.send_mail",
        owner=f"person:{notification.person_id}",
        about=("notifications.notification", notification.pk),
        mail_id=mail.pk,
        at=at,
    )


def _tell_count(person: User, *, notification: Notification | None = None, at: datetime) -> None:
    payload: dict[str, Any] = {"unread": unread_count(Caller(person=person))}
    if notification:
        payload["id"] = str(notification.pk)
    tell(f"person:{person.pk}", "notification", payload, at=at)


def _keep_choice(
    person: User,
    kind: str,
    channel: Channel,
    *,
    is_wanted: bool,
    at: datetime,
) -> None:
    Choice.objects.update_or_create(
        person=person,
        kind=kind,
        channel=channel,
        defaults={"is_wanted": is_wanted, "chosen_at": at},
    )


class BadAnnouncement(Unprocessable):
    code = "bad_announcement"


def announce(
    *,
    text: str,
    level: str = Announcement.Level.INFO,
    link: str = "",
    shown_to: str = Announcement.Audience.EVERYBODY,
    is_dismissible: bool = True,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    by: str,
    at: datetime,
) -> Announcement:
    """Tell everybody, or some, something in a bar above each page, from now or from a time on.

    :raises BadAnnouncement: with the field and the reason
    """
    begins_at = max(begins_at or at, at)
    _check_announcement(text=text, link=link, begins_at=begins_at, ends_at=ends_at)
    with transaction.atomic():
        made = Announcement.objects.create(
            text=" ".join(text.split()),
            level=Announcement.Level(level),
            link=link.strip(),
            shown_to=Announcement.Audience(shown_to),
            is_dismissible=is_dismissible,
            begins_at=begins_at,
            ends_at=ends_at,
            made_at=at,
            made_by=by,
        )
        for moment in filter(None, (begins_at, ends_at)):
            enqueue("notifications.tell_news", delay=moment - at, at=at)
        note("announcement.made", by=by, about=("announcement", made.pk), at=at)
    announcements.forget()
    return made


def withdraw(*, announcement: Announcement, by: str, at: datetime) -> None:
    """Take an announcement down, from every open page as well."""
    with transaction.atomic():
        rows = Announcement.objects.filter(pk=announcement.pk, withdrawn_at=None)
        if rows.update(withdrawn_at=at):
            note("announcement.withdrawn", by=by, about=("announcement", announcement.pk), at=at)
            enqueue("notifications.tell_news", at=at)
    announcements.forget()


def dismiss(*, announcement: Announcement, person: User, at: datetime) -> None:
    """Show an announcement to this person no more; a second time changes nothing."""
    if announcement.is_dismissible:
        Dismissal.objects.get_or_create(
            person=person, announcement=announcement, defaults={"at": at}
        )


def _check_announcement(
    *, text: str, link: str, begins_at: datetime, ends_at: datetime | None
) -> None:
    fields = {}
    if not text.strip() or len(text) > LIMITS.announcement_characters:
        fields["text"] = _("Write something, and at most {limit} characters.").format(
            limit=LIMITS.announcement_characters
        )
    if link and not _LINK.fullmatch(link.strip()):
        fields["link"] = _("A path of this house, such as /files, or an address with https://.")
    if ends_at and ends_at <= begins_at:
        fields["ends_at"] = _("It has to end after it begins.")
    if fields:
        raise BadAnnouncement(" ".join(fields.values()), fields=fields)
