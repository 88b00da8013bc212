"""What people keep of somebody: the account itself, and what lets its person in."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.people.actions.leaving import empty_account, empty_guest, tries_of
from atrium.people.belongings import (
    Belonging,
    KeptFile,
    Part,
    Rule,
    Whose,
    delete_some,
    nobodys,
    register,
)
from atrium.people.models import (
    ApiKey,
    Attempt,
    Claim,
    ClaimCount,
    Device,
    Guest,
    Invitation,
    Joining,
    MailedLink,
    Portrait,
    RefreshToken,
    RescueCode,
    Session,
    Suspension,
    TermsAcceptance,
    TokenFamily,
    UsedCode,
    User,
)

_COUNTS = _("They are counts of tries, and go within a day.")
_SECRETS = _("It holds what lets you in, and nothing else.")


def _tries(whose: Whose) -> "QuerySet[Attempt]":
    of_guests = Q(pk__in=[])
    for key in whose.ids:
        of_guests |= Q(bucket__contains=key)
    return Attempt.objects.filter(of_guests | tries_of(whose.person) if whose.person else of_guests)


def _erase_invitations(whose: Whose, *, at: datetime) -> int:
    """Delete those they made, and take their address out of those that others made for them."""
    named = Invitation.objects.filter(for_email__in=whose.addresses)
    return delete_some(_invitations(whose)) or named.update(for_email="", note="")


def _invitations(whose: Whose) -> "QuerySet[Invitation]":
    return Invitation.objects.filter(whose.is_theirs("made_by"))


def _guests(whose: Whose) -> "QuerySet[Guest]":
    return Guest.objects.filter(pk__in=whose.guest_ids)


def _empty_guests(whose: Whose, *, at: datetime) -> int:
    return sum(empty_guest(guest_id=key) for key in whose.guest_ids[:])


def _person(whose: Whose) -> "QuerySet[User]":
    return User.objects.filter(pk__in=[whose.person.pk] if whose.person else [])


def _empty_account(whose: Whose, *, at: datetime) -> int:
    return int(empty_account(person=whose.person, at=at)) if whose.person else 0


def _of_allauth(app: str, name: str, title: Any, path: str, **told: Any) -> Belonging:
    table = apps.get_model(app, name)
    every = table._default_manager  # noqa: SLF001
    return Belonging(
        table=table, title=title, of=lambda whose: every.filter(whose.is_theirs(path)), **told
    )


def _ways_in() -> tuple[Belonging, ...]:
    return (
        Belonging(
            table=Session,
            title=_("Browsers"),
            of=lambda whose: Session.objects.filter(
                person_id_text__in=[str(whose.person.pk)] if whose.person else []
            ),
            told=("agent", "place", "made_at", "seen_at", "expires_at"),
        ),
        Belonging(
            table=RefreshToken,
            title=_("Tokens of apps"),
            of=lambda whose: RefreshToken.objects.filter(whose.is_theirs("family__person")),
            not_told=_SECRETS,
        ),
        Belonging(
            table=TokenFamily,
            title=_("Apps"),
            of=lambda whose: TokenFamily.objects.filter(whose.is_theirs("person")),
            told=("agent", "place", "made_at", "seen_at", "ended_at", "ended_why"),
        ),
        Belonging(
            table=Device,
            title=_("Devices"),
            of=lambda whose: Device.objects.filter(whose.is_theirs("person")),
            told=("seen_at",),
        ),
        Belonging(
            table=ApiKey,
            title=_("Keys for programs"),
            of=lambda whose: ApiKey.objects.filter(whose.is_theirs("person")),
            told=("name", "scopes", "made_at", "expires_at", "last_used_at", "revoked_at"),
        ),
        Belonging(
            table=UsedCode,
            title=_("The last code of the second factor"),
            of=lambda whose: UsedCode.objects.filter(whose.is_theirs("person")),
            not_told=_SECRETS,
        ),
    )


def _proofs() -> tuple[Belonging, ...]:
    return (
        Belonging(
            table=MailedLink,
            title=_("Links sent by mail"),
            of=lambda whose: MailedLink.objects.filter(whose.is_theirs("person")),
            told=("opens", "made_at", "expires_at", "used_at"),
        ),
        Belonging(
            table=RescueCode,
            title=_("Rescue codes"),
            of=lambda whose: RescueCode.objects.filter(whose.is_theirs("person")),
            not_told=_SECRETS,
        ),
        Belonging(table=Attempt, title=_("Tries counted"), of=_tries, not_told=_COUNTS),
        _of_allauth(
            "account",
            "EmailConfirmation",
            _("Confirmations of addresses"),
            "email_address__user",
            not_told=_SECRETS,
        ),
        _of_allauth(
            "account",
            "EmailAddress",
            _("Mail addresses"),
            "user",
            told=("email", "verified", "primary"),
        ),
        _of_allauth(
            "socialaccount",
            "SocialToken",
            _("Tokens of connected sign-ins"),
            "account__user",
            not_told=_SECRETS,
        ),
        _of_allauth(
            "socialaccount",
            "SocialAccount",
            _("Connected sign-ins"),
            "user",
            told=("provider", "uid", "extra_data", "last_login", "date_joined"),
        ),
        _of_allauth(
            "mfa",
            "Authenticator",
            _("Second factors and passkeys"),
            "user",
            told=("type", "created_at", "last_used_at"),
        ),
    )


def _portraits(whose: Whose) -> "QuerySet[Portrait]":
    return Portrait.objects.filter(whose.is_theirs("person"))


def _picture(whose: Whose) -> Iterator[KeptFile]:
    for portrait in _portraits(whose):
        pieces = [bytes(portrait.content)]
        yield KeptFile(name="picture.webp", size=len(pieces[0]), read=partial(iter, pieces))


def _standing() -> tuple[Belonging, ...]:
    return (
        Belonging(
            table=Suspension,
            title=_("Suspensions"),
            of=lambda whose: Suspension.objects.filter(whose.is_theirs("person")),
            told=("reason", "made_at", "until", "ended_at"),
        ),
        Belonging(
            table=Joining,
            title=_("How they came in"),
            of=lambda whose: Joining.objects.filter(whose.is_theirs("person")),
            told=("waits_for", "asked_at", "decided_at", "is_declined", "sentence"),
        ),
        Belonging(
            table=Invitation,
            title=_("Invitations"),
            of=_invitations,
            told=("made_at", "expires_at", "for_email", "uses", "uses_left", "note", "revoked_at"),
            erase=_erase_invitations,
        ),
        Belonging(
            table=TermsAcceptance,
            title=_("Terms that they agreed to"),
            of=lambda whose: TermsAcceptance.objects.filter(by__in=whose.audiences),
            told=("version__kind", "version__number", "at"),
            rule=Rule.PSEUDONYM,
            why=_("It proves what was agreed, and holds no name."),
        ),
        Belonging(
            table=ClaimCount,
            title=_("What came along from a guest, counted"),
            of=lambda whose: ClaimCount.objects.filter(whose.is_theirs("claim__person")),
            told=("claim_id", "what", "rows", "gone_back"),
        ),
        Belonging(
            table=Claim,
            title=_("What came along from a guest"),
            of=lambda whose: Claim.objects.filter(whose.is_theirs("person")),
            told=("id", "guest_id", "claimed_at", "undone_at"),
        ),
        Belonging(
            table=Guest,
            title=_("Visits as a guest"),
            of=_guests,
            told=("id", "first_seen_at", "last_seen_at", "claimed_at"),
            rule=Rule.ANONYMISED,
            why=_("Receipts name the number. The cookie opens nothing any more."),
            erase=_empty_guests,
        ),
    )


def _shown() -> Belonging:
    return Belonging(table=Portrait, title=_("The picture"), of=_portraits, told=("kept_at",))


def _account() -> Belonging:
    return Belonging(
        table=User,
        title=_("The account"),
        of=_person,
        told=(
            *("id", "username", "display_name", "bio", "email", "role", "staff_areas"),
            *("language", "theme", "time_zone", "joined_at", "last_seen_at"),
            *("anonymous_since", "leaves_at"),
        ),
        rule=Rule.ANONYMISED,
        why=_("Only its number stays, which the books name. The name is free after 30 days."),
        erase=_empty_account,
    )


register(
    Part(
        key="people",
        reading=10,
        title=_("The account"),
        order=900,
        files=_picture,
        belongings=(*_ways_in(), *_proofs(), *_standing(), _shown(), _account()),
    )
)
nobodys("people.FirstAdminLink", _("The link for the first administrator, as a hash."))
nobodys("people.ReservedName", _("Names that nobody takes for 30 days, as keyed hashes."))
nobodys("people.CachedValue", _("Counts of tries to sign in, for some minutes."))
nobodys("people.SignInProvider", _("The operator’s keys at other houses, sealed."))
nobodys("people.TermsVersion", _("The house’s own texts."))
nobodys("socialaccount.SocialApp", _("Unused: the house keeps sign-in providers itself."))
nobodys("contenttypes.ContentType", _("The names of tables."))
for _label in ("auth.Group", "auth.Group_permissions", "auth.Permission"):
    nobodys(_label, _("Django’s own list of rights, which the house does not use."))
