from datetime import datetime
from smtplib import SMTPRecipientsRefused

from atrium.events.actions import whisper
from atrium.events.hub import EVERYONE
from atrium.jobs.models import Job
from atrium.jobs.registry import job, on_dead, on_ended
from atrium.jobs.run import Run
from atrium.kit import clock
from atrium.notifications import announcements
from atrium.notifications.actions import note_accepted, note_refused, notify
from atrium.notifications.letters import letter_for
from atrium.notifications.models import Mail, Notification
from atrium.notifications.queries import trouble_with
from atrium.notifications.registry import kind_of
from atrium.people.models import User

_FOR_EVER = 500  # from here on an SMTP code says that trying again is in vain


@job("notifications.send_mail", attempts=6, long=True, seconds=120)
def send_mail(run: Run, *, mail_id: int) -> None:
    """Send one letter.

    After a crash between the sending and the note of it, it is sent again under the same
    Message-ID: doubled at most, never lost.
    """
    mail = Mail.objects.select_related("notification__person").filter(pk=mail_id).first()
    if mail is None or mail.sent_at:
        return
    person = mail.notification.person
    why_not = _why_not(mail.notification)
    if why_not:
        with run.writing():
            _give_up(mail, why_not)
        return
    try:
        letter_for(mail).send()
    except SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        if code < _FOR_EVER:
            raise
        words = said.decode(errors="replace")
        with run.writing():
            note_refused(email=person.email, said=words, at=clock.now())
            _give_up(mail, words)
        return
    with run.writing():
        Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now(), given_up_at=None, why_not="")
        note_accepted(email=person.email)


@job("notifications.tell_news")
def tell_news(run: Run) -> None:
    """Have every open page look what is announced now: something began, ended or was withdrawn."""
    announcements.forget()
    whisper(EVERYONE, "news", {})


@on_dead("notifications.send_mail")
def note_dead_mail(job: Job, *, at: datetime) -> None:
    Mail.objects.filter(pk=job.arguments["mail_id"], sent_at=None).update(
        given_up_at=at, why_not=job.error[:300]
    )


@on_ended
def tell_of_failure(job: Job, *, at: datetime) -> None:
    """Tell the person whose work it was; a letter that failed tells nobody by another letter."""
    kind, _colon, key = job.owner.partition(":")
    is_ours = job.name.startswith("notifications.")
    if job.state != Job.State.FAILED or kind != "person" or is_ours:
        return
    person = User.objects.filter(pk=key).first()
    if person:
        params = {"job": job.name, "reason": job.error}
        notify(person=person, kind="jobs.failed", params=params, at=at)


def _why_not(told: Notification) -> str:
    person, kind = told.person, kind_of(told.kind)
    to_suspended = kind is not None and kind.even_suspended
    is_suspended = to_suspended and person.suspensions.not_ended().exists()
    if not person.is_active and not is_suspended:
        return "The account is closed."
    if not person.email:
        return "There is no address any more."
    if trouble_with(person.email):
        return "The address does not take mail."
    return ""


def _give_up(mail: Mail, why_not: str) -> None:
    rows = Mail.objects.filter(pk=mail.pk, sent_at=None)
    rows.update(given_up_at=clock.now(), why_not=why_not[:300])
