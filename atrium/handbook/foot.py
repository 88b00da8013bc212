"""Where strangers find the handbook."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.web.shell import Recent, register_foot


def _links(_request: HttpRequest) -> Iterable[Recent]:
    yield Recent(title=_("Handbook"), url=reverse("handbook:book"))


register_foot(_links)
