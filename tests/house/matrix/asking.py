"""Asks one route as one role, and leaves no trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.http import HttpResponse

from atrium.api.openapi import document
from atrium.kit import remembered
from atrium.options import queries as options
from tests.house.matrix.everybody import Everybody, Role
from tests.house.matrix.routes import Asked, fill


@dataclass(frozen=True)
class Sent:
    """What goes along with a request, so that a good one is let through to its end."""

    data: Any = None  # fields of a form, or bytes with ``kind``
    kind: str = ""
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)


_TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": "5"}
_PIECE = Sent(b"12345", "application/offset+octet-stream", headers=_TUS)
_NEW_NAME = {"username": "somebody", "password": "correct horse battery"}
_REASON = Sent({"reason": "They asked for it."})
_PLAN = {"name": "Small", "price": "4.50", "tokens": "5", "credits": "0", "order": "1"}
_PACKAGE = {"name": "Tiny", "credits": "5", "price": "0.50", "currency": "USD", "order": "1"}
_ENGINE = {"url": "http://127.0.0.1:1/v1", "order": "5"}
_MODEL = {"title": "Blue", "order": "5", "lowest_tier": "0", "context_tokens": "9000"}
_STATEMENT = Sent({"statement": "So it is."})
GOOD: dict[str, Sent] = {
    "POST /preferences": Sent({"theme": "dark"}),
    "POST /sign-in": Sent(_NEW_NAME),
    "POST /sign-up": Sent(_NEW_NAME),
    "POST /settings": Sent(
        {"display_name": "A", "bio": "", "language": "", "theme": "dark", "time_zone": ""}
    ),
    "POST /settings/password": Sent({"old": "wrong", "new": "correct horse battery"}),
    "POST /sign-in/again/second-factor": Sent({"code": "000000"}),
    "POST /settings/second-factor/app": Sent({"code": "000000"}),
    "POST /settings/passkeys/<int:passkey_id>/rename": Sent({"name": "Blue"}),
    "POST /settings/passkeys/add": Sent({"name": "Blue", "credential": "{}"}),
    "POST /settings/mail": Sent({"email": "newer@x.example"}),
    "POST /reset": Sent({"email": "nobody@x.example"}),
    "POST /reset/code": Sent({"username": "nobody", "code": "x", "new": "x"}),
    "POST /settings/keys": Sent({"name": "nightly", "scopes": ["read"], "lasts": "30"}),
    "POST /settings/anonymity": Sent({"anonymous": "yes"}),
    "POST /chat/new": Sent({"text": "Why?"}),
    "POST /chat/<uuid:chat_id>/turns": Sent({"text": "Why?"}),
    "POST /chat/<uuid:chat_id>/wishes/set": Sent({"system": "Be short."}),
    "POST /chat/presets/new": Sent({"title": "Short", "system": "Be short."}),
    "POST /chat/presets/<uuid:preset_id>/change": Sent({"title": "Shorter"}),
    "POST /chat/<uuid:chat_id>/rename": Sent({"title": "Leaves"}),
    "POST /chat/<uuid:chat_id>/people/invite": Sent({"whom": "another", "role": "edit"}),
    "POST /chat/<uuid:chat_id>/people/pays": Sent({"who": "owner", "tokens": "5000"}),
    "POST /chat/people/<uuid:collaborator_id>/role": Sent({"role": "view"}),
    "POST /chat/imports": Sent({"file": SimpleUploadedFile("a.json", b"[]")}),
    "POST /api/v1/chats/imports": Sent(b"[]", "application/octet-stream"),
    "POST /chat/folders": Sent({"title": "Garden"}),
    "POST /chat/folders/<uuid:folder_id>/change": Sent({"title": "Garden"}),
    "GET /api/v1/chats/search": Sent(query="?q=leaves"),
    "POST /files": Sent({"file": SimpleUploadedFile("a.txt", b"Some words.")}),
    "POST /files/uploads": Sent(headers={**_TUS, "Upload-Metadata": "filename YS50eHQ="}),
    "HEAD /files/uploads/<uuid:upload_id>": Sent(headers=_TUS),
    "PATCH /files/uploads/<uuid:upload_id>": _PIECE,
    "DELETE /files/uploads/<uuid:upload_id>": Sent(headers=_TUS),
    "POST /api/v1/files": Sent(b"Some words.", "text/plain", "?name=a.txt"),
    "POST /console/options/setting/<path:object_id>/change/": Sent({"text": "7"}),
    "POST /wallet/buy": Sent({"choice": "amount", "amount": "5", "currency": "USD", "do": "pay"}),
    "POST /wallet/low-balance": Sent({"below": "5"}),
    "POST /usage/credits": Sent({"allowed": "yes"}),
    "POST /api/v1/credits": Sent(
        {"amount": "5", "gateway": "sandbox"}, "application/json", headers={"Idempotency-Key": "k"}
    ),
    "POST /console/payments/payment/<path:object_id>/do/refund/": Sent(
        {"amount": "1", "reason": "They asked for it."}
    ),
    "POST /console/payments/payment/<path:object_id>/do/take_as_it_is/": _REASON,
    "POST /console/payments/payment/<path:object_id>/do/send_back/": _REASON,
    "POST /console/payments/payment/<path:object_id>/do/be_done_with/": _REASON,
    "POST /console/payments/refund/<path:object_id>/do/call_off/": _REASON,
    "POST /console/payments/gatewaysetting/new/": Sent({"slug": "sandbox", "order": "3"}),
    "POST /console/payments/gatewaysetting/<path:object_id>/do/change/": Sent({"order": "3"}),
    "POST /console/engines/provider/new/": Sent(
        _ENGINE | {"kind": "openai", "name": "Newer", "models": "blue"}
    ),
    "POST /console/engines/provider/<path:object_id>/do/change/": Sent(_ENGINE | {"at_once": "2"}),
    "POST /console/engines/model/<path:object_id>/do/change/": Sent(
        _MODEL | {"most_output_tokens": "100"}
    ),
    "POST /console/plans/package/new/": Sent(_PACKAGE),
    "POST /console/plans/package/<path:object_id>/do/change/": Sent(_PACKAGE),
    "POST /console/plans/coupon/new/": Sent({"kind": "percent", "percent": "5", "uses": "1"}),
    "POST /wallet/plan/cancel": Sent({"when": "now"}),
    "POST /console/plans/plan/new/": Sent(_PLAN | {"slug": "small", "currency": "USD"}),
    "POST /console/plans/plan/<path:object_id>/do/change/": Sent(_PLAN | {"currency": "USD"}),
    "POST /console/plans/plan/<path:object_id>/do/allow/": Sent({"action": "x"}),
    "POST /console/plans/subscription/<path:object_id>/do/end/": _REASON,
    "POST /console/plans/subscription/<path:object_id>/do/extend/": Sent(
        {"days": "3", "reason": "They asked for it."}
    ),
    "POST /sandbox/checkout/<str:order_ref>": Sent({"do": "pay"}),
    "POST /sandbox/orders/<str:order_ref>": Sent({"do": "repeat"}),
    "POST /sandbox/cards/<str:card_token>": Sent({"next_charge": "works"}),
    "POST /sandbox/begins": Sent({"begins": "works"}),
    "POST /sandbox/clock": Sent({"do": "1d"}),
    "POST /console/people/user/<path:object_id>/do/suspend/": _REASON,
    "POST /console/people/user/<path:object_id>/do/change_role/": Sent({"role": "USER"}),
    "POST /console/privacy/holder/<path:object_id>/do/break_glass/": _REASON,
    "POST /console/privacy/holder/<path:object_id>/do/erase/": _REASON,
    "POST /settings/invitations": Sent({"uses": "1", "days": "7"}),
    "POST /terms/accept": Sent({"terms": "on", "versions": ""}),
    "POST /console/people/joining/<path:object_id>/do/decline/": Sent({"sentence": "No."}),
    "POST /console/people/invitation/new/": Sent(
        {"uses": "1", "days": "7", "role": "USER", "staff_areas": "finance"}
    ),
    "POST /console/people/termsversion/new/": Sent({"kind": "terms", "text": "Be kind."}),
    "POST /console/people/termsversion/<path:object_id>/do/edit/": Sent({"text": "Be kind."}),
    "POST /console/notifications/announcement/new/": Sent(
        {"text": "Hello.", "level": "info", "shown_to": "everybody"}
    ),
    "POST /console/people/apikey/<path:object_id>/do/revoke/": _REASON,
    "POST /report/<slug:kind>/<uuid:thing_id>": Sent({"category": "spam"}),
    "POST /suspended": Sent({"text": "It was not so."}),
    "POST /settings/blocked": Sent({"name": "somebody-else"}),
    "POST /settings/blocked/report": Sent({"name": "somebody", "category": "spam"}),
    "POST /settings/blocked/decisions/<uuid:decision_id>": Sent({"text": "It was not so."}),
    "POST /console/moderation/report/<path:object_id>/do/uphold/": Sent(
        {"measure": "nothing", "statement": "So it is."}
    ),
    "POST /console/moderation/report/<path:object_id>/do/dismiss/": _STATEMENT,
    "POST /console/moderation/report/<path:object_id>/do/break_glass/": _REASON,
    "POST /console/moderation/appeal/<path:object_id>/do/keep/": _STATEMENT,
    "POST /console/moderation/appeal/<path:object_id>/do/overturn/": _STATEMENT,
    "POST /console/ledger/entry/<path:object_id>/do/reverse/": _REASON,
    "POST /console/ledger/correction/new/": Sent(
        {"username": "charlie", "amount": "5", "reason": "The answer broke off."}
    ),
}
"""Forms and bodies, by route. A JSON body is the example of the API's own description."""
GOOD |= {
    name.replace("/files/uploads", "/api/v1/files/uploads"): sent
    for name, sent in list(GOOD.items())
    if "/files/uploads" in name
}


