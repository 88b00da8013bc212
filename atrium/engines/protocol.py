"""What an engine that answers must be able to do for us."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class EngineTrouble(Exception):
    """The engine did not answer as it should. ``said`` is fit to show.

    ``retry_after`` is in how many seconds it may answer again, where that is known.
    """

    def __init__(self, said: str, *, retry_after: float | None = None) -> None:
        super().__init__(said)
        self.said = said
        self.retry_after = retry_after


class EngineBusy(EngineTrouble):
    """Trying again may help."""


class EngineRefused(EngineTrouble):
    """Trying again will not help."""


class EngineUnfit(EngineRefused):
    """It does not know the model, or us: another engine may do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that an answer may quote. ``ref`` comes back in the quote.

    ``place_of`` says where given words of it stand: a page, a line, a moment. One that
    ``is_ours`` is of the house's handbook, and no file of the asker's.
    """

    ref: int | str
    title: str
    text: str
    place_of: Callable[[str], str]
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that belongs to a question, as its bytes."""

    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One earlier turn."""

    role: str  # "user" or "assistant"
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """All that an engine is given for one answer.

    It ``has_files`` when the asker gave some, also where none of their passages fits.
    """

    text: str
    system: str = ""
    pictures: tuple[Picture, ...] = ()
    sources: tuple[Source, ...] = ()
    has_files: bool = False
    history: tuple[Message, ...] = ()
    language: str = "en"
    most_tokens: int = 1024
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The next piece of what the engine thinks to itself, shown apart from the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer rests on ``source`` and uses these very words of it."""

    number: int
    ref: int | str
    words: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the engine says it used; our own count stands where it says nothing or too much."""

    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The next piece of a call that the asker shall make: the first has ``id`` and ``name``,
    all have what comes next of the JSON of its arguments."""

    number: int
    arguments: str = ""
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """Why the answer ended, in OpenAI's word: stop, length, tool_calls or content_filter."""

    reason: str


Piece = Text | Reasoning | Quote | ToolCall | Ended | Usage


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer in OpenAI's shape, of which the head is there; the body comes as it is written.

    Whoever takes it calls ``leave``, read to its end or not: that ends it at the provider.
    Reading raises EngineTrouble when the engine breaks off.
    """

    status: int
    headers: Mapping[str, str]
    body: AsyncIterator[bytes]
    is_stream: bool
    leave: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, gathered from its pieces."""

    text: str
    quotes: tuple[Quote, ...] = field(default=())
    usage: Usage | None = None


class Engine(Protocol):
    def answer(self, question: Question) -> AsyncIterator[Piece]:
        """Yield the answer piece by piece, until it ends or its iterator is closed.

        :raises EngineTrouble: when the outside fails; anything else is a fault of ours
        """
        ...

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Answer a body of OpenAI's ``chat/completions``, whatever model it names.

        A status of 400 and more is the provider's own word on what was asked.

        :raises EngineTrouble: when the outside fails before the answer has begun
        """
        ...
