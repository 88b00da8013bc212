"""Chats as other programs write them out, read as one shape of ours.

A chat is ``{source, id, title, made_at, touched_at, pinned, folder, system, chosen, turns}``; a
turn ``{id, parent, is_answer, text, model, at}``, those before that it follows. Whatever is of
another kind than expected is taken for missing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

Shape = dict[str, Any]
_ANSWERS = frozenset({"assistant", "model", "answered"})
_QUESTIONS = frozenset({"user", "human", "asked"})


def chat_of(told: Any) -> Shape | None:
    """Return the chat that a value tells, or None when it is no chat of a program we know."""
    if not isinstance(told, dict):
        return None
    for knows, read in _SHAPES:
        if knows(told):
            chat = read(told)
            chat["turns"] = _joined(chat["turns"])
            return chat
    return None


def _ours(told: Shape) -> Shape:
    turns = [
        _turn(one.get("id"), one.get("parent"), one.get("role"), one.get("text"), one)
        for one in _dicts(told.get("turns"))
    ]
    return {
        **_chat("atrium", told.get("id"), told),
        "pinned": told.get("pinned") is True,
        "folder": _text(told.get("folder")),
        "system": _text(told.get("system")),
        "chosen": _text(told.get("chosen")),
        "turns": turns,
    }


def _chatgpt(told: Shape) -> Shape:
    turns = []
    for key, node in told["mapping"].items():
        if not isinstance(node, dict):
            continue
        message = _dict(node.get("message"))
        author, more = _dict(message.get("author")), _dict(message.get("metadata"))
        role = "" if more.get("is_visually_hidden_from_conversation") else author.get("role")
        turn = _turn(key, node.get("parent"), role, _chatgpt_text(message.get("content")), message)
        turn["model"] = _text(more.get("model_slug")) or turn["model"]
        turns.append(turn)
    number = told.get("conversation_id") or told.get("id")
    return {
        **_chat("chatgpt", number, told),
        "chosen": _text(told.get("current_node")),
        "turns": turns,
    }


def _chatgpt_text(content: Any) -> str:
    content = _dict(content)
    if content.get("content_type") == "code":
        return f"```\n{_text(content.get('text'))}\n```"
    if content.get("content_type") not in {"text", "multimodal_text"}:
        return ""
    parts = content.get("parts")
    found = parts if isinstance(parts, list) else []
    return "\n\n".join(part for part in map(_text, found) if part.strip())


def _open_webui(told: Shape) -> Shape:
    chat = told["chat"]
    history = _dict(chat.get("history"))
    messages = _dict(history.get("messages"))
    told_turns = list(_dicts(list(messages.values()))) or _in_line(chat.get("messages"))
    turns = [
        _turn(one.get("id"), one.get("parentId"), one.get("role"), one.get("content"), one)
        for one in told_turns
    ]
    return {
        **_chat("open-webui", told.get("id") or chat.get("id"), {**chat, **told}),
        "pinned": told.get("pinned") is True,
        "chosen": _text(history.get("currentId")),
        "turns": turns,
    }


def _librechat(told: Shape) -> Shape:
    turns = []
    for one in _every_child(told["messages"]):
        role = "user" if one.get("isCreatedByUser") is True else "assistant"
        text = _text(one.get("text")) or _librechat_text(one.get("content"))
        turns.append(_turn(one.get("messageId"), one.get("parentMessageId"), role, text, one))
    return {**_chat("librechat", told.get("conversationId"), told), "turns": turns}


def _librechat_text(content: Any) -> str:
    texts = []
    for part in _dicts(content):
        text = part.get("text")
        texts.append(_text(text.get("value") if isinstance(text, dict) else text))
    return "\n\n".join(filter(None, texts))


def _every_child(messages: Any) -> Iterator[Shape]:
    """Yield messages and, where they are nested, those below them, without recursion."""
    waiting = list(_dicts(messages))[::-1]
    while waiting:
        one = waiting.pop()
        yield one
        for child in list(_dicts(one.get("children")))[::-1]:
            child.setdefault("parentMessageId", one.get("messageId"))
            waiting.append(child)


def _in_line(messages: Any) -> list[Shape]:
    """Have messages of a plain list follow each other."""
    found = [dict(one) for one in _dicts(messages)]
    for number, one in enumerate(found):
        one["id"] = one.get("id") or str(number)
        one["parentId"] = found[number - 1]["id"] if number else None
    return found


def _chat(source: str, number: Any, told: Shape) -> Shape:
    made = _moment(told, "create_time", "created_at", "createdAt", "made_at", "timestamp")
    return {
        "source": source,
        "id": _text(number),
        "title": _text(told.get("title")),
        "made_at": made,
        "touched_at": _moment(told, "update_time", "updated_at", "updatedAt", "touched_at") or made,
        "pinned": False,
        "folder": "",
        "system": "",
        "chosen": "",
    }


def _turn(number: Any, parent: Any, role: Any, text: Any, told: Shape) -> Shape:
    return {
        "id": _text(number),
        "parent": _text(parent),
        "kind": _text(role),
        "text": _text(text),
        "model": _text(told.get("model")),
        "at": _moment(told, "create_time", "timestamp", "createdAt", "made_at"),
    }


def _joined(told: list[Shape]) -> list[Shape]:
    """Return the turns in order, without those that say nothing to people, and answers whole.

    What follows one that was left out follows what that followed. An answer in several pieces, as
    between calls of tools, is one.
    """
    by_id = {one["id"]: one for one in told if one["id"]}
    children: dict[str, list[str]] = {}
    for one in by_id.values():
        parent = one["parent"] if one["parent"] in by_id and one["parent"] != one["id"] else ""
        children.setdefault(parent, []).append(one["id"])
    found: dict[str, Shape] = {}
    waiting = [(key, "") for key in reversed(children.get("", []))]
    seen = set[str]()
    while waiting:
        key, above = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        one, before = by_id[key], found.get(above)
        place = above
        if one["text"].strip() and one["kind"] in _ANSWERS | _QUESTIONS:
            is_answer = one["kind"] in _ANSWERS
            if is_answer and before and before["is_answer"] and not before["forks"]:
                before["text"] += f"\n\n{one['text']}"
                before["also"].append(key)
            else:
                found[key] = {**one, "parent": above, "is_answer": is_answer, "also": []}
                place = key
        forks = len(children.get(key, [])) > 1
        if place in found:
            found[place]["forks"] = forks
        waiting += [(child, place) for child in reversed(children.get(key, []))]
    return list(found.values())


def _dict(value: Any) -> Shape:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> Iterator[Shape]:
    return (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _moment(told: Shape, *names: str) -> float | None:
    """Return the first of these that is a time, in seconds: as a number, or as ISO text."""
    for name in names:
        value = told.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value / 1000 if value > 1e11 else value)
        try:
            return datetime.fromisoformat(_text(value)).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    return None


_SHAPES: tuple[tuple[Callable[[Shape], bool], Callable[[Shape], Shape]], ...] = (
    (lambda told: told.get("format") == "atrium-chat", _ours),
    (lambda told: isinstance(told.get("mapping"), dict), _chatgpt),
    (lambda told: isinstance(told.get("chat"), dict), _open_webui),
    (lambda told: "conversationId" in told and isinstance(told.get("messages"), list), _librechat),
)
