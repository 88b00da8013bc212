"""What stands at the foot of the pages that strangers see: the words in force here."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from atrium.people import terms
from atrium.people.joining_forms import ADDRESSES
from atrium.web.shell import Recent, register_foot


def _links(_request: HttpRequest) -> Iterable[Recent]:
    for kind, version in sorted(terms.in_force().items(), reverse=True):
        yield Recent(title=version.get_kind_display(), url=reverse(ADDRESSES[kind]))


register_foot(_links)
