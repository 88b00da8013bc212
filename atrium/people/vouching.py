"""How providers that vouch for people are asked: by our own fetch helper, whatever allauth wants.

allauth speaks to them through a session of ``requests``; this is all of it that allauth uses.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from requests import RequestException  # noqa: TID251 - what allauth catches
from requests.auth import HTTPBasicAuth  # noqa: TID251 - what allauth passes
from requests.structures import CaseInsensitiveDict  # noqa: TID251 - as allauth reads headers

from atrium.kit.errors import Refusal
from atrium.kit.http import Door, FetchFailed, fetch_now
from atrium.kit.limits import LIMITS
from atrium.people.models import SignInProvider

Detour = Callable[[str], str]


class NoAnswer(RequestException):
    """The provider was not there, or what it said is of no use."""


def use(detour: Detour | None) -> None:
    """Ask somewhere else than the known providers' own addresses (a test's), or there again."""
    global _detour  # noqa: PLW0603
    _detour = detour or _straight


def _straight(url: str) -> str:
    return url


_detour: Detour = _straight


@dataclass(frozen=True)
class Said:
    """What a provider answered, in the words of ``requests``."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def ok(self) -> bool:
        return self.status_code < HTTPStatus.BAD_REQUEST

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError) as nonsense:
            raise NoAnswer("not JSON") from nonsense
        if not isinstance(found, dict | list):
            raise NoAnswer("not an object")
        return found

    def raise_for_status(self) -> None:
        # A redirect counts as an error: it is not followed.
        if self.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise NoAnswer(f"status {self.status_code}")


class Conversation:
    """One visit at a provider. Addresses of hosts that the operator named may be private."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        pass

    def get(self, url: str, **how: Any) -> Said:
        return self.request("GET", url, **how)

    def post(self, url: str, **how: Any) -> Said:
        return self.request("POST", url, **how)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: HTTPBasicAuth | None = None,
    ) -> Said:
        """:raises NoAnswer: for whatever trouble there is on the way"""
        sent = {"Accept": "application/json", **(headers or {})}
        if auth:
            sent["Authorization"] = _basic(auth)
        if data is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        asked = _detour(f"{url}?{urlencode(params)}" if params else url)
        try:
            answer = fetch_now(
                asked,
                door=_door(asked, detoured=asked.partition("?")[0] != url.partition("?")[0]),
                method=method,
                headers=sent,
                body=urlencode(data).encode() if data is not None else None,
                max_bytes=LIMITS.vouching_bytes,
                seconds=LIMITS.vouching_seconds,
            )
        except (FetchFailed, Refusal) as trouble:
            raise NoAnswer(str(trouble)) from trouble
        return Said(answer.status, CaseInsensitiveDict(answer.headers), answer.body)


def _door(url: str, *, detoured: bool) -> Door:
    host = urlsplit(url).netloc
    named = SignInProvider.objects.exclude(server_url="").values_list("server_url", flat=True)
    is_operators = detoured or host in {urlsplit(address).netloc for address in named}
    return Door.OPERATOR if is_operators else Door.PUBLIC


def _basic(auth: HTTPBasicAuth) -> str:
    pair = f"{auth.username!s}:{auth.password!s}"
    return "Basic " + b64encode(pair.encode()).decode()
