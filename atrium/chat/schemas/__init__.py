"""What the API takes and gives of chats."""

from atrium.chat.schemas.turns import (
    WISHES,
    AgainIn,
    AskedOut,
    ChatOut,
    ChatPage,
    ChatWithTurns,
    CitationOut,
    DocumentOut,
    FillingOut,
    QuestionIn,
    ReceiptOut,
    TitleIn,
    TurnOut,
    WishesOut,
)

__all__ = [
    "WISHES",
    "AgainIn",
    "AskedOut",
    "ChatOut",
    "ChatPage",
    "ChatWithTurns",
    "CitationOut",
    "DocumentOut",
    "FillingOut",
    "QuestionIn",
    "ReceiptOut",
    "TitleIn",
    "TurnOut",
    "WishesOut",
]
