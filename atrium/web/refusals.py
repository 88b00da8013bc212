"""The one renderer of what we will not do: a page, a fragment for htmx, or problem JSON."""

import errno
import logging
import math
import secrets
import sys
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import (
    NotAllowed,
    NotFound,
    Refusal,
    SettleFirst,
    SignInNeeded,
    TooLarge,
    TooMany,
    Unavailable,
)
from atrium.web.policy import WrongMethod
from atrium.web.render import asks_for_fragment
from atrium.web.shell import Shell

log = logging.getLogger("atrium.faults")
PROBLEM = "application/problem+json"
_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
_AWAY = (OperationalError, InterfaceError)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_TRY_AGAIN = timedelta(seconds=10)
_MALFORMED = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


class Malformed(Refusal):
    code = "malformed"


class OutOfOrder(Unavailable):
    """What we stand on is away: the database, or room on the disk. Nothing was changed."""

    code = "out_of_order"


class Fault(Refusal):
    """What we did not foresee; its reference number stands in the log beside the reason."""

    status = 500
    code = "fault"


def as_refusal(error: BaseException) -> Refusal | None:
    """Return what ``error`` means to who asked; None when nobody foresaw it."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Http404):
        return NotFound(_("There is nothing here, or it is not yours to see."))
    if isinstance(error, PermissionDenied):
        return NotAllowed(_("This is not yours to do."))
    if isinstance(error, _TOO_MUCH):
        return TooLarge(_("This is more than one request may bring."))
    if isinstance(error, _MALFORMED):
        return Malformed(_("This request could not be read."))
    return None


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Render ``refusal`` the way ``request`` can use it; the words are the same everywhere."""
    if wants_json(request):
        response = _problem(refusal)
    elif isinstance(refusal, SignInNeeded):
        response = _to(request, "/sign-in", status=401)
    elif isinstance(refusal, SettleFirst):
        response = _to(request, refusal.page, status=403)
    elif asks_for_fragment(request):
        response = _fragment(request, refusal)
    else:
        response = _page(request, refusal)
    patch_vary_headers(response, ["Accept", "HX-Request"])
    response.headers.setdefault("Cache-Control", "no-store")
    if refusal.retry_at:
        wait = (refusal.retry_at - clock.now()).total_seconds()
        response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    if isinstance(refusal, WrongMethod):
        response.headers["Allow"] = ", ".join(refusal.allowed)
    return response


def refuse_fault(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Log ``error`` under a reference number and show nothing of it but that number."""
    reference = secrets.token_hex(5)
    request.fault_reference = reference  # type: ignore[attr-defined]
    log.error(
        "%s %s failed",
        request.method,
        request.path,
        exc_info=error,
        extra={"reference": reference},
    )
    if _is_outside(error):
        said = _("What this stands on does not answer. It is written down under %(reference)s.")
        away = OutOfOrder(said % {"reference": reference}, retry_at=clock.now() + _TRY_AGAIN)
        return refuse(request, away)
    said = _("Something of ours broke. It is written down under %(reference)s.")
    return refuse(
        request,
        Fault(
            said % {"reference": reference},
            way_on=_("Try again; if it stays, tell the operator that number."),
        ),
    )


def _is_outside(error: BaseException | None) -> bool:
    """Whether not our code but the database or the disk is at fault."""
    return isinstance(error, _AWAY) or (isinstance(error, OSError) and error.errno in _NO_ROOM)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: under ``/api/``, or one that takes JSON and no HTML."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith(("/api/", "/_allauth/")) or (
        "json" in accept and "text/html" not in accept
    )


def _problem(refusal: Refusal) -> HttpResponse:
    response = JsonResponse(
        {"type": "about:blank", **refusal.as_problem()},
        status=refusal.status,
        content_type=PROBLEM,
        json_dumps_params={"ensure_ascii": False},
    )
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Atrium"'
    return response


def _to(request: HttpRequest, page: str, *, status: int) -> HttpResponse:
    """Send a person to ``page``, and from there back to where they wanted to go."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    if asks_for_fragment(request):
        # The page around the fragment is what to come back to.
        return HttpResponse(status=status, headers={"HX-Redirect": page})
    return HttpResponseRedirect(f"{page}?{urlencode({'next': back})}" if back else page)


def _fragment(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    response = HttpResponse(
        render_to_string("web/parts/refusal.html", _context(request, refusal)),
        status=refusal.status,
    )
    response.headers["HX-Retarget"] = "#said"
    response.headers["HX-Reswap"] = "beforeend"
    return response


def _page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    # No context processor, no caller: no database stands between a fault and its page.
    body = render_to_string("web/refusal.html", _context(request, refusal))
    return HttpResponse(body, status=refusal.status)


def _context(request: HttpRequest, refusal: Refusal) -> dict[str, Any]:
    return {"refusal": refusal, "title": title_of(refusal), "shell": Shell(request, bare=True)}


def title_of(refusal: Refusal) -> str:
    """Return the heading over the sentence."""
    titles = {
        400: _("That could not be read"),
        401: _("Sign in first"),
        402: _("Not enough left for this"),
        403: _("Not allowed"),
        404: _("Nothing here"),
        405: _("Not in this way"),
        409: _("Somebody was faster"),
        410: _("No longer here"),
        413: _("Too large"),
        415: _("Not a kind we read"),
        422: _("Please look again"),
        429: _("Too many at once"),
        500: _("Something broke"),
        503: _("Not at the moment"),
    }
    return titles.get(refusal.status, _("That did not work"))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from one of our pages, or stayed open too long."""
    logging.getLogger("atrium.refusals").info("csrf: %s", reason)
    return refuse(
        request,
        NotAllowed(
            _("This form came from elsewhere, or was open for too long."),
            code="csrf_failed",
            way_on=_("Reload the page and send it again."),
        ),
    )


def too_often(request: HttpRequest) -> HttpResponse:
    """Answer what a package's own limit refused; named in ``atrium.urls`` as ``handler429``."""
    wait = timedelta(minutes=1)
    return refuse(
        request, TooMany(_("Too many tries. Wait a minute."), retry_at=clock.now() + wait)
    )


def handle_error(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """Be Django's handler for what no view raised: wrong addresses, middleware's refusals, faults.

    Named in ``atrium.urls`` as ``handler400``, ``handler403``, ``handler404`` and ``handler500``.
    """
    error = exception or sys.exc_info()[1]
    refusal = as_refusal(error) if error else None
    return refuse(request, refusal) if refusal else refuse_fault(request, error)
