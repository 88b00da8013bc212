"""What plans keep of somebody."""

from django.utils.translation import gettext_lazy as _

from atrium.people.belongings import Belonging, Part, register
from atrium.plans.models import AllowanceUse

register(
    Part(
        key="plans",
        title=_("Plans"),
        order=310,
        belongings=(
            Belonging(
                table=AllowanceUse,
                title=_("What was used of a plan"),
                of=lambda whose: AllowanceUse.objects.filter(holder__in=whose.audiences),
                told=("action", "period_began_at", "used"),
            ),
        ),
    )
)
