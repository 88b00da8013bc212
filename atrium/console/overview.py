"""What the front page says of floors that have no admin pages of their own."""

from collections.abc import Iterable

from django.db.models import Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _

from atrium.files.models import Usage
from atrium.files.sizes import amount
from atrium.files.storage import free_bytes
from atrium.web.console import Tile

_SCARCE_BYTES = 2_000_000_000


def tiles(request: HttpRequest) -> Iterable[Tile]:
    """Say how much is kept, and whether there is room for more."""
    kept = Usage.objects.aggregate(kept=Sum("kept_bytes"))["kept"] or 0
    free = free_bytes()
    note = _("%(size)s free on the disk") % {"size": amount(free)}
    yield Tile(_("Storage used"), amount(kept), note)
    if free < _SCARCE_BYTES:
        yield Tile(
            _("Disk nearly full"),
            amount(free),
            _("Uploads will soon be refused."),
            urgent=True,
        )
