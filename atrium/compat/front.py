"""The application under ``/v1``: bare ASGI, beside Django's handler."""

import logging
import secrets
from collections.abc import Awaitable, Callable

from django.utils.translation import gettext as _

from atrium.compat import listing, others
from atrium.compat.completions import chat_completions
from atrium.compat.errors import NotHere
from atrium.compat.exchange import CallerLeft, Exchange, Receive, Scope, Send
from atrium.compat.keyring import Keyring
from atrium.compat.responses import responses
from atrium.compat.transcriptions import transcriptions, translations
from atrium.kit.errors import Refusal, Unavailable
from atrium.kit.ids import new_id
from atrium.web import drain, metrics
from atrium.web.refusals import Fault

log = logging.getLogger("atrium.faults")
Answer = Callable[[Exchange], Awaitable[None]]

ROUTES: dict[str, dict[str, Answer]] = {
    "/v1/models": {"GET": listing.models},
    "/v1/models/": {"GET": listing.model},
    "/v1/chat/completions": {"POST": chat_completions},
    "/v1/responses": {"POST": responses},
    "/v1/embeddings": {"POST": others.embeddings},
    "/v1/images/generations": {"POST": others.pictures},
    "/v1/audio/speech": {"POST": others.speech},
    "/v1/audio/transcriptions": {"POST": transcriptions},
    "/v1/audio/translations": {"POST": translations},
}
"""By address, or by what it begins with where that ends in a slash."""


class WrongMethod(Refusal):
    status = 405
    code = "method_not_allowed"


class GoingDown(Unavailable):
    code = "going_down"


class Front:
    """Answers every call under ``/v1``, and errors in OpenAI's shape."""

    def __init__(self) -> None:
        self._keyring = Keyring()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(new_id(), scope, receive, send)
        try:
            await self._answer(exchange)
        except Refusal as refusal:
            await exchange.refuse(refusal)
        except CallerLeft:
            await self._say_going_down(exchange)
        except Exception as trouble:
            await exchange.refuse(_noted(exchange, trouble))

    async def _answer(self, exchange: Exchange) -> None:
        answer = _route(exchange.scope)
        known = await self._keyring.look_up(exchange.header(b"authorization"))
        exchange.caller, exchange.standing, exchange.most_calls = known
        await answer(exchange)

    async def _say_going_down(self, exchange: Exchange) -> None:
        if drain.is_draining():  # they have not left: we have
            said = _("This server is being restarted. Ask again in a moment.")
            await exchange.refuse(GoingDown(said))


def _route(scope: Scope) -> Answer:
    path: str = scope["path"]
    methods = ROUTES.get(path) if not path.endswith("/") else None
    if methods is None:
        begins = (name for name in ROUTES if name.endswith("/"))
        name = next((one for one in begins if path.startswith(one) and path != one), "")
        methods = ROUTES.get(name)
    if methods is None:
        raise NotHere(_("There is nothing at %(path)s.") % {"path": path[:200]})
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    if method not in methods:
        raise WrongMethod(_("This address is asked with %s.") % ", ".join(methods))
    return methods[method]


def _noted(exchange: Exchange, trouble: Exception) -> Refusal:
    reference = secrets.token_hex(5)
    metrics.FAULTS.add()
    log.error(
        "%s %s failed",
        exchange.scope["method"],
        exchange.scope["path"],
        exc_info=trouble,
        extra={"reference": reference},
    )
    said = _("Something of ours broke. It is written down under %(reference)s.")
    return Fault(said % {"reference": reference})
