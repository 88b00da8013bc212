"""Django's session engine over ``people.Session``: the cookie's key is stored only as a hash."""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction

from atrium.kit import clock, tokens
from atrium.kit.secrets import CannotUnseal, seal, unseal
from atrium.people.models import Session, TokenFamily

PURPOSE = "people.session"
AGENT = "agent"
"""The entry of a session that names the browser, copied into the row for the list of sessions."""

PLACE = "place"
"""The entry that says from which network it was opened, likewise."""


def hash_of(session_key: str) -> str:
    return sha256(session_key.encode()).hexdigest()


class SessionStore(SessionBase):
    def encode(self, session_dict: Mapping[str, Any]) -> str:
        """Seal the content: a step under way holds what would let somebody else take it."""
        return seal(json.dumps(session_dict, separators=(",", ":")), PURPOSE)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Open what was sealed; whatever our keys do not open is an empty session."""
        try:
            return cast(dict[str, Any], json.loads(unseal(str(session_data), PURPOSE)))
        except CannotUnseal:
            return {}

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_hash=hash_of(session_key)).exists()

    def create(self) -> None:
        # 196 random bits do not collide; a taken key would be refused by the row itself.
        self._session_key = tokens.mint("session")
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 (Django's signature)
        if self.session_key is None:
            self.create()
            return
        fields = self._fields(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        if must_create:
            self._insert(fields)
        # Never brought back: a session that another request ended stays ended.
        elif not Session.objects.filter(key_hash=hash_of(self.session_key)).update(**fields):
            raise UpdateError

    def _insert(self, fields: dict[str, Any]) -> None:
        made = {"key_hash": hash_of(str(self.session_key)), "made_at": fields["seen_at"]}
        try:
            with transaction.atomic():
                Session.objects.create(**made, **fields)
        except IntegrityError as taken:
            raise CreateError from taken

    def _fields(self, content: dict[str, Any]) -> dict[str, Any]:
        now = clock.now()
        return {
            "payload": self.encode(content),
            "person_id_text": str(content.get(SESSION_KEY, "")),
            "agent": str(content.get(AGENT, ""))[:200],
            "place": str(content.get(PLACE, ""))[:45],
            "seen_at": now,
            "expires_at": now + timedelta(seconds=self.get_expiry_age()),
        }

    def flush(self) -> None:
        """Forget everything; an app that signed in with this session is signed out with it."""
        if self.session_key:
            apps = TokenFamily.objects.filter(session_hash=hash_of(self.session_key))
            apps.end(why=TokenFamily.Why.SIGNED_OUT, at=clock.now())
        super().flush()

    def cycle_key(self) -> None:
        """Change the key; an app that signed in with this session goes along."""
        before = self.session_key
        super().cycle_key()
        if before and self.session_key:
            apps = TokenFamily.objects.filter(session_hash=hash_of(before))
            apps.update(session_hash=hash_of(self.session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(key_hash=hash_of(key)).delete()

    def load(self) -> dict[str, Any]:
        """Return what the session holds; an ended, expired or forged one is empty and forgotten."""
        row = Session.objects.filter(
            key_hash=hash_of(str(self.session_key)), expires_at__gt=clock.now()
        ).first()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.payload)

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lte=clock.now()).delete()
