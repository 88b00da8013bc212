"""Secrets handed to somebody once: random, typed, and told from noise without the database."""

import hashlib
import hmac
import re
import secrets
import string
import zlib

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = 33  # 62³³ is a little over 2¹⁹⁶
_CHECKSUM = 6
_KIND = re.compile(r"[a-z]{1,12}")
_SHAPE = re.compile(rf"atr_([a-z]{{1,12}})_([0-9A-Za-z]{{{_LENGTH}}})([0-9A-Za-z]{{{_CHECKSUM}}})")


def mint(kind: str) -> str:
    """Return a fresh token such as ``atr_key_…``; keep only its :func:`digest`."""
    return _made(kind, "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))


def mint_from(kind: str, seed: bytes) -> str:
    """Return the one token of this kind that ``seed`` makes; as secret as the seed, of 32 bytes."""
    if len(seed) < 32:
        raise ValueError("A seed has 32 bytes at least, or the token could be guessed.")
    number, characters = int.from_bytes(seed, "big"), []
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[rest])
    return _made(kind, "".join(characters))


def looks_right(token: str, kind: str) -> bool:
    """Tell whether this has the shape and the checksum of a token of this kind."""
    return kind_of(token) == kind


def kind_of(token: str) -> str | None:
    """Return the kind a well-formed token says it is, or None."""
    # A cookie or a header may bring anything; the shape is looked at before any arithmetic.
    found = _SHAPE.fullmatch(token)
    if found is None:
        return None
    body = token[:-_CHECKSUM]
    return found[1] if hmac.compare_digest(_checksum(body), found[3]) else None


def digest(token: str) -> str:
    """Return what is stored instead of the token: SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def shown(token: str) -> str:
    """Return the first characters, at most sixteen, by which a person knows a token in a list."""
    head = token.find("_", 4) + 1
    return token[: min(head + 4, 15)] + "…"


def _made(kind: str, secret: str) -> str:
    if not _KIND.fullmatch(kind):
        raise ValueError(f"A kind of token is one to twelve small letters, not {kind!r}.")
    body = f"atr_{kind}_{secret}"
    return body + _checksum(body)


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    characters = []
    for _ in range(_CHECKSUM):
        number, rest = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[rest])
    return "".join(reversed(characters))
