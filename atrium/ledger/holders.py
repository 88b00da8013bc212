"""Whose accounts are meant by what staff type."""

from django.utils.translation import gettext as _

from atrium.kit.errors import Unprocessable
from atrium.people.belongings import Whose
from atrium.people.models import User


class NobodyOfThatName(Unprocessable):
    code = "nobody_of_that_name"


def person_named(name: str) -> User:
    """Return who has the name.

    :raises NobodyOfThatName: when nobody does
    """
    person = User.objects.filter(username=User.normalize_username(name.strip())).first()
    if person is None:
        said = _("Nobody has this name.")
        raise NobodyOfThatName(said, fields={"username": said})
    return person


def holders_named(text: str) -> list[str]:
    """Return the holders that a name stands for: the person, and the guests they turned out to be.

    A holder as it is written stands for itself.
    """
    person = User.objects.filter(username=User.normalize_username(text)).first()
    return [text, *(Whose(person).audiences if person else [])]
