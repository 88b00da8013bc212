"""What the audit list says of a person, in words for that person."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from atrium.audit.models import AuditEntry
from atrium.people.models import ApiKey, User

Words = Callable[[dict[str, Any]], str]

_WORDS: dict[str, Words] = {
    "people.signed_up": lambda said: _("The account was made."),
    "people.account_created": lambda said: _("The account was made."),
    "people.guest_claimed": lambda said: _("What was made as a guest came along."),
    "people.claim_undone": lambda said: _("What came along from a guest went back."),
    "people.password_changed": lambda said: _("The password was changed."),
    "people.address_added": lambda said: _("A mail address was added."),
    "people.address_confirmed": lambda said: _("A mail address was confirmed."),
    "people.address_changed": lambda said: _("Mail goes to another address now."),
    "people.address_removed": lambda said: _("A mail address was removed."),
    "people.rescue_codes_made": lambda said: _("New rescue codes were made."),
    "people.token_reused": lambda said: _(
        "An app was signed out, because an old token of it was used again."
    ),
    "people.app_added": lambda said: _("Codes of an app were turned on."),
    "people.app_removed": lambda said: _("Codes of an app were turned off."),
    "people.passkey_added": lambda said: _("A passkey was added."),
    "people.passkey_removed": lambda said: _("A passkey was removed."),
    "people.codes_made": lambda said: _("New recovery codes were made."),
    "people.code_used": lambda said: _("A recovery code was used."),
    "people.tried": lambda said: _("Too many wrong codes were tried."),
    "people.second_factor_taken": lambda said: _("The second step was taken away."),
    "people.key_issued": lambda said: _("A key was made: “{name}”.").format(name=said["name"]),
    "people.key_revoked": lambda said: _("A key was revoked: “{name}”.").format(name=said["name"]),
    "people.provider_connected": lambda said: _("A sign-in was connected: {name}.").format(
        name=said["provider"]
    ),
    "people.provider_disconnected": lambda said: _("A sign-in was disconnected: {name}.").format(
        name=said["provider"]
    ),
    "person.suspended": lambda said: _("The account was suspended."),
    "person.readmitted": lambda said: _("The account was opened again."),
    "person.role_given": lambda said: _("The role was changed: {old} → {new}.").format(
        old=_role(said["old"]), new=_role(said["new"])
    ),
    "people.came_invited": lambda said: _("The account was made by invitation."),
    "person.let_in": lambda said: _("The account was let in."),
    "person.declined": lambda said: _("The account was not let in."),
}


def word(action: str, words: Words) -> None:
    """Say how a room's own deed to a person's account reads."""
    _WORDS[action] = words


def say_of(action: str, words: Words) -> None:
    """Let a room above say what its own entries about a person mean to that person."""
    _WORDS[action] = words


def said_of(entry: AuditEntry) -> str:
    """Say what was done."""
    words = _WORDS.get(entry.action)
    return words(_told(entry)) if words else _("Something was changed.")


def _told(entry: AuditEntry) -> dict[str, Any]:
    """Return the details; a key's name stands with the key alone, and goes with it."""
    if entry.about_kind != "key":
        return entry.detail
    names = ApiKey.objects.filter(pk=entry.about_id).values_list("name", flat=True)
    return {"name": names.first() or "—", **entry.detail}


def doer_of(entry: AuditEntry, person: User) -> str:
    """Return ``you``, ``staff``, ``operator`` or ``house``: staff are not named to the public."""
    if entry.by == f"person:{person.pk}":
        return "you"
    kind = entry.by.partition(":")[0]
    return {"person": "staff", "console": "operator"}.get(kind, "house")


def who_did(entry: AuditEntry, person: User) -> str:
    """Name the doer as ``doer_of`` tells them apart."""
    return {
        "you": _("You"),
        "staff": _("Staff of this house"),
        "operator": _("The operator of this house"),
        "house": _("The house itself"),
    }[doer_of(entry, person)]


def _role(told: dict[str, Any]) -> str:
    role, areas = told["role"], told.get("areas") or []
    named = str(User.Role(role).label) if role in User.Role.values else str(role)
    return ", ".join([named, *(_(area.capitalize()) for area in areas)])
