"""Options of the floors below this one, which cannot declare their own."""

from email.utils import formataddr, parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.options.registry import BadValue, Kind, Option, Value, register

_is_address = EmailValidator(allowlist=["localhost"])


def check_sender(value: Value) -> None:
    """Refuse what mail servers would not take as one sender, with a name or without."""
    name, address = parseaddr(str(value))
    try:
        _is_address(address)
        is_whole = str(value) in {
            address,
            formataddr((name, address), "utf-8"),
            f"{name} <{address}>",
        }
    except ValidationError:
        is_whole = False
    if not is_whole:
        raise BadValue(_("Write one mail address, such as Atrium <atrium@example.org>."))


register(
    Option(
        key="mail.from",
        kind=Kind.STRING,
        default="Atrium <atrium@localhost>",
        maximum=200,
        description=gettext_lazy(
            "Whom letters come from: a name and an address that your mail server may send for."
        ),
        dangerous=True,
        check=check_sender,
    ),
    Option(
        key="metrics.token",
        kind=Kind.STRING,
        default="",
        maximum=200,
        description=gettext_lazy(
            "The word that opens /metrics as “Authorization: Bearer …”. Without one it is open to"
            " this machine only, and behind a proxy to nobody."
        ),
        secret=True,
        dangerous=True,
    ),
)
