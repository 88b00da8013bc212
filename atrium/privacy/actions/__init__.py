"""What can be done about a copy of somebody's data, and about its end."""

from atrium.privacy.actions.erasures import (
    AlreadyErasing,
    ask_erasure,
    begin_due,
    begin_erasure,
    erase_again,
    finish_erasure,
    forget_guest,
    keep_account,
    note_told,
)
from atrium.privacy.actions.exports import (
    NothingOfYours,
    ask_export,
    break_glass,
    call_off_export,
    end_export,
    expire_exports,
    finish_export,
    foretell,
    make_again,
    note_download,
)

__all__ = [
    "AlreadyErasing",
    "NothingOfYours",
    "ask_erasure",
    "ask_export",
    "begin_due",
    "begin_erasure",
    "break_glass",
    "call_off_export",
    "end_export",
    "erase_again",
    "expire_exports",
    "finish_erasure",
    "finish_export",
    "foretell",
    "forget_guest",
    "keep_account",
    "make_again",
    "note_download",
    "note_told",
]
