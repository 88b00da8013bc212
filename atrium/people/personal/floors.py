"""What the floors below people keep of somebody; they know people only by audiences and ids."""

from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from atrium.audit.models import AuditEntry
from atrium.events.models import RecordedEvent, Stream, StreamEvent
from atrium.jobs.actions import cancel
from atrium.jobs.models import Job
from atrium.options.models import Setting
from atrium.people.belongings import (
    Belonging,
    Part,
    Rule,
    Whose,
    delete_some,
    nobodys,
    register,
)


def _that_say(table: type[Model], column: str, whose: Whose) -> "QuerySet[Any]":
    """Rows whose JSON names somebody by an id."""
    every = table._default_manager.annotate(  # noqa: SLF001
        said_as_text=Cast(column, TextField())
    )
    wanted = Q(pk__in=[])
    for key in whose.ids:
        wanted |= Q(said_as_text__contains=key)
    found: QuerySet[Any] = every.filter(wanted)
    return found


def _jobs(whose: Whose) -> "QuerySet[Job]":
    named = _that_say(Job, "arguments", whose).values("pk")
    return Job.objects.filter(Q(owner__in=whose.audiences) | Q(pk__in=named))


def _cancel_jobs(whose: Whose, at: datetime) -> None:
    for job in _jobs(whose).unfinished():  # type: ignore[attr-defined]
        cancel(job=job, at=at)


def _erase_jobs(whose: Whose, *, at: datetime) -> int:
    _cancel_jobs(whose, at)  # one of another part may have been asked for meanwhile
    return delete_some(_jobs(whose))


def _entries(whose: Whose) -> "QuerySet[AuditEntry]":
    return AuditEntry.objects.filter(
        Q(by__in=whose.audiences) | Q(about_kind__in=["person", "guest"], about_id__in=whose.ids)
    )


register(
    Part(
        key="events",
        reading=90,
        title=_("What the browser was told"),
        order=800,
        belongings=(
            Belonging(
                table=StreamEvent,
                title=_("What the browser was told"),
                of=lambda whose: StreamEvent.objects.filter(stream__in=whose.audiences),
                told=("seq", "kind", "payload", "told_at"),
            ),
            Belonging(
                table=Stream,
                title=_("How far it was told"),
                of=lambda whose: Stream.objects.filter(audience__in=whose.audiences),
                told=("audience", "last_seq"),
            ),
            Belonging(
                table=RecordedEvent,
                title=_("Facts for the house’s own use"),
                of=lambda whose: _that_say(RecordedEvent, "payload", whose),
                not_told=_("They repeat what is told elsewhere, by numbers, and go after 90 days."),
            ),
        ),
    )
)
register(
    Part(
        key="jobs",
        reading=90,
        title=_("Work done in the background"),
        order=700,
        ends=_cancel_jobs,
        belongings=(
            Belonging(
                table=Job,
                title=_("Work done in the background"),
                of=_jobs,
                told=("id", "name", "state", "error", "made_at", "started_at", "ended_at"),
                erase=_erase_jobs,
            ),
        ),
    )
)
register(
    Part(
        key="audit",
        reading=90,
        title=_("Audit"),
        order=850,
        belongings=(
            Belonging(
                table=AuditEntry,
                title=_("Audit entries"),
                of=_entries,
                told=("number", "at", "action"),
                rule=Rule.PSEUDONYM,
                why=_("A list that could be changed would prove nothing. It names no people."),
            ),
            Belonging(
                table=Setting,
                title=_("Options that they set for the house"),
                of=lambda whose: Setting.objects.filter(changed_by__in=whose.audiences),
                told=("key", "changed_at"),
                rule=Rule.PSEUDONYM,
                why=_("The house goes on with the options that its staff set."),
            ),
        ),
    )
)
nobodys("audit.ChainHead", _("The end of the audit list: a number and a hash."))
nobodys("jobs.Worker", _("Processes of the house."))
nobodys("jobs.Schedule", _("What the house does by the clock."))
