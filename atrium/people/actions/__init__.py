"""Everything that can be done about people, guests, their sessions and their keys."""

from atrium.people.actions.accounts import (
    NameTaken,
    NotAnAccount,
    WrongPassword,
    change_password,
    change_profile,
    create_account,
    sign_up,
)
from atrium.people.actions.claims import (
    CannotUndo,
    claim_guest,
    gather_claimed,
    undo_claim,
)
from atrium.people.actions.devices import forget_devices, note_sign_in, see_device
from atrium.people.actions.first_admin import (
    LinkSpent,
    check_first_admin_link,
    first_admin_link,
    make_first_admin,
)
from atrium.people.actions.guests import (
    TooManyGuests,
    see_guest,
    welcome_guest,
)
from atrium.people.actions.keys import (
    TooManyKeys,
    UnknownScope,
    issue_key,
    revoke_key,
    revoke_keys_of,
    see_key,
)
from atrium.people.actions.reopening import open_all_that_are_over, open_when_over
from atrium.people.actions.sign_in import (
    TooManyTries,
    WrongNameOrPassword,
    end_session,
    recognise,
    see_person,
    sign_out_everywhere,
)
from atrium.people.actions.standing import give_role, lift_suspension, suspend
from atrium.people.actions.token_families import (
    RefreshRefused,
    Tokens,
    end_family,
    forget_families,
    open_family,
    refresh,
    see_family,
)
from atrium.people.actions.vouched import (
    ConnectedElsewhere,
    LastWayIn,
    disconnect_provider,
    note_connected,
    sign_up_vouched,
)

__all__ = [
    "CannotUndo",
    "ConnectedElsewhere",
    "LastWayIn",
    "LinkSpent",
    "NameTaken",
    "NotAnAccount",
    "RefreshRefused",
    "Tokens",
    "TooManyGuests",
    "TooManyKeys",
    "TooManyTries",
    "UnknownScope",
    "WrongNameOrPassword",
    "WrongPassword",
    "change_password",
    "change_profile",
    "check_first_admin_link",
    "claim_guest",
    "create_account",
    "disconnect_provider",
    "end_family",
    "end_session",
    "first_admin_link",
    "forget_devices",
    "forget_families",
    "gather_claimed",
    "give_role",
    "issue_key",
    "lift_suspension",
    "make_first_admin",
    "note_connected",
    "note_sign_in",
    "open_all_that_are_over",
    "open_family",
    "open_when_over",
    "recognise",
    "refresh",
    "revoke_key",
    "revoke_keys_of",
    "see_device",
    "see_family",
    "see_guest",
    "see_key",
    "see_person",
    "sign_out_everywhere",
    "sign_up",
    "sign_up_vouched",
    "suspend",
    "undo_claim",
    "welcome_guest",
]
