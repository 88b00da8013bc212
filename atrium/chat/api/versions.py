from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.responses import Status

from atrium.chat import actions, queries
from atrium.chat.access import Right
from atrium.chat.api.turns import asked_out
from atrium.chat.api.whose import answer_of, caller_of, router
from atrium.chat.asking import ask_again
from atrium.chat.schemas import AgainIn, AskedOut, ChatOut
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.web.policy import policy
from atrium.web.schemas import errors


@router.post(
    "/turns/{uuid:turn_id}/again",
    response={202: AskedOut, **errors(402, 403, 404, 409)},
    summary="Have a question answered once more",
)
@policy(who="somebody")
def answer_again(request: HttpRequest, turn_id: UUID, wanted: AgainIn) -> Status[AskedOut]:
    """The answers before stay as versions; the new one is shown. `turn_id` is any of them."""
    answer = answer_of(request, turn_id, Right.EDIT)
    begun = ask_again(by=caller_of(request), answer=answer, model_slug=wanted.model, at=clock.now())
    return asked_out(answer.chat, begun)


@router.post(
    "/turns/{uuid:turn_id}/choose",
    response={200: ChatOut, **errors(403, 404)},
    summary="Show the branch of a turn",
)
@policy(who="somebody")
def choose_version(request: HttpRequest, turn_id: UUID) -> ChatOut:
    """The next question follows the end of it. Of two answers side by side this is the one."""
    turn = queries.turn_to_choose(caller_of(request), turn_id)
    if turn is None:
        raise NotFound(_("You have no such answer."))
    actions.choose(turn=turn, at=clock.now())
    turn.chat.refresh_from_db()
    return ChatOut.of(turn.chat)