def sent_with(asked: Asked) -> Sent:
    """Return what a good request of this kind holds."""
    if asked.name in GOOD or not asked.is_api:
        return GOOD.get(asked.name, Sent())
    path = asked.route.replace("uuidstr:", "").replace("<", "{").replace(">", "}")
    spoken = document()["paths"].get(path, {}).get(asked.method.lower(), {})
    content = spoken.get("requestBody", {}).get("content", {}).get("application/json")
    return Sent(content["example"], "application/json") if content else Sent()


@contextmanager
def undone() -> Iterator[None]:
    """Put the database back to where it was; nothing that waits for a commit happens."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # what must not stand in a transaction knows ours
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)
    options.forget()
    remembered.forget_all()


@contextmanager
def answered(
    everybody: Everybody, role: Role, asked: Asked, sent: Sent | None = None
) -> Iterator[HttpResponse]:
    """Ask, and hold the answer open while the database is as the request left it."""
    sent, client = sent or sent_with(asked), everybody.client
    client.cookies = SimpleCookie({name: one.value for name, one in role.cookies.items()})
    given: dict[str, Any] = {} if sent.data is None else {"data": _rewound(sent.data)}
    if sent.kind:
        given["content_type"] = sent.kind
    speak = getattr(client, asked.method.lower())
    with undone():
        answer = speak(
            fill(asked, role.things.called) + sent.query,
            headers={"Accept": "application/json", **sent.headers, **role.sent()},
            **given,
        )
        try:
            yield answer
        finally:
            _close(answer)


def _rewound(data: Any) -> Any:
    for value in data.values() if isinstance(data, dict) else ():
        if hasattr(value, "seek"):
            value.seek(0)  # the request before has read it
    return data


def _close(answer: HttpResponse) -> None:
    # As the test's client does: the end of a request must not end the test's connection.
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


def outcome(answer: HttpResponse, asked: Asked) -> str:
    """Return ``ok``, ``sign-in``, or the status of another refusal."""
    status = answer.status_code
    to_sign_in = status == 302 and answer["Location"].startswith("/sign-in")
    if status == 401 or (to_sign_in and not asked.route.endswith("/login/")):
        return "sign-in"
    return "ok" if status < 400 else str(status)


def body_of(answer: Any) -> bytes:
    """Return all that an answer holds, however it is sent, its headers included."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    cookies = answer.cookies.output()
    return b"\n".join([headers.encode(), cookies.encode(), content])
