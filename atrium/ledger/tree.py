"""One hash that stands for a long row of things, and the few others that prove one is among them.

As RFC 6962 has it: what is a thing and what is a branch are told apart by the first byte that is
hashed, so that neither can be passed off as the other.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

ENTRY, BRANCH, LEG, DAY = b"\0", b"\1", b"\2", b"\3"


class Step(NamedTuple):
    """The hash beside ours on the way to the root, and on which side it stands."""

    side: Literal["left", "right"]
    hash: bytes


def canonical(value: Any) -> bytes:
    """Return the one text that stands for ``value``: JSON with sorted keys, without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def hash_of(kind: bytes, *parts: bytes) -> bytes:
    return hashlib.sha256(kind + b"".join(parts)).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over one hash or more."""
    if len(hashes) == 1:
        return hashes[0]
    middle = _middle(len(hashes))
    return hash_of(BRANCH, root_of(hashes[:middle]), root_of(hashes[middle:]))


def path_of(hashes: Sequence[bytes], place: int) -> list[Step]:
    """Return the way from the hash at ``place`` up to the root."""
    if len(hashes) == 1:
        return []
    middle = _middle(len(hashes))
    left, right = hashes[:middle], hashes[middle:]
    if place < middle:
        return [*path_of(left, place), Step("right", root_of(right))]
    return [*path_of(right, place - middle), Step("left", root_of(left))]


def _middle(number: int) -> int:
    """Return the largest power of two below ``number``: every run on the left is a full one."""
    return 1 << (number - 1).bit_length() - 1
