"""A program that calls the API with a key."""

import json
from typing import Any

from django.test import Client

from atrium.kit import clock
from atrium.people.actions import issue_key
from atrium.people.models import User
from atrium.people.scopes import SCOPES


class Program:
    """Calls in ``person``'s name; ``client`` has no cookies."""

    def __init__(self, person: User | None = None, *scopes: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.headers: dict[str, str] = {}
        if person:
            asked = scopes or tuple(SCOPES)
            self.key, self.token = issue_key(
                person=person, name="program", scopes=asked, at=clock.now()
            )
            self.headers["Authorization"] = f"Bearer {self.token}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send ``body`` as JSON (bytes go as they are) and return the answer."""
        given: dict[str, Any] = {}
        if body is not None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            given = {"data": raw, "content_type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, f"/api/v1{path}", headers={**self.headers, **named}, **given
        )


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem an answer holds, which must be of this status and code."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    found: dict[str, Any] = json.loads(answer.content)
    assert (found["status"], found["code"]) == (status, code), found
    assert found["detail"]
    assert found["title"]
    return found
