from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="files.largest_mb",
        kind=Kind.INTEGER,
        default=2000,
        minimum=1,
        maximum=20_000,
        description=_("The largest file anybody may upload, in MB."),
    ),
    Option(
        key="files.quota_member_mb",
        kind=Kind.INTEGER,
        default=5000,
        minimum=0,
        maximum=10_000_000,
        description=_("How much a member may keep, the trash included, in MB."),
    ),
    Option(
        key="files.quota_guest_mb",
        kind=Kind.INTEGER,
        default=200,
        minimum=0,
        maximum=100_000,
        description=_("How much a guest may keep, the trash included, in MB."),
    ),
    Option(
        key="files.guests_total_mb",
        kind=Kind.INTEGER,
        default=20_000,
        minimum=0,
        maximum=100_000_000,
        description=_("How much all guests together may keep, in MB."),
    ),
    Option(
        key="files.guests_network_mb",
        kind=Kind.INTEGER,
        default=1000,
        minimum=0,
        maximum=100_000_000,
        description=_(
            "How much the guests of one network may keep together, in MB: a cookie thrown away"
            " makes a new guest, and no new room."
        ),
    ),
    Option(
        key="files.guest_daily_uploads",
        kind=Kind.INTEGER,
        default=50,
        minimum=0,
        maximum=100_000,
        description=_("How many files a guest may upload in a day (UTC)."),
    ),
    Option(
        key="files.trash_days",
        kind=Kind.INTEGER,
        default=30,
        minimum=1,
        maximum=365,
        description=_("How many days a deleted file can be restored before its bytes are removed."),
        dangerous=True,
    ),
)
