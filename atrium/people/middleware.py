"""Who asks and in which language, for every request that Django answers."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject

from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.people import actions
from atrium.people.caller import NOBODY, Caller
from atrium.people.models import User
from atrium.people.queries import (
    GUEST_COOKIE,
    NOT_LET_IN,
    caller_with_bearer,
    guest_with_token,
    is_bearer,
)
from atrium.people.secret_addresses import SecretInAddress, holds_secret
from atrium.people.zones import zones
from atrium.web.address import address_of, neighbourhood
from atrium.web.links import lead_home
from atrium.web.refusals import refuse

GUEST_COOKIE_AGE = timedelta(days=365)
KEYS_OPEN = ("/api/", "/v1/")
"""Where a key is looked at; a page never opens with one."""

Answer = HttpResponseBase
GetAnswer = Callable[[HttpRequest], Any]


class sessions(SessionMiddleware):  # noqa: N801 (named like its neighbours)
    """Django's own, without two changes of thread for a request that leaves its session alone."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        lead_home(request)

    async def __acall__(self, request: HttpRequest) -> Any:
        self.process_request(request)
        answer = await cast(Awaitable[Any], self.get_response(request))
        if request.session.modified:
            return await sync_to_async(self.process_response)(request, answer)
        return self.process_response(request, answer)


@sync_and_async_middleware
def caller(get_answer: GetAnswer) -> GetAnswer:
    """Set ``request.caller``, and ``request.become_guest()`` that turns nobody into a guest."""
    if iscoroutinefunction(get_answer):

        async def answer_async(request: HttpRequest) -> Answer:
            if holds_secret(request.get_full_path()):
                return refuse(request, SecretInAddress())
            asked = _Asked(request)
            if asked.brings_something:
                # Looked up here, where a thread may be had, so that no view meets it unawares.
                with suppress(*NOT_LET_IN):  # said where the caller is asked for
                    await sync_to_async(asked.resolve)()
            return asked.finish(await get_answer(request))

        return answer_async

    def answer(request: HttpRequest) -> Answer:
        if holds_secret(request.get_full_path()):
            return refuse(request, SecretInAddress())
        return _Asked(request).finish(get_answer(request))

    return answer


class _Asked:
    """What is found out about who sent one request, and told back in its answer's cookies."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._caller: Caller | None = None
        self._refusal: Refusal | None = None
        self._token_to_set = ""
        self._authorization = ""
        if request.path_info.startswith(KEYS_OPEN):
            self._authorization = request.headers.get("Authorization", "")
        request.caller = SimpleLazyObject(self.resolve)  # type: ignore[attr-defined]
        request.become_guest = self.become_guest  # type: ignore[attr-defined]

    @property
    def brings_something(self) -> bool:
        cookies = self._request.COOKIES
        return (
            is_bearer(self._authorization)
            or settings.SESSION_COOKIE_NAME in cookies
            or GUEST_COOKIE in cookies
        )

    def resolve(self) -> Caller:
        if self._refusal:
            raise self._refusal
        if self._caller is None:
            try:
                self._caller = self._look_up()
            except NOT_LET_IN as refusal:
                self._refusal = refusal
                raise
            self._request.caller = self._caller  # type: ignore[attr-defined]
        return self._caller

    def _look_up(self) -> Caller:
        if is_bearer(self._authorization):
            found = caller_with_bearer(self._authorization)
            if found.key:
                actions.see_key(key_id=found.key.pk, at=clock.now())
            if found.app:
                actions.see_family(family_id=found.app.pk, at=clock.now())
            return found
        if settings.SESSION_COOKIE_NAME in self._request.COOKIES:
            person = get_user(self._request)
            if isinstance(person, User):
                self._keep_signed_in(person)
                return Caller(person=person)
        return self._guest() or NOBODY

    def _keep_signed_in(self, person: User) -> None:
        if actions.see_person(person=person, at=clock.now()):
            self._request.session.modified = True

    def _guest(self) -> Caller | None:
        token = self._request.COOKIES.get(GUEST_COOKIE, "")
        guest = guest_with_token(token)
        if guest is None:
            return None
        if actions.see_guest(guest=guest, at=clock.now()):
            self._token_to_set = token
        return Caller(guest=guest)

    def become_guest(self) -> Caller:
        """Make a guest of nobody; whoever is somebody stays who they are."""
        if self.resolve().is_nobody:
            address = neighbourhood(address_of(self._request))
            guest, self._token_to_set = actions.welcome_guest(at=clock.now(), address=address)
            self._caller = Caller(guest=guest)
            self._request.caller = self._caller  # type: ignore[attr-defined]
        return self.resolve()

    def finish(self, answer: Answer) -> Answer:
        if self._caller is not None:
            patch_vary_headers(answer, ["Cookie"])
        if getattr(self._request, "guest_has_gone", False):
            answer.delete_cookie(GUEST_COOKIE, samesite="Lax")
        elif token := getattr(self._request, "new_guest_token", "") or self._token_to_set:
            answer.set_cookie(
                GUEST_COOKIE,
                token,
                max_age=GUEST_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return answer


@sync_and_async_middleware
def locale(get_answer: GetAnswer) -> GetAnswer:
    """Speak the person's language, else the one chosen in this browser, else what it asks for.

    Times are told in the person's time zone, else in the server's.
    """
    if iscoroutinefunction(get_answer):

        async def answer_async(request: HttpRequest) -> Answer:
            _speak(request)
            return _told(await get_answer(request), request)

        return answer_async

    def answer(request: HttpRequest) -> Answer:
        _speak(request)
        return _told(get_answer(request), request)

    return answer


def _speak(request: HttpRequest) -> None:
    chosen = zone = ""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        with suppress(*NOT_LET_IN):
            if person := request.caller.person:  # type: ignore[attr-defined]
                chosen, zone = person.language, person.time_zone
    known = {code for code, _name in settings.LANGUAGES}
    language = chosen if chosen in known else translation.get_language_from_request(request)
    translation.activate(language)
    request.LANGUAGE_CODE = language
    timezone.activate(zone if zone in zones() else timezone.get_default_timezone())


def _told(answer: Answer, request: HttpRequest) -> Answer:
    answer.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
    patch_vary_headers(answer, ["Accept-Language", "Cookie"])
    return answer
