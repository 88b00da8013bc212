"""Vectors, pictures and speech: asked in one body, answered in one."""

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from atrium.compat import actions
from atrium.compat.actions import Begun, Wanted
from atrium.compat.asked import json_of
from atrium.compat.completions import whole_of
from atrium.compat.errors import EngineFailed, trouble_of
from atrium.compat.exchange import Exchange, read_with, while_there
from atrium.compat.fields import model_in, whole_number, wrong
from atrium.compat.holding import held
from atrium.compat.switchboard import Serving, switchboard, unbroken
from atrium.engines.adapters.asking import count_of
from atrium.engines.elsewhere import hand_on
from atrium.engines.models import Capability
from atrium.engines.protocol import EngineTrouble, Usage
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.metering.tokens import count_tokens


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that a model does besides answering."""

    path: str
    capability: Capability
    counted: Callable[[dict[str, Any]], int]
    """How many tokens a body is asked with; raises BadCall when it does not hold together."""
    place: str = "input"
    is_json: bool = True
    draws: bool = False


async def embeddings(exchange: Exchange) -> None:
    await _answer(exchange, Kind("embeddings", Capability.EMBEDS, _texts_to_embed))


async def pictures(exchange: Exchange) -> None:
    kind = Kind("images/generations", Capability.DRAWS, _prompt, "prompt", draws=True)
    await _answer(exchange, kind)


async def speech(exchange: Exchange) -> None:
    await _answer(exchange, Kind("audio/speech", Capability.SPEAKS, _to_say, is_json=False))


async def _answer(exchange: Exchange, kind: Kind) -> None:
    body = await read_with(json_of, await exchange.body())
    tokens = kind.counted(body)
    with switchboard.place_for(exchange.caller):
        await while_there(exchange, _made(exchange, kind, body, tokens))


async def _made(exchange: Exchange, kind: Kind, body: dict[str, Any], tokens: int) -> None:
    drawn = (whole_number(body, "n", 1, 10) or 1) if kind.draws else 0
    _tokens, begun = await held(exchange, partial(_begin, exchange, kind, body, tokens, drawn))
    found = _Found()
    serving = Serving(
        call_id=exchange.id,
        begun=begun,
        tokens_in=tokens,
        said=lambda: 0,
        usage=lambda: found.usage,
        fixed=lambda: begun.model.image_price * found.things if kind.draws else None,
    )
    await switchboard.serve(serving, _handed_on(exchange, kind, body, serving, found))


def _begin(
    exchange: Exchange, kind: Kind, body: dict[str, Any], tokens: int, drawn: int
) -> tuple[int, Begun]:
    begun = actions.begin_call(
        by=exchange.caller,
        call_id=exchange.id,
        wanted=Wanted(
            slug=model_in(body),
            tokens_in=tokens,
            slack=tokens + 8,
            most_out=0,
            capability=kind.capability,
            pictures=drawn,
            place=kind.place,
        ),
        at=clock.now(),
    )
    return tokens, begun


async def _handed_on(
    exchange: Exchange, kind: Kind, body: dict[str, Any], serving: Serving, found: "_Found"
) -> None:
    try:
        completion = await hand_on(serving.begun.model, kind.path, body)
    except EngineTrouble as trouble:
        raise trouble_of(trouble) from trouble
    try:
        answer = await whole_of(completion)
    finally:
        await completion.leave()
    if completion.status < 300:
        if kind.is_json:
            answer = _heard(answer, found, body)
        serving.has_delivered = True
        await unbroken(switchboard.end(serving))
    told = completion.headers.get("content-type", "application/octet-stream").encode()
    await exchange.answer(answer, status=completion.status, kind=told)


@dataclass(slots=True)
class _Found:
    """What an answer says of itself, and how many vectors or pictures it has."""

    usage: Usage | None = None
    things: int = 0


def _heard(answer: bytes, found: _Found, body: dict[str, Any]) -> bytes:
    """Note what was used and made; return the answer with its vectors as they were asked for."""
    try:
        told = json.loads(answer)
        usage = told.get("usage")
    except (ValueError, AttributeError):
        raise EngineFailed(_("The engine’s answer could not be read.")) from None
    if isinstance(usage, dict):
        tokens = count_of(usage.get("prompt_tokens", usage.get("input_tokens")))
        if tokens is not None:
            found.usage = Usage(tokens_in=tokens, tokens_out=0)
    made = told.get("data")
    found.things = sum(isinstance(one, dict) for one in made) if isinstance(made, list) else 0
    if body.get("encoding_format") == "base64" and _pack(told.get("data")):
        return json.dumps(told).encode()
    return answer


def _pack(rows: Any) -> bool:
    """Write vectors that came as numbers in base64; tell whether there were any."""
    has_packed = False
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("embedding"), list):
            numbers = row["embedding"]
            packed = struct.pack(f"<{len(numbers)}f", *numbers)
            row["embedding"] = base64.b64encode(packed).decode()
            has_packed = True
    return has_packed


def _texts_to_embed(body: dict[str, Any]) -> int:
    given = body.get("input")
    if isinstance(given, str) and given:
        return count_tokens(given)
    if not isinstance(given, list) or not given:
        raise wrong("input", _("This is neither text nor a list of texts."))
    if len(given) > LIMITS.compat_messages and not isinstance(given[0], int):
        most = LIMITS.compat_messages
        raise wrong("input", _("At most %(most)d texts may be sent.") % {"most": most})
    return sum(_size_of(number, one) for number, one in enumerate(given))


def _size_of(number: int, one: Any) -> int:
    if isinstance(one, str):
        return count_tokens(one)
    if type(one) is int:
        return 1
    if isinstance(one, list) and all(type(token) is int for token in one):
        return len(one)
    raise wrong(f"input[{number}]", _("This is neither text nor a list of tokens."))


def _prompt(body: dict[str, Any]) -> int:
    return count_tokens(_text(body, "prompt"))


def _to_say(body: dict[str, Any]) -> int:
    return len(_text(body, "input"))  # speech is priced by its characters


def _text(body: dict[str, Any], name: str) -> str:
    told = body.get(name)
    if not isinstance(told, str) or not told:
        raise wrong(name, _("This is no text."))
    return told
