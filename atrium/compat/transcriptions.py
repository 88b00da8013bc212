"""``POST /v1/audio/transcriptions`` and ``translations``: what is said in a recording, written."""

import json
from functools import partial
from typing import Any

from atrium.compat import actions
from atrium.compat.actions import TOKENS_A_SECOND, Begun, Wanted
from atrium.compat.completions import whole_of
from atrium.compat.errors import trouble_of
from atrium.compat.exchange import Exchange, while_there
from atrium.compat.holding import held
from atrium.compat.recordings import Recorded, recorded
from atrium.compat.switchboard import Serving, switchboard, unbroken
from atrium.engines.adapters.asking import count_of
from atrium.engines.models import Capability
from atrium.engines.protocol import EngineTrouble, Usage
from atrium.engines.transcribing import transcribe
from atrium.kit import clock
from atrium.metering.tokens import count_tokens

_PLAIN = b"text/plain; charset=utf-8"


async def transcriptions(exchange: Exchange) -> None:
    await _answer(exchange, "audio/transcriptions")


async def translations(exchange: Exchange) -> None:
    await _answer(exchange, "audio/translations")


async def _answer(exchange: Exchange, path: str) -> None:
    with switchboard.place_for(exchange.caller):
        async with recorded(exchange) as wanted:
            await while_there(exchange, _made(exchange, path, wanted))


async def _made(exchange: Exchange, path: str, wanted: Recorded) -> None:
    prompt, begun = await held(exchange, partial(_begin, exchange, wanted))
    heard = 0 if begun.model.minute_price else wanted.seconds * TOKENS_A_SECOND
    said: list[str] = []
    used: list[Usage] = []
    serving = Serving(
        call_id=exchange.id,
        begun=begun,
        tokens_in=prompt + heard,
        guessed=heard,
        said=lambda: count_tokens("".join(said)) if heard else 0,
        usage=lambda: used[0] if used else None,
    )
    await switchboard.serve(serving, _written_down(exchange, path, wanted, serving, said, used))


def _begin(exchange: Exchange, wanted: Recorded) -> tuple[int, Begun]:
    prompt = count_tokens(wanted.prompt)
    begun = actions.begin_call(
        by=exchange.caller,
        call_id=exchange.id,
        wanted=Wanted(
            slug=wanted.model[:200],
            tokens_in=prompt,
            most_out=0,
            seconds=wanted.seconds,
            capability=Capability.TRANSCRIBES,
            place="prompt",
        ),
        at=clock.now(),
    )
    return prompt, begun


async def _written_down(
    exchange: Exchange,
    path: str,
    wanted: Recorded,
    serving: Serving,
    said: list[str],
    used: list[Usage],
) -> None:
    model = serving.begun.model
    try:
        completion = await transcribe(model, wanted.sound, wanted.fields, path=path)
    except EngineTrouble as trouble:
        raise trouble_of(trouble) from trouble
    try:
        answer = await whole_of(completion)
    finally:
        await completion.leave()
    if completion.status < 300:
        text, usage = _heard(answer)
        said.append(text)
        if usage and not model.minute_price:
            used.append(usage)
        serving.has_delivered = True
        await unbroken(switchboard.end(serving))
    kind = completion.headers.get("content-type", "application/json").encode()
    is_plain = wanted.fields.get("response_format") in {"text", "srt", "vtt"}
    is_answer = is_plain and completion.status < 300
    await exchange.answer(answer, status=completion.status, kind=_PLAIN if is_answer else kind)


def _heard(answer: bytes) -> tuple[str, Usage | None]:
    """Return what was said, and the tokens that it took where they are told."""
    try:
        told: Any = json.loads(answer)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return answer.decode("utf-8", "replace"), None
    usage: Any = told.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    counted = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
    text = str(told.get("text", ""))
    if counted[0] is None or counted[1] is None:
        return text, None
    return text, Usage(tokens_in=counted[0], tokens_out=counted[1])
