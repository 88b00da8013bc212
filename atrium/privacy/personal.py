"""What the house keeps about copies of somebody's data, and about their end."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.people.belongings import AT_ONCE, Belonging, Part, Rule, Whose, register
from atrium.privacy.actions.exports import drop_bytes
from atrium.privacy.models import Erasure, Export


def _erase_exports(whose: Whose, *, at: datetime) -> int:
    chosen = list(Export.objects.filter(whose.owns()).order_by("pk")[:AT_ONCE])
    for export in chosen:
        drop_bytes(export)
    Export.objects.filter(pk__in=[export.pk for export in chosen]).delete()
    return len(chosen)


def _forget_reasons(whose: Whose, *, at: datetime) -> int:
    return _erasures(whose).exclude(reason="").update(reason="")


def _erasures(whose: Whose) -> "QuerySet[Erasure]":
    of_guests = Q(guest__in=whose.guest_ids)
    return Erasure.objects.filter(of_guests | whose.is_theirs("person"))


register(
    Part(
        key="privacy",
        reading=80,
        title=_("Copies and erasures"),
        order=60,
        belongings=(
            Belonging(
                table=Export,
                title=_("Copies of their data"),
                of=lambda whose: Export.objects.filter(whose.owns()),
                told=("id", "reason", "asked_at", "state", "size", "ready_at", "expires_at"),
                erase=_erase_exports,
            ),
            Belonging(
                table=Erasure,
                title=_("The wish to be erased"),
                of=_erasures,
                told=("id", "reason", "asked_at", "due_at", "state", "ended_at"),
                rule=Rule.PSEUDONYM,
                why=_("It proves that the wish was followed, and names nobody."),
                erase=_forget_reasons,
            ),
        ),
    )
)
