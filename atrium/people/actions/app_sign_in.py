from datetime import datetime

from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit.errors import NotAllowed
from atrium.people.actions.devices import note_sign_in
from atrium.people.actions.sign_in import recognise
from atrium.people.actions.token_families import Tokens, open_family
from atrium.web.address import neighbourhood, region


class SecondFactorNeeded(NotAllowed):
    """Said only to who gave the right password."""

    code = "second_factor_needed"


def sign_in_app(*, username: str, password: str, agent: str, address: str, at: datetime) -> Tokens:
    """Sign an app in by name and password alone, within the limits of the sign-in page.

    :raises SecondFactorNeeded: when the person has one, which is asked for elsewhere
    """
    person = recognise(username=username, password=password, address=neighbourhood(address), at=at)
    if is_mfa_enabled(person):
        raise SecondFactorNeeded(
            _("This account has a second factor, which is not asked for here."),
            way_on=_("Sign in at /_allauth/app/v1/auth/login, or use an API key."),
        )
    with transaction.atomic():
        note_sign_in(person=person, agent=agent, address=address, at=at)
        return open_family(person=person, agent=agent, place=region(address), at=at)
