"""What lies about of somebody's mail and lost passwords."""

from allauth.account.models import EmailAddress

from atrium.kit import clock
from atrium.people.actions import make_confirm_link, make_rescue_codes
from atrium.people.actions.mailed_links import make_link
from atrium.people.models import MailedLink, User


def mailed(person: User) -> dict[str, str]:
    """Give the person an address still to be confirmed, its link, and rescue codes."""
    now = clock.now()
    address = EmailAddress.objects.create(user=person, email=f"{person.username}@new.example")
    make_rescue_codes(person=person, at=now)
    link = make_confirm_link(address=address, at=now)
    reset = make_link(address=address, opens=MailedLink.Opens.RESET, at=now)
    return {"address_id": str(address.pk), "key": link, "reset": reset}
