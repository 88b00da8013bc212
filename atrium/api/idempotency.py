"""A call sent twice under one ``Idempotency-Key`` is done once and answered twice."""

import hashlib
import json
import re
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from atrium.api.models import IdempotentRequest
from atrium.kit.errors import Conflict, Refusal, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import seal, unseal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
PURPOSE = "api.answer"
KEPT_HEADERS = ("Content-Type", "Location", "X-Request-Id")
STILL_RUNNING = timedelta(minutes=2)
_KEY = re.compile(r"[\x21-\x7e]+")


class BadIdempotencyKey(Refusal):
    code = "bad_idempotency_key"


class InFlight(Conflict):
    """The first call with this key is not answered yet."""

    code = "in_flight"


class OutcomeUnknown(Conflict):
    """The first call with this key died half-way; nobody can say what it did."""

    code = "outcome_unknown"


class KeyReused(Unprocessable):
    """The key was used for another call."""

    code = "idempotency_key_reused"


def begin(request: HttpRequest, *, caller: str, at: datetime) -> IdempotentRequest | HttpResponse:
    """Return the row of a first call, or the answer that the first call was given.

    :raises InFlight: while the first is not answered
    :raises KeyReused: when the first asked for something else
    """
    key = _checked(request.headers[HEADER])
    fingerprint = _fingerprint(request)
    IdempotentRequest.objects.filter(caller=caller, key=key, expires_at__lte=at).delete()
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(
                caller=caller,
                key=key,
                fingerprint=fingerprint,
                made_at=at,
                expires_at=at + timedelta(hours=LIMITS.idempotency_hours),
            )
    except IntegrityError:
        first = IdempotentRequest.objects.filter(caller=caller, key=key).first()
    if first is None:
        raise InFlight(_("A call with this key ended just now; send it again."))
    return _answer_again(first, fingerprint, at=at)


def end(row: IdempotentRequest, answer: HttpResponseBase) -> None:
    """Keep the answer of a call that did something; after any other the key is free again."""
    if not _is_worth_keeping(answer):
        release(row)
        return
    assert isinstance(answer, HttpResponse)
    kept = {
        "headers": {name: answer[name] for name in KEPT_HEADERS if name in answer},
        "body": answer.content.decode(),
    }
    IdempotentRequest.objects.filter(pk=row.pk).update(
        state=IdempotentRequest.State.DONE,
        status=answer.status_code,
        sealed_answer=seal(json.dumps(kept), PURPOSE),
    )


def release(row: IdempotentRequest) -> None:
    """Forget a call that did nothing."""
    IdempotentRequest.objects.filter(pk=row.pk).delete()


def _is_worth_keeping(answer: HttpResponseBase) -> bool:
    return (
        isinstance(answer, HttpResponse)
        and answer.status_code < 400
        and len(answer.content) <= LIMITS.idempotency_answer_bytes
    )


def _answer_again(first: IdempotentRequest, fingerprint: str, *, at: datetime) -> HttpResponse:
    if first.fingerprint != fingerprint:
        raise KeyReused(_("This Idempotency-Key was used for another call. Make a new one."))
    if first.state == IdempotentRequest.State.RUNNING:
        if at - first.made_at > STILL_RUNNING:
            raise OutcomeUnknown(
                _("The first call with this key was cut off. Look what it did."),
                way_on=_("Send it again with a new key if it did nothing."),
            )
        raise InFlight(
            _("The first call with this key is still under way."),
            retry_at=at + timedelta(seconds=1),
        )
    kept = json.loads(unseal(first.sealed_answer, PURPOSE))
    answer = HttpResponse(kept["body"], status=first.status, headers=kept["headers"])
    answer[REPLAYED] = "true"
    return answer


def _checked(key: str) -> str:
    if len(key) > LIMITS.idempotency_key_characters or not _KEY.fullmatch(key):
        raise BadIdempotencyKey(
            _("An Idempotency-Key has at most %(limit)s visible ASCII characters.")
            % {"limit": LIMITS.idempotency_key_characters},
            limit=LIMITS.idempotency_key_characters,
        )
    return key


def _fingerprint(request: HttpRequest) -> str:
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    # Of an upload its length must do; the boundary of a form is new each time.
    if request.content_type == "application/json":
        told.update(request.body)
    elif request.content_type != "multipart/form-data":
        told.update(f"{request.content_type} {request.headers.get('Content-Length', '')}".encode())
    return told.hexdigest()
