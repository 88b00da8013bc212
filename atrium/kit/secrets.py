"""Sealing what must be read again, and signing what must not be changed on its way."""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from atrium.kit.errors import NotAllowed

_VERSION = "s1"
_NONCE = 12
_MAC = 24


class CannotUnseal(Exception):
    """What was sealed cannot be opened: a key is missing, or the text was changed or moved."""


class BadSignature(NotAllowed):
    code = "bad_signature"


class SignatureExpired(BadSignature):
    code = "signature_expired"


@dataclass(frozen=True)
class _Key:
    id: str
    seal: bytes
    sign: bytes


def seal(text: str, purpose: str = "") -> str:
    """Return the text encrypted under the newest key; it opens only for the same purpose."""
    key = _keys()[0]
    nonce = os.urandom(_NONCE)
    hidden = AESGCM(key.seal).encrypt(nonce, text.encode(), _bound(key.id, purpose))
    return f"{_VERSION}.{key.id}.{_text(nonce + hidden)}"


def unseal(sealed: str, purpose: str = "") -> str:
    """Return the text that was sealed.

    :raises CannotUnseal: when no key of ours opens it for this purpose
    """
    key_id, hidden = _taken_apart(sealed)
    key = next((key for key in _keys() if key.id == key_id), None)
    if key is None:
        raise CannotUnseal(f"It was sealed with the key {key_id}, which is not among ours.")
    nonce, rest = hidden[:_NONCE], hidden[_NONCE:]
    try:
        return AESGCM(key.seal).decrypt(nonce, rest, _bound(key_id, purpose)).decode()
    except (InvalidTag, ValueError):
        raise CannotUnseal("It was changed, or sealed for another purpose.") from None


def reseal(sealed: str, purpose: str = "") -> str:
    """Return the same under the newest key; unchanged when it is under it already."""
    key_id, _hidden = _taken_apart(sealed)
    text = unseal(sealed, purpose)
    return sealed if key_id == _keys()[0].id else seal(text, purpose)


def sign(value: str, *, purpose: str, expires: datetime | None) -> str:
    """Return the value, readable, with a signature that holds for one purpose until ``expires``."""
    until = str(int(expires.timestamp())) if expires else ""
    body = f"{_text(value.encode())}.{until}"
    return f"{body}.{_text(_mac(_keys()[0], purpose, body))}"


def verify(signed: str, *, purpose: str, at: datetime) -> str:
    """Return the value that was signed.

    :raises SignatureExpired: when it is too late
    :raises BadSignature: when no key of ours made it for this purpose
    """
    body, _dot, given = signed.rpartition(".")
    value, _dot, until = body.partition(".")
    made = (_text(_mac(key, purpose, body)) for key in _keys())
    # Every key is tried, so that the time taken does not tell which one signed.
    fits = [hmac.compare_digest(mac.encode(), given.encode("utf-8", "replace")) for mac in made]
    if not any(fits):
        raise BadSignature(_("This address is not one we made, or it was changed."))
    if until and at.timestamp() >= int(until):
        raise SignatureExpired(_("This address no longer works. Ask for a fresh one."))
    return _bytes(value).decode()


def keys_for(purpose: str) -> dict[str, bytes]:
    """Return 32 bytes for one purpose from each of our keys, by key id, the newest first."""
    return {
        _key(secret).id: _derive(secret, f"keys for:{purpose}")
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    }


def derived(purpose: str) -> bytes:
    """Return 32 bytes for one purpose, from the newest key: for what never outlives the process."""
    return _derive(settings.SECRET_KEY, f"derived:{purpose}")


def _mac(key: _Key, purpose: str, body: str) -> bytes:
    bound = f"{len(purpose)}:{purpose}:{body}".encode("utf-8", "replace")
    return hmac.new(key.sign, bound, hashlib.sha256).digest()[:_MAC]


def _bound(key_id: str, purpose: str) -> bytes:
    return f"{_VERSION}.{key_id}.{purpose}".encode()


def _taken_apart(sealed: str) -> tuple[str, bytes]:
    version, _dot, rest = sealed.partition(".")
    key_id, _dot, hidden = rest.partition(".")
    if version != _VERSION or not hidden:
        raise CannotUnseal("This is nothing that we sealed.")
    try:
        return key_id, _bytes(hidden)
    except (binascii.Error, ValueError):
        raise CannotUnseal("This is nothing that we sealed.") from None


def _keys() -> list[_Key]:
    return [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=32)
def _key(secret: str) -> _Key:
    name = _derive(secret, "key id")[:4].hex()
    return _Key(id=name, seal=_derive(secret, "seal"), sign=_derive(secret, "sign"))


@lru_cache(maxsize=64)
def _derive(secret: str, what_for: str) -> bytes:
    info = f"atrium {what_for}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=b"atrium", info=info).derive(secret.encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
