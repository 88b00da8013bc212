"""``POST /v1/responses``: text and tools, asked of the same engines; nothing of it is kept."""

from typing import Any

from atrium.compat import asked
from atrium.compat.asked import Asked
from atrium.compat.completions import ask, hold, whole_of
from atrium.compat.errors import trouble_of
from atrium.compat.exchange import EVENTS, Exchange, read_with, while_there
from atrium.compat.heard import Heard
from atrium.compat.responses_asked import read_response
from atrium.compat.responses_written import Written
from atrium.compat.switchboard import Serving, switchboard, unbroken
from atrium.engines.protocol import Completion, EngineTrouble, Usage


async def responses(exchange: Exchange) -> None:
    """Answer one call."""
    body, wanted = await read_with(_read, await exchange.body())
    with switchboard.place_for(exchange.caller):
        await while_there(exchange, _answer(exchange, body, wanted))


def _read(raw: bytes) -> tuple[dict[str, Any], Asked]:
    body = asked.json_of(raw)
    return body, read_response(body)


async def _answer(exchange: Exchange, body: dict[str, Any], wanted: Asked) -> None:
    heard = Heard()
    serving = await hold(exchange, wanted, heard)
    await switchboard.serve(serving, _relay(exchange, body, wanted, serving, heard))


async def _relay(
    exchange: Exchange, body: dict[str, Any], wanted: Asked, serving: Serving, heard: Heard
) -> None:
    written = Written(body, exchange.id.hex)
    completion = await ask(serving, wanted.as_sent_on())
    try:
        if completion.status >= 300:
            told = await whole_of(completion)
            await exchange.answer(told, status=completion.status)
        elif completion.is_stream:
            await _stream(exchange, completion, serving, heard, written)
        else:
            await _whole(exchange, completion, serving, heard, written)
    except EngineTrouble as trouble:
        raise trouble_of(trouble) from trouble
    finally:
        await completion.leave()


async def _whole(
    exchange: Exchange, completion: Completion, serving: Serving, heard: Heard, written: Written
) -> None:
    heard.read_whole(await whole_of(completion))
    answer = heard.frames[0]
    heard.written()
    serving.has_delivered = True
    await unbroken(switchboard.end(serving))
    await exchange.answer_json(written.whole(answer, _used(serving)))


async def _stream(
    exchange: Exchange, completion: Completion, serving: Serving, heard: Heard, written: Written
) -> None:
    async for piece in completion.body:
        heard.take(piece)
        await _give(exchange, serving, heard, written)
        if heard.ending or heard.trouble:
            break
    heard.finish()
    await _give(exchange, serving, heard, written)
    if heard.trouble:
        raise heard.trouble
    await unbroken(switchboard.end(serving))
    await exchange.give(written.end(_used(serving)), more=False)


async def _give(exchange: Exchange, serving: Serving, heard: Heard, written: Written) -> None:
    if not heard.frames:
        return
    if not exchange.has_begun:
        await exchange.begin(200, kind=EVENTS, headers=[(b"x-accel-buffering", b"no")])
        await exchange.give(written.begin())
    if events := b"".join([written.add(frame) for frame in heard.frames]):
        await exchange.give(events)
        serving.has_delivered = True
    heard.written()


def _used(serving: Serving) -> Usage:
    """Return what the engine says it used, or our own count where it says nothing."""
    own = serving.so_far()
    return serving.usage() or Usage(tokens_in=own.tokens_in, tokens_out=own.tokens_out)
