from django.utils.translation import gettext_lazy as _

from atrium.chat.copies import SHARED_COPIES
from atrium.chat.titles import OPTION
from atrium.options.registry import Kind, Option, register

register(
    Option(
        key=SHARED_COPIES,
        kind=Kind.STRING,
        default="unlisted",
        choices=("off", "unlisted", "public"),
        description=_(
            "What members may do with copies of their chats: nothing, share them with whoever has"
            " the link, or also put them on a list that everybody can read. Turned off, links that"
            " were given away open nothing."
        ),
    ),
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
    Option(
        key=OPTION,
        kind=Kind.STRING,
        default="long",
        choices=("long", "all", "never"),
        description=_(
            "Which new chats are named by the model that answers in them, in a small call of its"
            " own: those whose question is too long to be a title, all, or none."
        ),
    ),
)
