"""What somebody was told."""

from django.utils.translation import gettext_lazy as _

from atrium.notifications.models import (
    Address,
    Announcement,
    Choice,
    Dismissal,
    Mail,
    Notification,
)
from atrium.people.belongings import Belonging, Part, Rule, register

register(
    Part(
        key="notifications",
        title=_("Notifications"),
        order=600,
        belongings=(
            Belonging(
                table=Mail,
                title=_("Letters"),
                of=lambda whose: Mail.objects.filter(whose.is_theirs("notification__person")),
                told=("notification_id", "made_at", "sent_at", "given_up_at", "why_not"),
            ),
            Belonging(
                table=Notification,
                title=_("Notifications"),
                of=lambda whose: Notification.objects.filter(whose.is_theirs("person")),
                told=("id", "kind", "params", "url", "made_at", "read_at"),
            ),
            Belonging(
                table=Choice,
                title=_("What they want to be told"),
                of=lambda whose: Choice.objects.filter(whose.is_theirs("person")),
                told=("kind", "channel", "is_wanted", "chosen_at"),
            ),
            Belonging(
                table=Dismissal,
                title=_("Announcements that they have read"),
                of=lambda whose: Dismissal.objects.filter(whose.is_theirs("person")),
                told=("announcement__text", "at"),
            ),
            Belonging(
                table=Announcement,
                title=_("Announcements that they made for the house"),
                of=lambda whose: Announcement.objects.filter(made_by__in=whose.audiences),
                told=("text", "link", "begins_at", "ends_at", "withdrawn_at"),
                rule=Rule.PSEUDONYM,
                why=_("The house said it, to everybody."),
            ),
            Belonging(
                table=Address,
                title=_("What mail servers said of their addresses"),
                of=lambda whose: Address.objects.filter(email__in=whose.addresses),
                told=("email", "refusals", "last_refusal", "refused_at", "bouncing_since"),
            ),
        ),
    )
)
