"""A body of OpenAI's ``chat/completions`` as Anthropic's ``messages`` has it."""

from typing import Any

from atrium.engines.adapters.openai_body import (
    Inline,
    calls_in,
    functions_in,
    inline_in,
    is_system,
    most_tokens_in,
    objects,
    part_of,
    refuse_many,
    schema_in,
    stops_in,
    system_of,
)
from atrium.engines.as_openai import text_in

_THOUGHT = {"low": 1_024, "medium": 4_096, "high": 16_384}


def translated(body: dict[str, Any], *, name: str, most_tokens: int) -> dict[str, Any]:
    """Return the body to send, which always asks for a stream.

    :raises EngineRefused: for what cannot be said to this provider
    """
    refuse_many(body)
    most = most_tokens_in(body, most_tokens)
    told: dict[str, Any] = {
        "model": name,
        "stream": True,
        "max_tokens": most,
        "messages": _messages(body),
    }
    if system := system_of(body):
        told["system"] = system
    if stops := stops_in(body):
        told["stop_sequences"] = stops
    if schema := schema_in(body):
        told["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    if tools := [_tool(function) for function in functions_in(body)]:
        told["tools"] = tools
        told.update(_choice(body))
    return {**told, **_taste(body, most)}


def _taste(body: dict[str, Any], most: int) -> dict[str, Any]:
    """Return how it shall think, or else how freely it shall write: it takes one of the two."""
    budget = _THOUGHT.get(str(body.get("reasoning_effort")), 0)
    # What it thought before it called a tool is gone, and without that it may not think on.
    was_calling = any(one.get("tool_calls") for one in objects(body.get("messages")))
    if 0 < budget < most and not was_calling:
        return {"thinking": {"type": "enabled", "budget_tokens": budget}}
    told = {field: body[field] for field in ("temperature", "top_p") if _is_number(body.get(field))}
    if "temperature" in told:
        told["temperature"] = min(told["temperature"], 1)
    return told


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for message in objects(body.get("messages")):
        if is_system(message):
            continue
        role = "assistant" if message.get("role") == "assistant" else "user"
        blocks = _blocks(message)
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += blocks  # the results of several calls belong together
        elif blocks:
            messages.append({"role": role, "content": blocks})
    return messages


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    if message.get("role") == "tool":
        told = {"type": "tool_result", "tool_use_id": str(message.get("tool_call_id", ""))}
        return [{**told, "content": text_in(message)}]
    content = message.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
    blocks = [block for part in parts if (block := _block(part))]
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
        for call in calls_in(message)
    ]
    return blocks


def _block(part: dict[str, Any]) -> dict[str, Any] | None:
    text = part.get("text")
    if isinstance(text, str):
        return {"type": "text", "text": text} if text.strip() else None
    found = inline_in(part)
    if isinstance(found, Inline):
        kind = "image" if found.mime.startswith("image/") else "document"
        source = {"type": "base64", "media_type": found.mime, "data": found.data}
        return {"type": kind, "source": source}
    return {"type": "image", "source": {"type": "url", "url": found}} if found else None


def _tool(function: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": function.get("name"),
        "input_schema": function.get("parameters") or {"type": "object", "properties": {}},
    }
    return {**told, "description": function["description"]} if "description" in function else told


def _choice(body: dict[str, Any]) -> dict[str, Any]:
    wanted = body.get("tool_choice")
    named = part_of(part_of(wanted).get("function")).get("name")
    kinds = {"none": "none", "required": "any"}
    choice: dict[str, Any] = {"type": kinds.get(str(wanted), "auto")}
    if named:
        choice = {"type": "tool", "name": named}
    if body.get("parallel_tool_calls") is False and choice["type"] != "none":
        choice["disable_parallel_tool_use"] = True
    return {} if choice == {"type": "auto"} else {"tool_choice": choice}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
