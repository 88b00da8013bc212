"""Engines asked through OpenAI's shape of a question, which they translate from and back into."""

import base64
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from atrium.engines.adapters.quoting import Quoting, with_sources
from atrium.engines.as_openai import completion_of
from atrium.engines.models import Model
from atrium.engines.protocol import Completion, Ended, Picture, Piece, Question, Text


class Translating(ABC):
    """Asks one model of one provider, which answers in pieces."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def remote_name(self) -> str:
        return self.model.remote_name or self.model.slug

    @abstractmethod
    def pieces(self, body: dict[str, Any]) -> AsyncGenerator[Piece]:
        """Yield the answer to a body as OpenAI has it.

        :raises EngineTrouble: when the server is not there, refuses, or breaks off
        """

    async def answer(self, question: Question) -> AsyncGenerator[Piece]:
        """Yield the answer as the server streams it, and in the end what it rests on.

        :raises EngineTrouble: when the server is not there, refuses, or breaks off
        """
        quoting = Quoting(question)
        with override(question.language):
            async with aclosing(self.pieces(body_of(question))) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Text):
                        quoting.add(piece.text)
                    yield piece
                    if piece == Ended("content_filter"):
                        yield Text(_("The provider's filter ended this answer."))
            for quote in quoting.quotes():
                yield quote

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Answer in OpenAI's shape, as a stream or whole.

        :raises EngineTrouble: when the server is not there, or refuses
        """
        return await completion_of(self.pieces(body), body, model=self.model.slug)


def body_of(question: Question) -> dict[str, Any]:
    """Return the conversation as OpenAI has it, with what may be quoted in front."""
    messages: list[dict[str, Any]] = []
    if system := with_sources(question):
        messages.append({"role": "system", "content": system})
    messages += [
        {"role": said.role, "content": _content(said.text, said.pictures)}
        for said in question.history
    ]
    messages.append({"role": "user", "content": _content(question.text, question.pictures)})
    body = {"messages": messages, "max_tokens": question.most_tokens}
    return body if question.temperature is None else {**body, "temperature": question.temperature}


def _content(text: str, pictures: tuple[Picture, ...]) -> Any:
    if not pictures:
        return text
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}]
    return parts + [
        {"type": "image_url", "image_url": {"url": _as_url(picture.mime, picture.data)}}
        for picture in pictures
    ]


def _as_url(mime: str, data: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
