"""People, guests, and what lets them in."""

from atrium.people.models.attempt import Attempt
from atrium.people.models.cached import CachedValue
from atrium.people.models.claim import UNDO_WITHIN, Claim, ClaimCount, ClaimQuerySet
from atrium.people.models.first_admin import FirstAdminLink
from atrium.people.models.guest import Guest
from atrium.people.models.invitation import Invitation
from atrium.people.models.joining import Joining
from atrium.people.models.key import ApiKey, ApiKeyQuerySet
from atrium.people.models.mailed_link import MailedLink, MailedLinkQuerySet
from atrium.people.models.owned import Owned, OwnedQuerySet
from atrium.people.models.portrait import Portrait, PortraitQuerySet
from atrium.people.models.refresh_token import (
    RefreshToken,
    TokenFamily,
    TokenFamilyQuerySet,
)
from atrium.people.models.rescue_code import RescueCode
from atrium.people.models.reserved_name import ReservedName
from atrium.people.models.session import Device, Session, SessionQuerySet
from atrium.people.models.sign_in_provider import SignInProvider, SignInProviderQuerySet
from atrium.people.models.suspension import Suspension, SuspensionQuerySet
from atrium.people.models.terms import TermsAcceptance, TermsVersion
from atrium.people.models.used_code import UsedCode
from atrium.people.models.user import User, UserManager

__all__ = [
    "UNDO_WITHIN",
    "ApiKey",
    "ApiKeyQuerySet",
    "Attempt",
    "CachedValue",
    "Claim",
    "ClaimCount",
    "ClaimQuerySet",
    "Device",
    "FirstAdminLink",
    "Guest",
    "Invitation",
    "Joining",
    "MailedLink",
    "MailedLinkQuerySet",
    "Owned",
    "OwnedQuerySet",
    "Portrait",
    "PortraitQuerySet",
    "RefreshToken",
    "RescueCode",
    "ReservedName",
    "Session",
    "SessionQuerySet",
    "SignInProvider",
    "SignInProviderQuerySet",
    "Suspension",
    "SuspensionQuerySet",
    "TermsAcceptance",
    "TermsVersion",
    "TokenFamily",
    "TokenFamilyQuerySet",
    "UsedCode",
    "User",
    "UserManager",
]
