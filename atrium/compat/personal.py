"""What the compatible interface keeps is numbers, for as long as a call lasts."""

from django.utils.translation import gettext_lazy as _

from atrium.people.belongings import nobodys

nobodys("compat.Call", _("Numbers of calls that are being answered; their receipts say whose."))
