from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from atrium.chat import actions, queries
from atrium.chat.access import Right
from atrium.chat.actions import Wishes
from atrium.chat.asking import model_for, preset_named
from atrium.chat.forms import PresetForm, WishesForm
from atrium.chat.models import Chat, Preset
from atrium.chat.pages.whose import caller_of, chat_of, id_of
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.kit.errors import Unprocessable
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def wishes(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """How the answers of a chat shall be, and the presets to take that from."""
    shown = chat_of(request, chat_id, Right.OWN)
    context = {
        "chat": shown,
        "wished": shown,
        "models": _models(),
        "presets": queries.presets_for(caller_of(request)),
    }
    return render_page(request, "chat/wishes.html", context)


@page("POST", who="somebody")
def set_wishes(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    shown = chat_of(request, chat_id, Right.OWN)
    actions.set_wishes(chat=shown, wishes=_wishes(WishesForm(request.POST), shown))
    messages.success(request, _("The next answers will be like that."))
    return redirect("chat:chat", shown.pk)


@page("POST", who="somebody")
def take_preset(request: HttpRequest, chat_id: UUID) -> HttpResponseBase:
    """Have the next answers of the chat be as a preset says."""
    shown = chat_of(request, chat_id, Right.OWN)
    wanted = id_of(request.POST.get("preset", ""))
    if wanted is None:
        return redirect("chat:wishes", shown.pk)
    preset = preset_named(caller_of(request), wanted)
    actions.take_preset(chat=shown, preset=preset)
    messages.success(request, _("The next answers will be like that."))
    return redirect("chat:chat", shown.pk)


@page("GET", who="anyone")
def presets(request: HttpRequest) -> HttpResponseBase:
    """The presets to begin chats with, and a form for one more."""
    caller = caller_of(request)
    context = {
        "presets": queries.presets_for(caller),
        "mine": set(_mine(request).values_list("pk", flat=True)),
        "models": _models(),
        "wished": None,
    }
    return render_page(request, "chat/presets.html", context)


@page("POST", who="member")
def make_preset(request: HttpRequest) -> HttpResponseBase:
    form = PresetForm(request.POST)
    wished = _wishes(form)
    made = actions.make_preset(
        by=caller_of(request),
        title=form.cleaned_data.get("title", ""),
        wishes=wished,
        for_everybody=form.cleaned_data.get("for_everybody", False),
        at=clock.now(),
    )
    messages.success(request, _("“{title}” is kept.").format(title=made.title))
    return redirect("chat:presets")


@page("GET", who="member")
def preset(request: HttpRequest, preset_id: UUID) -> HttpResponseBase:
    shown = _preset(request, preset_id)
    context = {"preset": shown, "wished": shown, "models": _models()}
    return render_page(request, "chat/preset.html", context)


@page("POST", who="member")
def change_preset(request: HttpRequest, preset_id: UUID) -> HttpResponseBase:
    form = PresetForm(request.POST)
    wished = _wishes(form)
    changed = actions.change_preset(
        preset=_preset(request, preset_id),
        by=caller_of(request),
        title=form.cleaned_data.get("title", ""),
        wishes=wished,
        at=clock.now(),
    )
    messages.success(request, _("“{title}” is kept.").format(title=changed.title))
    return redirect("chat:presets")


@page("POST", who="member")
def remove_preset(request: HttpRequest, preset_id: UUID) -> HttpResponseBase:
    gone = _preset(request, preset_id)
    actions.remove_preset(preset=gone, by=caller_of(request), at=clock.now())
    messages.success(request, _("“{title}” is gone.").format(title=gone.title))
    return redirect("chat:presets")


def _models() -> Any:
    return Model.objects.offered().that_answer()


def _mine(request: HttpRequest) -> Any:
    return Preset.objects.that_may_be_changed_by(caller_of(request))


def _preset(request: HttpRequest, preset_id: UUID) -> Preset:
    found: Preset | None = _mine(request).filter(pk=preset_id).first()
    if found is None:
        raise Http404
    return found


def _wishes(form: WishesForm, chat: Chat | None = None) -> Wishes:
    if not form.is_valid():
        fields = {name: str(said[0]) for name, said in form.errors.items()}
        raise Unprocessable(_("Something in the form is not right."), fields=fields)
    said = form.cleaned_data
    return Wishes(
        model=model_for(chat, said["model"]) if said["model"] else None,
        system=said["system"],
        temperature=said["temperature"],
        most_tokens=said["most_tokens"],
    )
