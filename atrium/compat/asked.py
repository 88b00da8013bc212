"""What a call to ``chat/completions`` asks, checked before anything is set aside for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from atrium.compat.errors import BadCall
from atrium.kit.errors import Refusal
from atrium.kit.jsontext import parse
from atrium.kit.limits import LIMITS
from atrium.metering.tokens import count_tokens

ROLES = frozenset({"developer", "system", "user", "assistant", "tool", "function"})
PICTURE_TOKENS = 1_500
"""About what a picture costs at those who see; the provider's own count corrects it."""
_WHO_PAYS = frozenset({"service_tier", "payer", "pay_with", "charge_to"})
_DATA_URL = re.compile(r"data:([a-z]+/[a-z0-9.+-]+);base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A body that holds together. ``most_out`` is None when the caller sets no bound."""

    body: dict[str, Any]
    model: str
    messages: list[dict[str, Any]]
    answers: int
    most_out: int | None
    is_stream: bool
    tells_usage: bool

    def as_sent_on(self) -> dict[str, Any]:
        """Return the body for the engine: all that was sent but what says who pays; a stream tells
        its usage."""
        body = {name: told for name, told in self.body.items() if name not in _WHO_PAYS}
        if self.is_stream:
            options = body.get("stream_options") or {}
            body["stream_options"] = {**options, "include_usage": True}
        return body

    def tokens(self) -> int:
        """Return about how many tokens the question is, with its tools and pictures."""
        parts = [part for message in self.messages for part in _parts(message)]
        texts = [part for part in parts if isinstance(part, str)]
        texts += list(_texts_in([self.body.get("tools"), self.body.get("response_format")]))
        framing = 4 * len(self.messages)
        return count_tokens("".join(texts)) + framing + self.pictures() * PICTURE_TOKENS

    def pictures(self) -> int:
        """Return how many parts are no text."""
        parts = (part for message in self.messages for part in _parts(message))
        return sum(1 for part in parts if not isinstance(part, str))


def json_of(raw: bytes) -> dict[str, Any]:
    """Return the object that a body is.

    :raises Refusal: when it is none, too deep, or not text
    """
    found = parse(raw)
    if not isinstance(found, dict):
        raise BadCall(_("The body is no JSON object."))
    return found


def read_chat(body: dict[str, Any]) -> Asked:
    """Return what the body asks.

    :raises BadCall: with the place in ``fields``
    """
    is_stream = _boolean(body, "stream")
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise wrong("stream_options", _("This is no object."))
    if options and not is_stream:
        raise wrong("stream_options", _("Only a stream has stream_options."))
    most = whole_number(body, "max_completion_tokens", 1) or whole_number(body, "max_tokens", 1)
    return Asked(
        body=body,
        model=model_in(body),
        messages=_messages(body),
        answers=whole_number(body, "n", 1, LIMITS.compat_answers) or 1,
        most_out=most,
        is_stream=is_stream,
        tells_usage=bool(options and options.get("include_usage")),
    )


def model_in(body: dict[str, Any]) -> str:
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise wrong("model", _("Name a model; GET /v1/models lists them."))
    return name[:200]


def wrong(place: str, said: str) -> Refusal:
    return BadCall(f"{place}: {said}", fields={place: said})


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise wrong("messages", _("Send at least one message."))
    if len(messages) > LIMITS.compat_messages:
        most = LIMITS.compat_messages
        raise wrong("messages", _("At most %(most)d messages may be sent.") % {"most": most})
    called: set[str] = set()
    for number, message in enumerate(messages):
        called = _check_message(f"messages[{number}]", message, called)
    return messages


def _check_message(place: str, message: Any, called: set[str]) -> set[str]:
    """Check one message; return the tool calls that the next ones may answer."""
    if not isinstance(message, dict):
        raise wrong(place, _("This is no object."))
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise wrong(f"{place}.role", _("A role is one of: %s.") % ", ".join(sorted(ROLES)))
    _check_content(place, message, may_be_empty=role == "assistant")
    if role == "tool":
        if message.get("tool_call_id") not in called:
            said = _("A tool answers a call of the assistant’s message before it.")
            raise wrong(f"{place}.tool_call_id", said)
        return called
    return _calls_of(place, message) if role == "assistant" else set()


def _check_content(place: str, message: dict[str, Any], *, may_be_empty: bool) -> None:
    content = message.get("content")
    if isinstance(content, str) or (content is None and may_be_empty):
        return
    if not isinstance(content, list) or not content:
        raise wrong(f"{place}.content", _("This is neither text nor a list of parts."))
    for number, part in enumerate(content):
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise wrong(f"{place}.content[{number}]", _("A part is an object with a type."))
        if part["type"] == "text" and not isinstance(part.get("text"), str):
            raise wrong(f"{place}.content[{number}].text", _("This is no text."))
        if part["type"] == "image_url":
            _check_picture(f"{place}.content[{number}].image_url", part.get("image_url"))


def _check_picture(place: str, told: Any) -> None:
    url = told.get("url") if isinstance(told, dict) else told
    if not isinstance(url, str):
        raise wrong(place, _("A picture is an object with a url."))
    if url.startswith(("https://", "http://")):
        return
    found = _DATA_URL.match(url)
    if not found or not found[1].lower().startswith("image/"):
        raise wrong(place, _("A picture is a web address, or a data: address in base64."))


def _calls_of(place: str, message: dict[str, Any]) -> set[str]:
    calls = message.get("tool_calls")
    if calls is None:
        return set()
    if not isinstance(calls, list) or not all(isinstance(one, dict) for one in calls):
        raise wrong(f"{place}.tool_calls", _("This is no list of calls."))
    return {one["id"] for one in calls if isinstance(one.get("id"), str)}


def _parts(message: dict[str, Any]) -> Iterator[str | dict[str, Any]]:
    """Yield the texts of a message as text, and whatever else it has as it is."""
    content = message.get("content")
    yield from _texts_in(message.get("tool_calls"))
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            yield part["text"] if part["type"] == "text" else part


def _texts_in(told: Any) -> Iterator[str]:
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one


def _boolean(body: dict[str, Any], name: str) -> bool:
    told = body.get(name)
    if told is not None and not isinstance(told, bool):
        raise wrong(name, _("This is neither true nor false."))
    return bool(told)


def whole_number(body: dict[str, Any], name: str, least: int, most: int = 10**9) -> int | None:
    told = body.get(name)
    if told is None:
        return None
    if type(told) is not int or not least <= told <= most:
        raise wrong(name, _("This is no whole number from %d to %d.") % (least, most))
    return told
