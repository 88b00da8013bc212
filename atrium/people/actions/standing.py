from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict, Unprocessable
from atrium.people.actions.sign_in import sign_out_everywhere
from atrium.people.models import Suspension, TokenFamily, User


class LastAdministrator(Conflict):
    code = "last_administrator"


class NoSuchArea(Unprocessable):
    code = "no_such_area"


def suspend(
    *, person: User, reason: str, until: datetime | None = None, by: str, at: datetime
) -> Suspension | None:
    """Close the account, its sessions and its keys at once; nothing of the person's is removed.

    It opens by itself when ``until`` has come; never, without one. Of two suspensions the one that
    lasts longer stands. None when the account is closed for another reason.

    :param reason: the statement that the person is shown
    :raises LastAdministrator: nobody would be left to run the house
    """
    with transaction.atomic():
        before = _not_ended(person)
        if before and _lasts(before, until, at=at):
            return before
        if not before and not User.objects.filter(pk=person.pk, is_active=True).exists():
            return None
        detail = _why(reason) | ({"until": until.isoformat()} if until else {})
        # The audit list's head is held from here to the commit, so that of two administrators who
        # suspend each other at once the second sees what the first did.
        note("person.suspended", by=by, about=("person", person.pk), detail=detail, at=at)
        before = _not_ended(person)
        if before and _lasts(before, until, at=at):
            return before
        _end(person, by=by, at=at)
        User.objects.filter(pk=person.pk).update(is_active=False)
        _check_administered()
        sign_out_everywhere(person=person, why=TokenFamily.Why.SUSPENDED, at=at)
        return Suspension.objects.create(
            person=person, reason=reason, by=by, made_at=at, until=until
        )


def lift_suspension(*, person: User, reason: str, by: str, at: datetime) -> bool:
    """Open a suspended account again; False when none was."""
    with transaction.atomic():
        if not Suspension.objects.not_ended().filter(person=person).exists():
            return False
        note("person.readmitted", by=by, about=("person", person.pk), detail=_why(reason), at=at)
        if not _end(person, by=by, at=at):
            return False
        return bool(User.objects.filter(pk=person.pk).update(is_active=True))


def give_role(*, person: User, role: str, areas: list[str], by: str, at: datetime) -> None:
    """Make the person an administrator or a user, and staff of ``areas``.

    :raises LastAdministrator: nobody would be left to run the house
    :raises NoSuchArea: there is no such role or area
    """
    if role not in User.Role.values or set(areas) - set(User.STAFF_AREAS):
        raise NoSuchArea(_("There is no such role or area."))
    with transaction.atomic():
        before = User.objects.get(pk=person.pk)
        new = {"role": role, "areas": sorted(set(areas))}
        old = {"role": before.role, "areas": sorted(before.staff_areas)}
        if new == old:
            return
        detail = {"old": old, "new": new}
        note("person.role_given", by=by, about=("person", person.pk), detail=detail, at=at)
        User.objects.filter(pk=person.pk).update(role=role, staff_areas=new["areas"])
        _check_administered()


def _check_administered() -> None:
    if not User.objects.filter(role=User.Role.ADMIN, is_active=True).exists():
        raise LastAdministrator(
            _("This is the last administrator."), way_on=_("Make somebody else one first.")
        )


def _why(reason: str) -> dict[str, str]:
    return {"reason": reason} if reason else {}


def _not_ended(person: User) -> Suspension | None:
    return Suspension.objects.not_ended().filter(person=person).first()


def _lasts(suspension: Suspension, until: datetime | None, *, at: datetime) -> bool:
    """Whether it stands, and for as long at least as another until then would."""
    if suspension.is_over(at=at):
        return False
    return suspension.until is None or (until is not None and until <= suspension.until)


def _end(person: User, *, by: str, at: datetime) -> int:
    return Suspension.objects.not_ended().filter(person=person).update(ended_at=at, ended_by=by)
