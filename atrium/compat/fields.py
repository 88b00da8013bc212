"""What the fields of a call may hold, one by one; those that are not named here are handed on."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from atrium.compat.errors import BadCall
from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS

Check = Callable[[str, Any], None]
"""Raise BadCall if this place may not hold that."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MOST = 10**9


def wrong(place: str, said: str) -> Refusal:
    return BadCall(f"{place}: {said}", fields={place: said})


def model_in(body: dict[str, Any]) -> str:
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise wrong("model", _("Name a model; GET /v1/models lists them."))
    return name[:200]


def whole_number(body: dict[str, Any], name: str, least: int, most: int = _MOST) -> int | None:
    told = body.get(name)
    if told is not None:
        _whole(least, most)(name, told)
    return told


def check_fields(body: dict[str, Any], checks: Mapping[str, Check]) -> None:
    """See that each of the fields, where it is there and not null, holds what it may.

    :raises BadCall: with the name of the field
    """
    for name, check in checks.items():
        if (told := body.get(name)) is not None:
            check(name, told)


def _whole(least: int, most: int) -> Check:
    def check(place: str, told: Any) -> None:
        if type(told) is not int or not least <= told <= most:
            raise wrong(place, _("This is no whole number from %d to %d.") % (least, most))

    return check


def _between(least: float, most: float) -> Check:
    def check(place: str, told: Any) -> None:
        is_number = type(told) in (int, float) and least <= told <= most  # which NaN is not
        if not is_number:
            said = _("This is no number from %(least)g to %(most)g.")
            raise wrong(place, said % {"least": least, "most": most})

    return check


def _boolean(place: str, told: Any) -> None:
    if not isinstance(told, bool):
        raise wrong(place, _("This is neither true nor false."))


def _text(place: str, told: Any) -> None:
    if not isinstance(told, str):
        raise wrong(place, _("This is no text."))


def _object(place: str, told: Any) -> None:
    if not isinstance(told, dict):
        raise wrong(place, _("This is no object."))


def _named_kind(place: str, told: Any) -> None:
    _object(place, told)
    if not isinstance(told.get("type"), str):
        raise wrong(f"{place}.type", _("This is no text."))


def _chosen_tool(place: str, told: Any) -> None:
    if not isinstance(told, str):
        _named_kind(place, told)


def _stops(place: str, told: Any) -> None:
    texts = [told] if isinstance(told, str) else told
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise wrong(place, _("This is neither text nor a list of texts."))
    if len(texts) > LIMITS.compat_stops:
        most = LIMITS.compat_stops
        raise wrong(place, _("At most %(most)d texts may be sent.") % {"most": most})
    if any(len(one) > LIMITS.compat_stop_characters for one in texts):
        most = LIMITS.compat_stop_characters
        raise wrong(place, _("A text has at most %(most)d characters here.") % {"most": most})


def _tools(place: str, told: Any) -> None:
    if not isinstance(told, list):
        raise wrong(place, _("This is no list."))
    if len(told) > LIMITS.compat_tools:
        most = LIMITS.compat_tools
        raise wrong(place, _("At most %(most)d tools may be offered.") % {"most": most})
    for number, tool in enumerate(told):
        _named_kind(f"{place}[{number}]", tool)
        if tool["type"] == "function":
            _function(f"{place}[{number}].function", tool.get("function"))


def _function(place: str, told: Any) -> None:
    _object(place, told)
    name = told.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise wrong(f"{place}.name", _("A name has up to 64 letters, digits, and ._- only."))
    for part, check in (("description", _text), ("parameters", _object)):
        if told.get(part) is not None:
            check(f"{place}.{part}", told[part])


CHAT: dict[str, Check] = {
    "stream": _boolean,
    "stream_options": _object,
    "max_completion_tokens": _whole(1, _MOST),
    "max_tokens": _whole(1, _MOST),
    "n": _whole(1, LIMITS.compat_answers),
    "temperature": _between(0, 2),
    "top_p": _between(0, 1),
    "frequency_penalty": _between(-2, 2),
    "presence_penalty": _between(-2, 2),
    "seed": _whole(-(2**63), 2**63 - 1),
    "logprobs": _boolean,
    "top_logprobs": _whole(0, 20),
    "logit_bias": _object,
    "stop": _stops,
    "tools": _tools,
    "tool_choice": _chosen_tool,
    "parallel_tool_calls": _boolean,
    "response_format": _named_kind,
    "reasoning_effort": _text,
    "metadata": _object,
    "store": _boolean,
    "user": _text,
}
"""Of ``chat/completions``, beside the model and the messages."""
