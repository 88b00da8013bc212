from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from atrium.chat import keeping, queries
from atrium.chat.access import Right
from atrium.chat.asking import Asked, ask, model_for
from atrium.chat.forms import QuestionForm
from atrium.chat.generation import desk
from atrium.chat.idle import has_ended
from atrium.chat.pages.versions import branch
from atrium.chat.pages.whose import answer_of, caller_of, chat_of, id_of
from atrium.chat.prompts import filling_of
from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.web.policy import page
from atrium.web.render import asks_for_fragment, render_page


@page("POST", who="somebody")
def start(request: HttpRequest) -> HttpResponseBase:
    """Open a chat with its first question; the same form sent twice opens one."""
    caller = caller_of(request)
    form = _question(request)
    chat = queries.chat_asked_with(caller, form.cleaned_data["key"])
    if chat is None:
        chat, _begun = ask(by=caller, chat=None, asked=_asked(request, form), at=clock.now())
    return redirect("chat:chat", chat.pk)


@page("GET", who="anyone")
def chat(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Show a chat: what was said last, what is being written, and the composer."""
    shown = chat_of(request, chat_id)
    said = queries.turns_of(shown, before=id_of(request.GET.get("before", "")))
    context = {
        "chat": shown,
        "title": shown.title or _("New chat"),
        "turns": said.turns,
        "said": said,
        "documents": queries.documents_shown(shown),
        "folders": keeping.folders_of(caller_of(request)),
        "filling": filling_of(shown, model_for(shown, "")),
        "ended": has_ended(shown, at=clock.now()),
        "key": new_id(),
    }
    return render_page(request, "chat/chat.html", context)


@page("POST", who="somebody")
def turns(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Ask the next question; answers with the two turns, or with the page for who has no script."""
    shown = chat_of(request, chat_id, Right.EDIT)
    form = _question(request)
    _same, begun = ask(
        by=caller_of(request), chat=shown, asked=_asked(request, form), at=clock.now()
    )
    if form.cleaned_data["edits"] or not asks_for_fragment(request):
        return branch(request, shown, begun.question)
    fresh = queries.begun_in(shown, [begun.question, begun.answer])
    context = {"turns": fresh, "chat": shown, "key": new_id()}
    return render_page(request, "chat/parts/asked.html", context)


@page("GET", who="anyone")
def since(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """The turns after one that the page already shows, for a second tab."""
    shown = chat_of(request, chat_id)
    said = queries.turns_since(shown, id_of(request.GET.get("after", "")))
    context = {"turns": said.turns, "said": said, "chat": shown}
    return render_page(request, "chat/parts/since.html", context)


@page("GET", who="anyone")
def turn(request: HttpRequest, turn_id: UUID) -> HttpResponseBase:
    """One answer as it stands now."""
    answer = answer_of(request, turn_id)
    return render_page(request, "chat/parts/turn.html", {"turn": answer, "chat": answer.chat})


@page("GET", who="anyone")
def text(request: HttpRequest, turn_id: UUID) -> HttpResponseBase:
    """The text of an answer from an offset on, for who missed some of it."""
    answer = answer_of(request, turn_id)
    whole = desk.text_of(answer.pk)
    whole = answer.said if whole is None else whole
    asked_from = request.GET.get("from", "0")
    is_number = asked_from.isascii() and asked_from.isdigit() and len(asked_from) < 10
    at = min(int(asked_from), len(whole)) if is_number else 0
    return JsonResponse(
        {"turn": str(answer.pk), "state": answer.state, "at": at, "text": whole[at:]}
    )


@page("POST", who="somebody")
def stop(request: HttpRequest, turn_id: UUID) -> HttpResponseBase:
    """End an answer where it is; what was written stays, and is charged."""
    answer = answer_of(request, turn_id, Right.EDIT)
    if answer.is_writing:
        desk.stop(answer.pk)
    if asks_for_fragment(request):
        return HttpResponse(status=204)
    return redirect("chat:chat", answer.chat_id)


@page("GET", who="anyone")
def documents(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """The files of a chat and how far each is read."""
    shown = chat_of(request, chat_id)
    context = {"chat": shown, "documents": queries.documents_shown(shown)}
    return render_page(request, "chat/parts/documents.html", context)


@page("GET", who="anyone")
def source(request: HttpRequest, turn_id: UUID, number: int) -> HttpResponseBase:
    """The passage that an answer quotes, with the quoted words marked in it."""
    answer = answer_of(request, turn_id)
    citation = answer.citations.filter(number=number).first()
    if citation is None or answer.hidden_at:
        raise Http404
    context = {"turn": answer, **queries.passage_around(caller_of(request), citation)}
    return render_page(request, "chat/source.html", context, fragment="chat/parts/source.html")


def _question(request: HttpRequest) -> QuestionForm:
    form = QuestionForm(request.POST)
    form.is_valid()
    for name in ("text", "model", "beside"):
        form.cleaned_data.setdefault(name, "")
    for name in ("key", "preset", "folder", "after", "edits"):
        form.cleaned_data.setdefault(name, None)
    return form


def _asked(request: HttpRequest, form: QuestionForm) -> Asked:
    said = form.cleaned_data
    return Asked(
        text=said["text"],
        key=str(said["key"]) if said["key"] else "",
        model=said["model"],
        beside=said["beside"],
        preset=said["preset"],
        folder=said["folder"],
        after=said["after"],
        edits=said["edits"],
        file_ids=request.POST.getlist("files"),
        uploads=request.FILES.getlist("file"),
    )
