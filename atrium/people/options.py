from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

OPEN, INVITATION, APPROVAL, DOMAIN = "open", "invitation", "approval", "domain"

register(
    Option(
        key="people.sign_up",
        kind=Kind.STRING,
        default=OPEN,
        choices=(OPEN, INVITATION, APPROVAL, DOMAIN),
        description=_(
            "Who may make an account: anybody (open), who was invited (invitation), whom an"
            " administrator lets in (approval), or who has a mail address of yours (domain). An"
            " invitation always lets in."
        ),
        dangerous=True,
    ),
    Option(
        key="people.sign_up_domains",
        kind=Kind.STRING,
        default="",
        maximum=1000,
        description=_(
            "The mail domains whose people may make an account when people.sign_up says domain,"
            " with commas between them: example.org, mail.example.org. Nothing else is let in, not"
            " even names below them."
        ),
    ),
    Option(
        key="people.members_invite",
        kind=Kind.INTEGER,
        default=0,
        minimum=0,
        maximum=100,
        description=_(
            "How many people a member may have invited at a time; 0 leaves inviting to"
            " administrators."
        ),
    ),
    Option(
        key="people.staff_second_factor",
        kind=Kind.BOOLEAN,
        default=False,
        description=_(
            "Whether administrators and staff need a second step beside their password before the"
            " console opens to them."
        ),
        dangerous=True,
    ),
    Option(
        key="people.second_factor_name",
        kind=Kind.STRING,
        default="Atrium",
        minimum=1,
        maximum=60,
        description=_("What apps with codes, and devices with passkeys, call this house."),
    ),
    Option(
        key="guests.kept_days",
        kind=Kind.INTEGER,
        default=90,
        minimum=0,
        maximum=3650,
        description=_(
            "How many days after their last visit what guests made is kept; 0 keeps it for ever."
        ),
        dangerous=True,
    ),
)
