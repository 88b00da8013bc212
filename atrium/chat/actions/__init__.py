"""What can be done with chats and with what is said in them."""

from atrium.chat.actions.chats import (
    TooManyFiles,
    attach,
    delete_chat,
    purge_chats,
    rename_chat,
    restore_chat,
    start_chat,
)
from atrium.chat.actions.endings import abandon_call, abandon_turns, finish_turn
from atrium.chat.actions.turns import (
    LEASE,
    LONGEST_QUESTION,
    Begun,
    QuestionEmpty,
    QuestionTooLong,
    StillWriting,
    TooManyAnswers,
    TooManyVersions,
    begin_turn,
)
from atrium.chat.actions.versions import answer_again, choose
from atrium.chat.actions.wishes import (
    Wishes,
    change_preset,
    make_preset,
    remove_preset,
    set_wishes,
    take_preset,
)

__all__ = [
    "LEASE",
    "LONGEST_QUESTION",
    "Begun",
    "QuestionEmpty",
    "QuestionTooLong",
    "StillWriting",
    "TooManyAnswers",
    "TooManyFiles",
    "TooManyVersions",
    "Wishes",
    "abandon_call",
    "abandon_turns",
    "answer_again",
    "attach",
    "begin_turn",
    "change_preset",
    "choose",
    "delete_chat",
    "finish_turn",
    "make_preset",
    "purge_chats",
    "remove_preset",
    "rename_chat",
    "restore_chat",
    "set_wishes",
    "start_chat",
    "take_preset",
]
