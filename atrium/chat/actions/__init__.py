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
from atrium.chat.actions.turns import (
    LEASE,
    LONGEST_QUESTION,
    Begun,
    QuestionEmpty,
    QuestionTooLong,
    StillWriting,
    TooManyAnswers,
    abandon_call,
    abandon_turns,
    begin_turn,
    finish_turn,
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
    "abandon_call",
    "abandon_turns",
    "attach",
    "begin_turn",
    "delete_chat",
    "finish_turn",
    "purge_chats",
    "rename_chat",
    "restore_chat",
    "start_chat",
]
