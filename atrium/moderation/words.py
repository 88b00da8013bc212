"""What the audit list says of moderation, in words for the person it is about."""

from django.utils.translation import gettext as _

from atrium.people.history import say_of

say_of(
    "moderation.looked",
    lambda said: _("A moderator looked at something private. The reason: {reason}").format(
        reason=said["reason"]
    ),
)
