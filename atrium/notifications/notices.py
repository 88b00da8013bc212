"""The notifications of the floors below."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register

_BOTH = frozenset({Channel.IN_APP, Channel.MAIL})
_HERE = frozenset({Channel.IN_APP})
_SECOND_FACTOR = {
    "app_added": gettext_lazy("Codes of an app were turned on."),
    "app_removed": gettext_lazy("Codes of an app were turned off."),
    "passkey_added": gettext_lazy("A passkey was added."),
    "passkey_removed": gettext_lazy("A passkey was removed."),
    "codes_made": gettext_lazy("New recovery codes were made."),
    "code_used": gettext_lazy("A recovery code was used."),
    "tried": gettext_lazy("Somebody with your password tried too many wrong codes."),
    "taken": gettext_lazy("Staff of this house took the second step away."),
}

register(
    NotificationKind(
        key="people.new_sign_in",
        description=gettext_lazy("Somebody signed in to your account from a new device"),
        title=lambda said: _("A new sign-in to your account"),
        body=lambda said: _(
            "Your account was opened with {device}. If that was not you, change your password."
        ).format(device=said["device"] or _("a program that does not say its name")),
        channels=_BOTH,
        always=_HERE,
        icon="key",
    ),
    NotificationKind(
        key="people.token_reused",
        description=gettext_lazy("An app was signed out because its token was used twice"),
        title=lambda said: _("An app was signed out of your account"),
        body=lambda said: _(
            "A token of {device} was used again after it was spent, so somebody may have a copy of "
            "it. The app was signed out. Sign in again there, and if you did not expect this, "
            "change your password."
        ).format(device=said["device"] or _("a program that does not say its name")),
        channels=_BOTH,
        always=_HERE,
        icon="key",
    ),
    NotificationKind(
        key="people.second_factor",
        description=gettext_lazy("The second step of your sign-in changed, or somebody tried it"),
        title=lambda said: _("The second step of your sign-in"),
        body=lambda said: " ".join(
            [
                str(_SECOND_FACTOR[said["what"]]),
                _("If that was not you, change your password and sign out everywhere."),
            ]
        ),
        channels=_BOTH,
        always=_HERE,
        icon="lock",
    ),
    NotificationKind(
        key="people.guest_claimed",
        description=gettext_lazy("What you made as a guest came along"),
        title=lambda said: _("What you made as a guest is in your account now"),
        body=lambda said: _("For a day you can give it back."),
        channels=_HERE,
        icon="info",
    ),
    NotificationKind(
        key="jobs.failed",
        description=gettext_lazy("Work that you asked for could not be done"),
        title=lambda said: _("Something could not be done"),
        body=lambda said: said["reason"] or _("It was tried several times."),
        channels=_HERE,
        icon="warning",
    ),
    NotificationKind(
        key="files.removed_soon",
        description=gettext_lazy("Files in your trash are about to be removed for good"),
        title=lambda said: ngettext(
            "{count} file leaves your trash soon",
            "{count} files leave your trash soon",
            said["count"],
        ).format(count=said["count"]),
        body=lambda said: _("“{name}” and whatever else is that old goes on {day}.").format(
            name=said["name"], day=date_format(date.fromisoformat(said["day"]))
        ),
        channels=_HERE,
        icon="trash",
    ),
)

register(
    NotificationKind(
        key="people.account_waits",
        description=gettext_lazy("Somebody asks to be let in (for administrators)"),
        title=lambda said: _("{name} asks to be let in").format(name=said["name"]),
        body=lambda said: _("The account waits until you approve or decline it."),
        channels=_BOTH,
        icon="person",
    ),
    NotificationKind(
        key="people.joining_decided",
        description=gettext_lazy("Whether your account is opened"),
        title=lambda said: (
            _("Your account is open") if said["is_open"] else _("Your account was not opened")
        ),
        body=lambda said: said["sentence"],
        channels=_BOTH,
        always=_HERE,
        icon="key",
    ),
)
