"""Answers handed on as they come, of engines that speak OpenAI's protocol already."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from atrium.engines.adapters.asking import broke_off, is_theirs, opened
from atrium.engines.protocol import Completion
from atrium.kit.http import FetchFailed
from atrium.kit.limits import LIMITS
from atrium.kit.lines_out import Answering


async def relayed(url: str, *, headers: Mapping[str, str], body: bytes | Path) -> Completion:
    """Ask, and hand on the answer, or what the provider finds wrong with the question.

    :raises EngineTrouble: when it is not there, too busy, or speaks of our key or bill
    """
    line = AsyncExitStack()
    answering = await line.enter_async_context(
        opened(url, headers=headers, body=body, takes=is_theirs)
    )
    kind = answering.headers.get("content-type", "application/json")
    return Completion(
        status=answering.status,
        headers={"content-type": kind},
        body=_pieces(answering, line),
        is_stream=kind.startswith("text/event-stream"),
        leave=line.aclose,
    )


async def _pieces(answering: Answering, line: AsyncExitStack) -> AsyncIterator[bytes]:
    is_answer = answering.status < 300  # what is wrong with a question is said in fewer words
    most = LIMITS.engine_answer_bytes if is_answer else LIMITS.engine_line_bytes
    try:
        async for piece in answering.pieces(most=most):
            yield piece
    except FetchFailed as trouble:
        raise broke_off() from trouble
    finally:
        await line.aclose()
