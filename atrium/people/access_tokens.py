"""What an app shows with each call: a signed note of five minutes, worth nothing by itself.

It names a family; whether that is still open, and whose, is looked up at each call.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from atrium.kit.ids import new_id
from atrium.kit.secrets import keys_for

WORKS_FOR = timedelta(minutes=5)
CLOCKS_DIFFER = 5
"""Seconds by which another process that wrote a token may be ahead."""
LONGEST = 1_000
_ALGORITHM = "HS256"
_KIND = "at+jwt"
_USE = "access"
_PURPOSE = "access token"
_CLAIMS = ("sub", "sid", "jti", "iat", "exp", "token_use")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says: the person, and the family that it came from."""

    person_id: UUID
    family_id: UUID


def write(*, person_id: UUID, family_id: UUID, at: datetime) -> str:
    """Return a token for the family's person, from ``at`` for five minutes."""
    key_id, key = next(iter(keys_for(_PURPOSE).items()))
    issued = int(at.timestamp())
    claims = {
        "sub": str(person_id),
        "sid": str(family_id),
        "jti": new_id().hex,
        "iat": issued,
        "exp": issued + int(WORKS_FOR.total_seconds()),
        "token_use": _USE,
    }
    import jwt  # noqa: PLC0415 - only apps show these, and it brings much along

    return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": key_id, "typ": _KIND})


def looks_like_one(text: str) -> bool:
    return text.count(".") == 2


def read(token: str, *, at: datetime) -> Claims | None:
    """Return what the token says, or None unless it is ours, unchanged and in time."""
    if len(token) > LONGEST or not token.isascii():
        return None
    import jwt  # noqa: PLC0415

    try:
        key = _key_for(jwt.get_unverified_header(token))
        # The time is ours to judge, by the clock of the house.
        options = {"verify_exp": False, "verify_iat": False, "require": list(_CLAIMS)}
        said = jwt.decode(token, key, algorithms=[_ALGORITHM], options=options)  # type: ignore[arg-type]
        now = at.timestamp()
        in_time = said["iat"] - CLOCKS_DIFFER <= now < said["exp"]
        if said["token_use"] != _USE or not in_time:
            return None
        return Claims(UUID(said["sub"]), UUID(said["sid"]))
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None


def _key_for(header: dict[str, object]) -> bytes:
    """Return our key for exactly the header that we write; the header chooses nothing else."""
    for key_id, key in keys_for(_PURPOSE).items():
        if header == {"alg": _ALGORITHM, "kid": key_id, "typ": _KIND}:
            return key
    raise ValueError(header)
