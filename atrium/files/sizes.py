"""Amounts of bytes as people say them: decimal, as the limits are."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from atrium.kit.limits import KB, MB

_GB = 1000 * MB


def amount(size: int) -> str:
    """Return “1.5 GB”, “20 MB”, “3 kB” or “17 bytes”, in the reader's numbers."""
    if size >= _GB:
        return _("{size} GB").format(size=_number(size / _GB))
    if size >= MB:
        return _("{size} MB").format(size=_number(size / MB))
    if size >= KB:
        return _("{size} kB").format(size=_number(size / KB))
    return _("{size} bytes").format(size=size)


def _number(value: float) -> str:
    value = round(value, 1)
    return number_format(value, decimal_pos=0 if value == round(value) else 1)
