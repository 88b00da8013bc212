"""Whether a person proved lately who they are; what is dangerous asks for it again, then goes on.

The proofs are allauth's records in the session, so that a password, a code, a passkey or a sign-in
by a provider all count, for the quarter of an hour that allauth counts too.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    stash_and_reauthenticate,
)
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import resolve
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from atrium.kit import clock, secrets
from atrium.kit.errors import NotAllowed
from atrium.web.render import asks_for_fragment

View = TypeVar("View", bound=Callable[..., Any])
_PURPOSE = "what was asked before"
_MOST = 20_000
_SETTINGS = "/settings"
_SAFE = ("GET", "HEAD")


class ProveAgain(NotAllowed):
    """The person signed in too long ago for this."""

    code = "prove_again"

    def __init__(self) -> None:
        super().__init__(
            _("This needs your password or your second factor once more."),
            way_on=_("Sign out and in again, then repeat it."),
        )


def is_recent(request: HttpRequest) -> bool:
    """Whether somebody proved in this session, lately, to be the person it belongs to."""
    records = get_authentication_records(request, cast(Any, request.user))
    latest = max((float(record["at"]) for record in records), default=0.0)
    return clock.now().timestamp() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def check_recent(request: HttpRequest) -> None:
    """Refuse a program that asks for what only a person may who proved lately who they are.

    :raises ProveAgain: to a program always, in a session when it was long ago
    """
    if request.caller.is_program or not is_recent(request):  # type: ignore[attr-defined]
        raise ProveAgain


def recently_authenticated(*methods: str) -> Callable[[View], View]:
    """Have these methods of a page ask again who it is, and then go on to what was asked.

    Stands below ``page``, and for POST or GET each where it is said.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            asked = request.method in methods or (request.method == "HEAD" and "GET" in methods)
            if asked and not is_recent(request):
                return ask_again(request)
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return declare


def asks_as_we_do(view: View) -> View:
    """Have a view of allauth's ask again as ours do: it would keep the whole request readable."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return view(request, *args, **kwargs)
        except ReauthenticationRequired:
            return ask_again(request)

    return cast(View, guarded)


def ask_again(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks who it is, and remember, sealed, what was asked for.

    :raises ProveAgain: who has neither password nor second factor, and so nothing to show
    """
    if not get_adapter(request).get_reauthentication_methods(cast(Any, request.user)):
        raise ProveAgain
    asked = _sealed(request)
    here = request.get_full_path() if asked or request.method in _SAFE else _SETTINGS
    # In the place of what was asked for earlier, which is not done by this.
    state = {"path": here, "asked": asked}
    to: HttpResponse = stash_and_reauthenticate(request, state, f"{__name__}.go_on")
    address = f"{to['Location']}?{urlencode({'next': here})}"
    if asks_for_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def go_on(request: HttpRequest, state: dict[str, str]) -> HttpResponse:
    """Do what was asked for before; called by allauth once the person has proved who they are."""
    path = state["path"]
    if get_next_redirect_url(request) != path or not state["asked"]:
        return HttpResponseRedirect(get_next_redirect_url(request) or _SETTINGS)
    asked = json.loads(secrets.unseal(state["asked"], _PURPOSE))
    request.method = "POST"
    request.path, _mark, query = path.partition("?")
    request.path_info = request.path
    request.META["QUERY_STRING"] = query
    request.GET, request.POST = QueryDict(query), QueryDict(asked["form"])
    request.resolver_match = match = resolve(request.path_info)
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return answer


def _sealed(request: HttpRequest) -> str:
    """Return a form that was sent, sealed: it may hold a new password. A page needs none."""
    if request.method in _SAFE or request.FILES:
        return ""
    form = request.POST.urlencode()
    return secrets.seal(json.dumps({"form": form}), _PURPOSE) if len(form) <= _MOST else ""
