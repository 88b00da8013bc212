"""JSON from strangers, looked at before it is parsed."""

import json
import math
import re
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS

# Possessive, so that a string without an end costs one pass and not one for every quote in it.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DOUBTFUL = re.compile(rb"\\u(?:0000|[dD][89abAB-Fc-f])")
_PACKED = b"\x1f\x8b"  # how gzip begins, and no JSON
_BROKEN = re.compile("[\0\ud800-\udfff]")


class BadJson(Refusal):
    code = "bad_json"


def parse(raw: bytes, *, max_depth: int = LIMITS.json_depth, with_names_once: bool = False) -> Any:
    """Return the document, of which nothing is too deep, endless, or not text.

    ``with_names_once`` refuses objects that name a member twice, which readers take differently.

    :raises BadJson: with a sentence that says what is wrong
    """
    _refuse_shape(raw, max_depth)
    pairs = _named_once if with_names_once else None
    try:
        document = json.loads(
            raw.decode(),
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=pairs,
        )
    except UnicodeDecodeError:
        if raw.startswith(_PACKED):
            said = _("This is packed with gzip, which is not unpacked here. Send it as it is.")
            raise BadJson(said) from None
        raise BadJson(_("This JSON is not in UTF-8.")) from None
    except (ValueError, RecursionError):
        raise BadJson(_("This is not JSON.")) from None
    if _DOUBTFUL.search(raw):
        _refuse_broken_text(document)
    return document


def _refuse_shape(raw: bytes, max_depth: int) -> None:
    bare = _STRINGS.sub(b"", raw)
    if bare.count(b",") >= LIMITS.json_members:
        raise BadJson(_("This JSON has too many members."), limit=LIMITS.json_members)
    depth = 0
    for bracket in bare.translate(None, delete=_NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > max_depth:
            raise BadJson(_("This JSON is nested too deeply."), limit=max_depth)


def _refuse_broken_text(document: Any) -> None:
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.keys())
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, str) and _BROKEN.search(one):
            raise BadJson(_("This JSON holds a character that is no text."))


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise BadJson(_("This JSON names “%(name)s” twice.") % {"name": twice[:80]})
    return found


def _no_constant(name: str) -> NoReturn:
    raise BadJson(_("%(name)s is not a number in JSON.") % {"name": name})


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise BadJson(_("A number in this JSON is too large."))
    return number
