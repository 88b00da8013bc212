from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from atrium.chat import actions, queries
from atrium.chat.access import Right
from atrium.chat.asking import ask_again
from atrium.chat.models import Chat, Turn
from atrium.chat.pages.whose import answer_of, caller_of, chat_of, id_of
from atrium.kit import clock
from atrium.web.policy import page
from atrium.web.render import asks_for_fragment, render_page


@page("POST", who="somebody")
def again(request: HttpRequest, turn_id: UUID) -> HttpResponseBase:
    """Have the question of an answer answered once more, by the same model or another."""
    answer = answer_of(request, turn_id, Right.EDIT)
    begun = ask_again(
        by=caller_of(request),
        answer=answer,
        model_slug=request.POST.get("model", ""),
        key=str(id_of(request.POST.get("key", "")) or ""),
        at=clock.now(),
    )
    return branch(request, answer.chat, begun.answer)


@page("POST", who="somebody")
def choose(request: HttpRequest, turn_id: UUID) -> HttpResponseBase:
    """Show another version of a turn, and what followed it."""
    turn = queries.turn_to_choose(caller_of(request), turn_id)
    if turn is None:
        raise Http404
    actions.choose(turn=turn, at=clock.now())
    return branch(request, turn.chat, turn)


@page("GET", who="anyone")
def log(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """The end of the branch that is shown, or what was said before one turn of it."""
    chat = chat_of(request, chat_id)
    said = queries.turns_of(chat, before=id_of(request.GET.get("before", "")))
    return render_page(request, "chat/parts/log.html", _context(chat, said))


def branch(request: HttpRequest, chat: Chat, turn: Turn) -> HttpResponseBase:
    """Answer with the branch that is shown now, as far back as the turn that led here."""
    if not asks_for_fragment(request):
        return redirect(f"/chat/{chat.pk}#turn-{turn.pk}")
    said = queries.turns_of(chat, until=turn.pk)
    return render_page(request, "chat/parts/log.html", _context(chat, said))


def _context(chat: Chat, said: queries.Stretch) -> dict[str, object]:
    return {"chat": chat, "turns": said.turns, "said": said}
