"""What a call to ``chat/completions`` asks, checked before anything is set aside for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from atrium.compat.errors import BadCall
from atrium.compat.fields import CHAT, check_fields, model_in, wrong
from atrium.compat.parts import addresses_in, check_part, tokens_of
from atrium.kit.jsontext import parse
from atrium.kit.limits import LIMITS
from atrium.metering.tokens import count_tokens

ROLES = frozenset({"developer", "system", "user", "assistant", "tool", "function"})
_WHO_PAYS = frozenset({"service_tier", "payer", "pay_with", "charge_to"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A body that holds together. ``most_out`` is None when the caller sets no bound.

    ``addresses`` are those that the engine is to fetch by itself; ``place`` is where the caller
    wrote the messages.
    """

    body: dict[str, Any]
    model: str
    messages: list[dict[str, Any]]
    answers: int
    most_out: int | None
    is_stream: bool
    tells_usage: bool
    addresses: tuple[str, ...] = ()
    place: str = "messages"

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
        return count_tokens("".join(texts)) + framing + self.guessed()

    def guessed(self) -> int:
        """Return how many of them are a guess: those for parts that are no text."""
        parts = (part for message in self.messages for part in _parts(message))
        return sum(tokens_of(part) for part in parts if not isinstance(part, str))


def json_of(raw: bytes) -> dict[str, Any]:
    """Return the object that a body is.

    :raises Refusal: when it is none, too deep, or not text
    """
    found = parse(raw, with_names_once=True)
    if not isinstance(found, dict):
        raise BadCall(_("The body is no JSON object."))
    return found


def read_chat(body: dict[str, Any]) -> Asked:
    """Return what the body asks.

    :raises BadCall: with the place in ``fields``
    """
    model = model_in(body)
    check_fields(body, CHAT)
    is_stream = bool(body.get("stream"))
    options = body.get("stream_options")
    if options and not is_stream:
        raise wrong("stream_options", _("Only a stream has stream_options."))
    addresses: list[str] = []
    messages = _messages(body, addresses)
    for number, tool in enumerate(body.get("tools") or ()):
        if tool["type"] != "function":
            addresses += addresses_in(f"tools[{number}]", tool)
    return Asked(
        body=body,
        model=model,
        messages=messages,
        answers=body.get("n") or 1,
        most_out=body.get("max_completion_tokens") or body.get("max_tokens"),
        is_stream=is_stream,
        tells_usage=bool(options and options.get("include_usage")),
        addresses=tuple(addresses),
    )


def _messages(body: dict[str, Any], addresses: list[str]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise wrong("messages", _("Send at least one message."))
    if len(messages) > LIMITS.compat_messages:
        most = LIMITS.compat_messages
        raise wrong("messages", _("At most %(most)d messages may be sent.") % {"most": most})
    order = _Order()
    for number, message in enumerate(messages):
        place = f"messages[{number}]"
        role = _role_of(place, message)
        addresses += _content(place, message, may_be_empty=role == "assistant")
        order.take(place, role, message)
    order.end()
    parts = [one for message in messages for one in _parts(message) if not isinstance(one, str)]
    if len(parts) > LIMITS.compat_pictures:
        most = LIMITS.compat_pictures
        raise wrong(
            "messages", _("At most %(most)d pictures and files may be sent.") % {"most": most}
        )
    return messages


def _role_of(place: str, message: Any) -> str:
    if not isinstance(message, dict):
        raise wrong(place, _("This is no object."))
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise wrong(f"{place}.role", _("A role is one of: %s.") % ", ".join(sorted(ROLES)))
    return role


class _Order:
    """Who speaks after whom: each call of a tool is answered before somebody else speaks."""

    def __init__(self) -> None:
        self._called: set[str] = set()
        self._open: set[str] = set()
        self._place = ""

    def take(self, place: str, role: str, message: dict[str, Any]) -> None:
        if role == "tool":
            answers = message.get("tool_call_id")
            if not isinstance(answers, str) or answers not in self._called:
                said = _("A tool answers a call of the assistant’s message before it.")
                raise wrong(f"{place}.tool_call_id", said)
            self._open.discard(answers)
            return
        self.end()
        self._called = _calls_of(place, message) if role == "assistant" else set()
        self._open, self._place = set(self._called), place

    def end(self) -> None:
        if self._open:
            said = _("A tool message has to answer each of these calls: %s.")
            raise wrong(f"{self._place}.tool_calls", said % ", ".join(sorted(self._open))[:200])


def _content(place: str, message: dict[str, Any], *, may_be_empty: bool) -> Iterator[str]:
    """Check what a message says; yield the web addresses that come along."""
    content = message.get("content")
    if isinstance(content, str) or (content is None and may_be_empty):
        return
    if not isinstance(content, list) or not content:
        raise wrong(f"{place}.content", _("This is neither text nor a list of parts."))
    for number, part in enumerate(content):
        where = f"{place}.content[{number}]"
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise wrong(where, _("A part is an object with a type."))
        if part["type"] == "text":
            if not isinstance(part.get("text"), str):
                raise wrong(f"{where}.text", _("This is no text."))
        else:
            yield from check_part(where, part)


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
