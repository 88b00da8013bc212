"""What a call to ``responses`` asks, as ``chat/completions`` would be asked it."""

import re
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from atrium.compat.asked import Asked, read_chat
from atrium.compat.errors import BadCall
from atrium.compat.fields import wrong

_SAME = ("model", "temperature", "top_p", "stream", "parallel_tool_calls", "metadata", "user")
_NAMED_HERE = {"max_tokens": "max_output_tokens", "messages": "input"}
_MESSAGE = re.compile(r"messages\[(\d+)\]")
_NOT_HERE = ("previous_response_id", "conversation", "prompt", "background")


def read_response(body: dict[str, Any]) -> Asked:
    """Return what the body asks, as ``chat/completions`` would be asked it.

    :raises BadCall: when it does not hold together, or needs what is not done here
    """
    places: list[str] = []
    told = _chat_body_of(body, places)
    try:
        return replace(read_chat(told), place="input")
    except BadCall as refusal:
        place, said = next(iter(refusal.fields.items()))
        raise wrong(_as_named(place, places), said) from None


def _as_named(place: str, places: list[str]) -> str:
    """Return what is called ``place`` in a chat by the name that it has in this call."""
    if found := _MESSAGE.match(place):
        return places[int(found[1])] + place[found.end() :]
    return _NAMED_HERE.get(place, place.replace("].function.", "]."))


def _chat_body_of(body: dict[str, Any], places: list[str]) -> dict[str, Any]:
    for name in _NOT_HERE:
        if body.get(name):
            raise wrong(name, _("This is not kept here; send all of it along."))
    found = {name: body[name] for name in _SAME if body.get(name) is not None}
    found["messages"] = _messages(body, places)
    if body.get("max_output_tokens") is not None:
        found["max_tokens"] = body["max_output_tokens"]
    if tools := body.get("tools"):
        found["tools"] = [_tool(number, one) for number, one in enumerate(_list("tools", tools))]
        if choice := body.get("tool_choice"):
            found["tool_choice"] = _choice(choice)
    if isinstance(reasoning := body.get("reasoning"), dict) and reasoning.get("effort"):
        found["reasoning_effort"] = reasoning["effort"]
    if isinstance(text := body.get("text"), dict) and isinstance(text.get("format"), dict):
        found |= _form(text["format"])
    return found


def _messages(body: dict[str, Any], places: list[str]) -> list[dict[str, Any]]:
    """Return the messages, and note in ``places`` where each of them stands in the body."""
    messages: list[dict[str, Any]] = []
    instructions = body.get("instructions")
    if instructions is not None and not isinstance(instructions, str):
        raise wrong("instructions", _("This is no text."))
    if instructions:
        messages.append({"role": "system", "content": instructions})
        places.append("instructions")
    given = body.get("input")
    if isinstance(given, str) and given:
        places.append("input")
        return [*messages, {"role": "user", "content": given}]
    for number, item in enumerate(_list("input", given)):
        _add(messages, f"input[{number}]", item)
        places += [f"input[{number}]"] * (len(messages) - len(places))
    return messages


def _add(messages: list[dict[str, Any]], place: str, item: Any) -> None:
    if not isinstance(item, dict):
        raise wrong(place, _("This is no object."))
    kind = item.get("type", "message")
    if kind == "message":
        content = _content(place, item.get("content"))
        messages.append({"role": item.get("role"), "content": content})
    elif kind == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments")}
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        last = messages[-1] if messages else {}
        if last.get("role") == "assistant" and last.get("tool_calls"):
            last["tool_calls"].append(call)
        else:
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
    elif kind == "function_call_output":
        output = item.get("output")
        content = output if isinstance(output, str) else _content(place, output)
        told = {"role": "tool", "tool_call_id": item.get("call_id"), "content": content}
        messages.append(told)
    elif kind != "reasoning":  # what a model thought is its own, and nothing for another
        raise wrong(f"{place}.type", _("This kind of item is not taken here: %s") % str(kind)[:40])


def _content(place: str, content: Any) -> Any:
    if isinstance(content, str):
        return content
    parts = [
        _part(f"{place}.content[{number}]", part)
        for number, part in enumerate(_list(f"{place}.content", content))
    ]
    if all(part["type"] == "text" for part in parts):
        return "".join(part["text"] for part in parts)
    return parts


def _part(place: str, part: Any) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in {"input_text", "output_text", "text"} and isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    if kind == "refusal" and isinstance(part.get("refusal"), str):
        return {"type": "text", "text": part["refusal"]}
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        return {"type": "image_url", "image_url": {"url": part["image_url"]}}
    raise wrong(place, _("A part is text, or a picture with its address."))


def _tool(number: int, tool: Any) -> dict[str, Any]:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        raise wrong(
            f"tools[{number}].type", _("Only tools of the type “function” are called here.")
        )
    kept = ("name", "description", "parameters", "strict")
    return {
        "type": "function",
        "function": {name: tool[name] for name in kept if tool.get(name) is not None},
    }


def _choice(choice: Any) -> Any:
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    return choice


def _form(told: dict[str, Any]) -> dict[str, Any]:
    if told.get("type") == "json_schema":
        schema = {name: value for name, value in told.items() if name != "type"}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": told} if told.get("type") == "json_object" else {}


def _list(place: str, given: Any) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise wrong(place, _("This is neither text nor a list."))
    return given
