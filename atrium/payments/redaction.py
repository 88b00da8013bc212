"""What a gateway told us, as it may be kept and read: without what is nobody's business here.

Cards, names, mail, telephones, tokens and secrets go, by the names of their keys and by their
shape. What is kept is for people; nothing is ever done by it.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from atrium.kit import jsontext

GONE = "…"
MOST_CHARACTERS = 8_000
_MOST_OF_A_TEXT = 300
_MOST_IN_A_LIST = 50

_PRIVATE = re.compile(
    r"(?i)card|\bpan\b|cvv|cvc|\bbin\b|last_?4|expir?y?_?(month|year)|exp_|iban|vpa|bank|"
    r"name$|e_?mail|phone|mobile|contact|address|city|postal|zip|\bip\b|ip_address|"
    r"secret|token|signature|password|authoriz|customer|payer|buyer|holder|wallet|openuserid"
)
# Of these the name ends like a person's, and the value is not one.
_HARMLESS = re.compile(r"(?i)^(event|purchase_order|goods|product|plan|display)_?name$")
_MAIL = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,190}")
_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)")
_PHONE = re.compile(r"\+\d[\d -]{7,18}\d")
_TOKEN = re.compile(r"\b(?:sk|pk|rk|whsec|tok|pm|auth|card|src|seti|access)_[A-Za-z0-9_]{6,}", re.I)


def redacted(raw: bytes) -> str:
    """Return the delivery as text, without what nobody here needs to see."""
    try:
        told = jsontext.parse(raw) if raw else None
    except jsontext.BadJson:
        told = _form(raw)
        if told is None:
            return f"({len(raw)} bytes that are neither JSON nor a form)"
    return json.dumps(_clean(told), ensure_ascii=False)[:MOST_CHARACTERS]


def _form(raw: bytes) -> dict[str, str] | None:
    try:
        pairs = parse_qsl(raw.decode("ascii"), strict_parsing=True, max_num_fields=200)
    except (ValueError, UnicodeDecodeError):
        return None
    return dict(pairs)


def _clean(told: Any, key: str = "") -> Any:
    if isinstance(told, dict):
        return {_text(str(name))[:80]: _member(str(name), value) for name, value in told.items()}
    if isinstance(told, list):
        return [_clean(one, key) for one in told[:_MOST_IN_A_LIST]]
    if isinstance(told, str):
        return _text(told)
    if isinstance(told, int | float) and not isinstance(told, bool):
        # A card's number may come as a number.
        return GONE if _is_card(str(told)) else told
    return told


def _member(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    return GONE if _PRIVATE.search(name) and not _HARMLESS.match(name) else _clean(value, name)


def _text(text: str) -> str:
    text = text.replace("\0", "")
    for shape in (_MAIL, _PHONE, _TOKEN):
        text = shape.sub(GONE, text)
    text = _DIGITS.sub(lambda found: GONE if _is_card(found[0]) else found[0], text)
    return text if len(text) <= _MOST_OF_A_TEXT else f"{text[:_MOST_OF_A_TEXT]}{GONE}"


def _is_card(text: str) -> bool:
    """Whether these digits add up as the numbers of cards do."""
    digits = [int(one) for one in text if one.isdigit()]
    if not 12 <= len(digits) <= 19:
        return False
    doubled = [2 * one - 9 * (one > 4) for one in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0
