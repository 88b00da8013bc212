"""What the API keeps of its callers, for a day."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.api.models import IdempotentRequest
from atrium.people.belongings import Belonging, Part, Whose, register


def _calls(whose: Whose) -> Q:
    wanted = Q(pk__in=[])
    for key in whose.ids:
        wanted |= Q(caller__contains=key)
    return wanted


register(
    Part(
        key="api",
        reading=90,
        title=_("Calls to the API"),
        order=50,
        belongings=(
            Belonging(
                table=IdempotentRequest,
                title=_("Answers kept for a repeated call"),
                of=lambda whose: IdempotentRequest.objects.filter(_calls(whose)),
                not_told=_("They are sealed, repeat what is told elsewhere, and go within a day."),
            ),
        ),
    )
)
