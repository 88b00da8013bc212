"""What staff show beside their password, when the operator asks it of them."""

from typing import ClassVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from atrium.kit.errors import SettleFirst
from atrium.options.queries import value
from atrium.people.caller import Caller
from atrium.people.second_factor import has_second_factor
from atrium.web.policy import register_staff_gate


class SecondFactorNeeded(SettleFirst):
    """The password alone does not do here; setting one up is always open."""

    code = "second_factor_needed"
    page: ClassVar[str] = "/settings/second-factor"


def staff_gate(request: HttpRequest) -> None:
    """:raises SecondFactorNeeded: by staff without one, while the option asks for one"""
    person = cast(Caller, request.caller).person  # type: ignore[attr-defined]
    if person and value("people.staff_second_factor") and not has_second_factor(person):
        page = f"{settings.PUBLIC_ADDRESS}{SecondFactorNeeded.page}"
        raise SecondFactorNeeded(
            _("Staff of this house need a second step beside the password."),
            way_on=_("Set one up at {page}.").format(page=page),
        )


register_staff_gate(staff_gate)
