"""What the API takes and gives of chats."""

from atrium.chat.schemas.turns import (
    AskedOut,
    ChatOut,
    ChatPage,
    ChatWithTurns,
    CitationOut,
    DocumentOut,
    QuestionIn,
    ReceiptOut,
    TitleIn,
    TurnOut,
)

__all__ = [
    "AskedOut",
    "ChatOut",
    "ChatPage",
    "ChatWithTurns",
    "CitationOut",
    "DocumentOut",
    "QuestionIn",
    "ReceiptOut",
    "TitleIn",
    "TurnOut",
]
