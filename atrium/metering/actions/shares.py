from django.db.models import F
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from atrium.kit.errors import TooMany
from atrium.metering.models import Share


class ShareUsedUp(TooMany):
    """Others used as many tokens of whoever pays as they may."""

    code = "share_used_up"
    says_numbers = True


def take_share(*, name: str, tokens: int, most: int) -> Share:
    """Set aside tokens of what others may use together.

    :raises ShareUsedUp: when fewer are left
    """
    Share.objects.bulk_create([Share(name=name)], ignore_conflicts=True)
    rows = Share.objects.filter(name=name)
    if not rows.filter(tokens__lte=most - tokens).update(tokens=F("tokens") + tokens):
        used = rows.get().tokens
        said = {"need": _number(tokens), "used": _number(used), "limit": _number(most)}
        raise ShareUsedUp(
            _(
                "This may take %(need)s tokens. Whoever pays here lets others use %(limit)s;"
                " %(used)s are used."
            )
            % said,
            limit=most,
            used=used,
            way_on=_("Ask whoever pays to allow more, or pay yourself."),
        )
    return rows.get()


def end_in_share(*, share_id: int, rest: int) -> None:
    """Let others use what was set aside and not used."""
    Share.objects.filter(pk=share_id).update(tokens=F("tokens") - rest)


def _number(tokens: int) -> str:
    return number_format(tokens, force_grouping=True)
