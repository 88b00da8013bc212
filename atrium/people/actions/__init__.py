"""Everything that can be done about people, guests, their sessions and their keys."""

from atrium.people.actions.accounts import (
    NameTaken,
    change_profile,
    create_account,
    sign_up,
)
from atrium.people.actions.app_sign_in import SecondFactorNeeded, sign_in_app
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
    KeySpent,
    TooManyKeys,
    UnknownScope,
    give_back_to_key,
    issue_key,
    revoke_key,
    revoke_keys_of,
    see_key,
    spend_with_key,
)
from atrium.people.actions.letters import write_to
from atrium.people.actions.mail_addresses import (
    AddressNeeded,
    AddressTaken,
    add_address,
    confirm_address,
    make_confirm_link,
    make_primary,
    remove_address,
    send_confirmation,
)
from atrium.people.actions.mailed_links import LinkGone, check_link, forget_links
from atrium.people.actions.passwords import (
    NotAnAccount,
    WrongPassword,
    change_password,
    check_password,
)
from atrium.people.actions.reopening import open_all_that_are_over, open_when_over
from atrium.people.actions.reset import (
    WrongNameOrCode,
    ask_for_reset,
    check_reset_link,
    make_rescue_codes,
    make_reset_link,
    rescue,
    reset_password,
)
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
    "AddressNeeded",
    "AddressTaken",
    "CannotUndo",
    "ConnectedElsewhere",
    "KeySpent",
    "LastWayIn",
    "LinkGone",
    "LinkSpent",
    "NameTaken",
    "NotAnAccount",
    "RefreshRefused",
    "SecondFactorNeeded",
    "Tokens",
    "TooManyGuests",
    "TooManyKeys",
    "TooManyTries",
    "UnknownScope",
    "WrongNameOrCode",
    "WrongNameOrPassword",
    "WrongPassword",
    "add_address",
    "ask_for_reset",
    "change_password",
    "change_profile",
    "check_first_admin_link",
    "check_link",
    "check_password",
    "check_reset_link",
    "claim_guest",
    "confirm_address",
    "create_account",
    "disconnect_provider",
    "end_family",
    "end_session",
    "first_admin_link",
    "forget_devices",
    "forget_families",
    "forget_links",
    "gather_claimed",
    "give_back_to_key",
    "give_role",
    "issue_key",
    "lift_suspension",
    "make_confirm_link",
    "make_first_admin",
    "make_primary",
    "make_rescue_codes",
    "make_reset_link",
    "note_connected",
    "note_sign_in",
    "open_all_that_are_over",
    "open_family",
    "open_when_over",
    "recognise",
    "refresh",
    "remove_address",
    "rescue",
    "reset_password",
    "revoke_key",
    "revoke_keys_of",
    "see_device",
    "see_family",
    "see_guest",
    "see_key",
    "see_person",
    "send_confirmation",
    "sign_in_app",
    "sign_out_everywhere",
    "sign_up",
    "sign_up_vouched",
    "spend_with_key",
    "suspend",
    "undo_claim",
    "welcome_guest",
    "write_to",
]
