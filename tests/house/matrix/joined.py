"""What joining keeps of somebody and of the house, and what addresses call it."""

from datetime import timedelta

from atrium.kit import clock, tokens
from atrium.notifications.actions import announce
from atrium.notifications.models import Announcement, Dismissal
from atrium.people.models import Invitation, Joining, TermsVersion, User


def joined(person: User) -> dict[str, str]:
    """Make an invitation of the person's, a request of theirs to join, and a read announcement."""
    now, token = clock.now(), tokens.mint("invite")
    invitation = Invitation.objects.create(
        made_by=person,
        made_at=now,
        expires_at=now + timedelta(days=1),
        token_hash=tokens.digest(token),
        note="For a friend",
    )
    Joining.objects.create(
        person=person, waits_for=Joining.WaitsFor.APPROVAL, sentence="Well.", asked_at=now
    )
    read = Announcement.objects.create(
        text="It is over.", begins_at=now, made_at=now, made_by="system", withdrawn_at=now
    )
    Dismissal.objects.create(person=person, announcement=read, at=now)
    return {
        "join": token,
        "invitation_id": str(invitation.pk),
        "people.invitation": str(invitation.pk),
        "people.joining": str(person.pk),
    }


def said_to_all() -> dict[str, str]:
    """Make terms in force that stand in nobody's way, a draft, and an announcement."""
    now = clock.now()
    TermsVersion.objects.create(
        kind="terms",
        number=1,
        text="Be kind.",
        needs_acceptance=False,
        made_at=now,
        published_at=now,
        published_by="system",
    )
    TermsVersion.objects.create(
        kind="privacy",
        number=1,
        text="We keep little.",
        needs_acceptance=False,
        made_at=now,
        published_at=now,
        published_by="system",
    )
    draft = TermsVersion.objects.create(kind="terms", number=2, text="Be kinder.", made_at=now)
    announced = announce(text="We move on Sunday.", by="system", at=now)
    return {
        "announcement_id": str(announced.pk),
        "notifications.announcement": str(announced.pk),
        "people.termsversion": str(draft.pk),
    }
