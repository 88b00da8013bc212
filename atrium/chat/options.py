from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="chat.guest_idle_hours",
        kind=Kind.INTEGER,
        default=24,
        minimum=0,
        maximum=8760,
        description=_(
            "After how many hours without a word a guest's chat has ended: it can be read and"
            " downloaded, and the next question begins a new one. 0 never ends it."
        ),
    ),
)
