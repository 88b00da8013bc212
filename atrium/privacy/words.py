"""How the history of an account reads what was done here."""

from django.utils.translation import gettext as _

from atrium.people.history import word

word("privacy.export_asked", lambda said: _("A copy of the data was asked for."))
word(
    "privacy.glass_broken",
    lambda said: _("Staff made a copy of the data: “{reason}”.").format(reason=said["reason"]),
)
word("privacy.export_downloaded", lambda said: _("Staff downloaded the copy that they made."))
word("privacy.erasure_asked", lambda said: _("The account was asked to be erased."))
word("privacy.erasure_called_off", lambda said: _("The account stays after all."))
word("privacy.erasure_begun", lambda said: _("The erasure of the account began."))
