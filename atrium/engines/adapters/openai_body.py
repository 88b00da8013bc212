"""What others need out of a body of OpenAI's ``chat/completions``, whatever strangers put there."""

import json
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from atrium.engines.as_openai import text_in
from atrium.engines.protocol import EngineRefused

_DATA_URL = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+);base64,(?P<data>[A-Za-z0-9+/=_-]*)\Z")


@dataclass(frozen=True, slots=True)
class Inline:
    """Bytes that came along, in base64."""

    mime: str
    data: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the model made earlier."""

    id: str
    name: str
    arguments: dict[str, Any]


def objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def part_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def system_of(body: dict[str, Any]) -> str:
    """Return what stands above the conversation, and what the form of the answer shall be."""
    said = [text_in(one) for one in objects(body.get("messages")) if is_system(one)]
    if part_of(body.get("response_format")).get("type") == "json_object":
        said.append("Answer with one JSON object and nothing else.")
    return "\n\n".join(text for text in said if text)


def is_system(message: dict[str, Any]) -> bool:
    return message.get("role") in ("system", "developer")


def inline_in(part: dict[str, Any]) -> Inline | str | None:
    """Return the picture or file of a part: its bytes, its address, or None where it has none."""
    told = part.get("image_url")
    url = told.get("url") if isinstance(told, dict) else told
    url = url or part_of(part.get("file")).get("file_data")
    if not isinstance(url, str) or not url:
        return None
    if found := _DATA_URL.match(url):
        return Inline(found["mime"], found["data"])
    if url.startswith("data:"):
        raise EngineRefused(_("A picture of the question cannot be read."))
    return url


def calls_in(message: dict[str, Any]) -> list[Call]:
    """Return the calls of an assistant's message.

    :raises EngineRefused: when the arguments of one are no JSON object
    """
    calls = []
    for told in objects(message.get("tool_calls")):
        function = part_of(told.get("function"))
        try:
            arguments = json.loads(function.get("arguments") or "{}")
        except (ValueError, TypeError, RecursionError):
            arguments = None
        if not isinstance(arguments, dict):
            raise EngineRefused(_("The arguments of a tool call are no JSON object."))
        calls.append(Call(str(told.get("id", "")), str(function.get("name", "")), arguments))
    return calls


def functions_in(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the functions that the asker offers."""
    return [
        part_of(tool.get("function"))
        for tool in objects(body.get("tools"))
        if tool.get("type") == "function"
    ]


def schema_in(body: dict[str, Any]) -> Any | None:
    """Return the JSON Schema that the answer must fit, if there is one."""
    wanted = part_of(body.get("response_format"))
    if wanted.get("type") != "json_schema":
        return None
    return part_of(wanted.get("json_schema")).get("schema")


def stops_in(body: dict[str, Any]) -> list[str]:
    stop = body.get("stop")
    return [stop] if isinstance(stop, str) else [one for one in stop or [] if isinstance(one, str)]


def most_tokens_in(body: dict[str, Any], otherwise: int) -> int:
    """Return how much may be written; models that refuse more than they can are asked for that."""
    wanted = body.get("max_completion_tokens") or body.get("max_tokens")
    return wanted if type(wanted) is int and wanted > 0 else otherwise


def refuse_many(body: dict[str, Any]) -> None:
    """Refuse what only OpenAI's own can do.

    :raises EngineRefused: with the name of the field
    """
    for field in ("n", "logprobs", "audio"):
        if body.get(field) and not (field == "n" and body["n"] == 1):
            raise EngineRefused(_("This model does not know “%(field)s”.") % {"field": field})
