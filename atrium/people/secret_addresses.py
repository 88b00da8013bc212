"""An address is written into logs and histories, so what opens an account must not stand in it."""

import re

from django.utils.translation import gettext as _

from atrium.kit.errors import Refusal

_SECRET = re.compile(
    r"atr(?:_|%5f)(?:key|refresh|guest|session)(?:_|%5f)|eyJhbGciOiJIUzI1NiIs", re.I
)


class SecretInAddress(Refusal):
    code = "secret_in_address"

    def __init__(self) -> None:
        super().__init__(
            _("A key or a token stands in this address, and may now stand in logs."),
            way_on=_("Send it as the header “Authorization: Bearer …”, and make a new one."),
        )


def holds_secret(address: str) -> bool:
    """Whether a key, a guest's cookie or an app's token stands in ``address``."""
    # Links of one use (welcome, invitation, reset) are made to stand there.
    return _SECRET.search(address) is not None
