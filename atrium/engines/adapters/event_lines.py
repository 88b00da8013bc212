"""Server-sent events as engines send them: split anywhere, with comments, and not always well."""

from collections.abc import AsyncGenerator, AsyncIterable

from django.utils.translation import gettext as _

from atrium.engines.protocol import EngineBusy
from atrium.kit.limits import LIMITS


class LineTooLong(EngineBusy):
    """A line of the stream has no end."""

    def __init__(self) -> None:
        super().__init__(_("A line of the engine’s answer has no end."))


async def data_of(pieces: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """Yield the data of each event: bytes, since a character may be split between two pieces.

    :raises LineTooLong: before a line without an end fills the memory
    """
    rest = b""
    data: list[bytes] = []
    async for piece in pieces:
        rest += piece
        *lines, rest = rest.split(b"\n")
        if len(rest) > LIMITS.engine_line_bytes:
            raise LineTooLong
        for line in lines:
            told = line.removesuffix(b"\r")
            if not told:
                if data:
                    yield b"\n".join(data)
                data = []
            elif told.startswith(b"data:"):
                data.append(told.removeprefix(b"data:").removeprefix(b" "))
    # Some leave out the last empty line.
    if rest.startswith(b"data:"):
        data.append(rest.removeprefix(b"data:").removeprefix(b" ").removesuffix(b"\r"))
    if data:
        yield b"\n".join(data)
