"""A body of OpenAI's ``chat/completions`` as Gemini's ``generateContent`` has it."""

import json
import re
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
from atrium.engines.models import Model

_THOUGHT = {"none": 0, "minimal": 512, "low": 1_024, "medium": 8_192, "high": 24_576}
_SAME = {
    "temperature": "temperature",
    "top_p": "topP",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
_SIGNS = re.compile(r"gemini-[3-9]")
# OpenAI's shape has no place for the signature of a call; this word of Google's stands for it.
_UNSIGNED = {"thoughtSignature": "skip_thought_signature_validator"}


def translated(body: dict[str, Any], *, model: Model, name: str) -> dict[str, Any]:
    """Return the body to send.

    :raises EngineRefused: for what cannot be said to this provider
    """
    refuse_many(body)
    told: dict[str, Any] = {
        "contents": _contents(body, signs=bool(_SIGNS.search(name))),
        "generationConfig": _config(body, model),
    }
    if system := system_of(body):
        told["systemInstruction"] = {"parts": [{"text": system}]}
    if functions := [_function(function) for function in functions_in(body)]:
        told["tools"] = [{"functionDeclarations": functions}]
        told["toolConfig"] = {"functionCallingConfig": _choice(body)}
    return told


def _config(body: dict[str, Any], model: Model) -> dict[str, Any]:
    told: dict[str, Any] = {"maxOutputTokens": most_tokens_in(body, model.most_output_tokens)}
    told |= {theirs: body[ours] for ours, theirs in _SAME.items() if body.get(ours) is not None}
    if stops := stops_in(body):
        told["stopSequences"] = stops
    if part_of(body.get("response_format")).get("type") in ("json_object", "json_schema"):
        told["responseMimeType"] = "application/json"
    if schema := schema_in(body):
        told["responseJsonSchema"] = schema
    if model.reasons:
        thinking: dict[str, Any] = {"includeThoughts": True}
        if (effort := body.get("reasoning_effort")) in _THOUGHT:
            thinking["thinkingBudget"] = _THOUGHT[effort]
        told["thinkingConfig"] = thinking
    return told


def _contents(body: dict[str, Any], *, signs: bool) -> list[dict[str, Any]]:
    contents: list[dict[str, Any]] = []
    names: dict[str, str] = {}  # of the functions called, by the ids of the calls
    for message in objects(body.get("messages")):
        if is_system(message):
            continue
        role = "model" if message.get("role") == "assistant" else "user"
        parts = [_result(message, names)] if message.get("role") == "tool" else _parts(message)
        for call in calls_in(message):
            names[call.id] = call.name
            told = {"functionCall": {"name": call.name, "args": call.arguments}}
            parts.append({**told, **_UNSIGNED} if signs else told)
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        elif parts:
            contents.append({"role": role, "parts": parts})
    return contents


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"text": content}] if content else []
    return [told for part in objects(content) if (told := _part(part))]


def _part(part: dict[str, Any]) -> dict[str, Any] | None:
    if isinstance(part.get("text"), str):
        return {"text": part["text"]} if part["text"] else None
    found = inline_in(part)
    if isinstance(found, Inline):
        return {"inlineData": {"mimeType": found.mime, "data": found.data}}
    return {"fileData": {"fileUri": found}} if found else None


def _result(message: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    text = text_in(message)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    name = names.get(str(message.get("tool_call_id", "")), "")
    response = told if isinstance(told, dict) else {"result": text}
    return {"functionResponse": {"name": name, "response": response}}


def _function(function: dict[str, Any]) -> dict[str, Any]:
    told = {"name": function.get("name"), "description": function.get("description") or ""}
    schema = function.get("parameters")
    return {**told, "parametersJsonSchema": schema} if schema else told


def _choice(body: dict[str, Any]) -> dict[str, Any]:
    wanted = body.get("tool_choice")
    if named := part_of(part_of(wanted).get("function")).get("name"):
        return {"mode": "ANY", "allowedFunctionNames": [named]}
    return {"mode": {"none": "NONE", "required": "ANY"}.get(str(wanted), "AUTO")}
