"""``POST /v1/chat/completions``: held, handed on, settled."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from atrium.compat import asked
from atrium.compat.actions import Wanted
from atrium.compat.asked import Asked
from atrium.compat.errors import EngineFailed, trouble_of
from atrium.compat.exchange import EVENTS, LARGE, Exchange, read_with, while_there
from atrium.compat.heard import Heard
from atrium.compat.holding import held_with_others
from atrium.compat.reaching import insist_nothing_near_is_reached
from atrium.compat.switchboard import Serving, switchboard, unbroken
from atrium.engines.protocol import Completion, EngineTrouble
from atrium.engines.registry import engine_for
from atrium.kit.offload import offload


async def chat_completions(exchange: Exchange) -> None:
    """Answer one call."""
    wanted = await read_with(_read, await exchange.body())
    with switchboard.place_for(exchange.caller):
        await while_there(exchange, _answer(exchange, wanted))


def _read(raw: bytes) -> Asked:
    return asked.read_chat(asked.json_of(raw))


async def _answer(exchange: Exchange, wanted: Asked) -> None:
    heard = Heard(hides_usage=wanted.is_stream and not wanted.tells_usage)
    serving = await hold(exchange, wanted, heard)
    await switchboard.serve(serving, _relay(exchange, wanted, serving, heard))


async def hold(exchange: Exchange, wanted: Asked, heard: Heard) -> Serving:
    """Set aside what the call may cost.

    :raises Refusal: when it will not be made
    """
    await insist_nothing_near_is_reached(wanted)
    is_large = exchange.size > LARGE
    tokens_in = await offload(wanted.tokens) if is_large else wanted.tokens()
    begun = await held_with_others(
        exchange,
        Wanted(
            slug=wanted.model,
            tokens_in=tokens_in,
            most_out=wanted.most_out,
            answers=wanted.answers,
            place=wanted.place,
        ),
    )
    return Serving(
        call_id=exchange.id,
        begun=begun,
        tokens_in=tokens_in,
        guessed=wanted.guessed(),
        said=lambda: heard.said.tokens,
        usage=lambda: heard.usage,
    )


async def _relay(exchange: Exchange, wanted: Asked, serving: Serving, heard: Heard) -> None:
    completion = await ask(serving, wanted.as_sent_on())
    try:
        if completion.is_stream and completion.status < 300:
            await _stream(exchange, completion, serving, heard)
        else:
            await _whole(exchange, completion, serving, heard)
    finally:
        await completion.leave()


async def ask(serving: Serving, body: dict[str, Any]) -> Completion:
    """Ask the engine of the model that the call was held for.

    :raises Refusal: when it does not answer
    """
    try:
        return await engine_for(serving.begun.model).complete(body)
    except EngineTrouble as trouble:
        raise trouble_of(trouble) from trouble


async def _whole(
    exchange: Exchange, completion: Completion, serving: Serving, heard: Heard
) -> None:
    body = await whole_of(completion)
    is_answer = completion.status < 300
    if is_answer:
        _checked(lambda: heard.read_whole(body))
        heard.written()
        serving.has_delivered = True
        # Before the answer goes out: who has it can read its receipt.
        await unbroken(switchboard.end(serving))
    kind = completion.headers.get("content-type", "application/json").encode()
    await exchange.answer(body, status=completion.status, kind=kind)


async def whole_of(completion: Completion) -> bytes:
    """:raises Refusal: when the engine breaks off"""
    gathered = bytearray()
    try:
        async for piece in completion.body:
            gathered += piece
    except EngineTrouble as trouble:
        gathered.clear()  # or the traceback keeps it, until somebody collects that
        raise trouble_of(trouble) from trouble
    return bytes(gathered)


async def _stream(
    exchange: Exchange, completion: Completion, serving: Serving, heard: Heard
) -> None:
    try:
        async for piece in completion.body:
            await _give(exchange, serving, heard, heard.take(piece))
            if heard.ending or heard.trouble:
                break
        await _give(exchange, serving, heard, heard.finish())
        if heard.trouble:
            raise heard.trouble
    except EngineTrouble as trouble:
        raise trouble_of(trouble) from trouble
    await unbroken(switchboard.end(serving))
    await exchange.give(heard.ending, more=False)


async def _give(exchange: Exchange, serving: Serving, heard: Heard, out: bytes) -> None:
    if not out:
        return
    if not exchange.has_begun:
        await exchange.begin(200, kind=EVENTS, headers=[(b"x-accel-buffering", b"no")])
    await exchange.give(out)
    heard.written()
    serving.has_delivered = True


def _checked(read: Callable[[], None]) -> None:
    try:
        read()
    except EngineTrouble as trouble:
        raise EngineFailed(_("The engine’s answer could not be read.")) from trouble
