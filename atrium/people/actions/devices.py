from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from atrium.events.registry import record
from atrium.people.agents import family
from atrium.people.events import NewDeviceSignedIn
from atrium.people.models import Device, User
from atrium.web.address import region

KNOWN_FOR = timedelta(days=30)


def see_device(*, person: User, agent: str, address: str, at: datetime) -> bool:
    """Note what a person signs in with; True when that is new, or was not used for 30 days."""
    name = family(agent)
    known_by = f"{person.pk}|{name or agent}|{region(address)}"
    digest = salted_hmac("people.device", known_by, algorithm="sha256")
    with transaction.atomic():
        device, is_new = Device.objects.get_or_create(
            person=person, digest=digest.hexdigest(), defaults={"seen_at": at}
        )
        rows = Device.objects.filter(pk=device.pk)
        is_back = bool(rows.filter(seen_at__lt=at - KNOWN_FOR).update(seen_at=at))
        rows.filter(seen_at__lt=at).update(seen_at=at)
    return is_new or is_back


def note_sign_in(*, person: User, agent: str, address: str, at: datetime) -> bool:
    """Note that a person signed in, and say so when the device is new; return whether it was."""
    with transaction.atomic():
        is_new = see_device(person=person, agent=agent, address=address, at=at)
        if is_new:
            record(NewDeviceSignedIn(person_id=person.pk, device=family(agent)), at=at)
    return is_new


def forget_devices(*, at: datetime) -> int:
    """Delete what nobody signed in with for so long that it counts as new, and return how many."""
    forgotten, _by_table = Device.objects.filter(seen_at__lt=at - KNOWN_FOR).delete()
    return forgotten
