from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.responses import Status

from atrium.chat import actions, queries
from atrium.chat.access import Right
from atrium.chat.actions import Wishes
from atrium.chat.api.whose import caller_of, chat_of, router
from atrium.chat.asking import model_for, preset_named
from atrium.chat.models import Preset
from atrium.chat.schemas.turns import WishesOut
from atrium.chat.schemas.wishes import ChatWishesIn, PresetIn, PresetList, PresetOut, WishesIn
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.web.policy import policy
from atrium.web.schemas import errors


@router.put(
    "/{uuid:chat_id}/wishes",
    response={200: WishesOut, **errors(403, 404, 413)},
    summary="Say how the answers of a chat shall be",
)
@policy(who="somebody")
def set_wishes(request: HttpRequest, chat_id: UUID, wanted: ChatWishesIn) -> WishesOut:
    """It holds for the next answers; what was answered stays."""
    chat = chat_of(request, chat_id, Right.OWN)
    if wanted.preset:
        preset = preset_named(caller_of(request), wanted.preset)
        return WishesOut.of(actions.take_preset(chat=chat, preset=preset))
    return WishesOut.of(actions.set_wishes(chat=chat, wishes=_wishes(wanted)))


@router.get("/presets", response=PresetList, summary="List the presets to begin chats with")
@policy(who="somebody")
def list_presets(request: HttpRequest) -> PresetList:
    """The operator's first, then your own."""
    found = queries.presets_for(caller_of(request))
    return PresetList(items=[PresetOut.of(preset) for preset in found])


@router.post(
    "/presets", response={201: PresetOut, **errors(403, 404, 409, 413)}, summary="Keep a preset"
)
@policy(who="member")
def make_preset(request: HttpRequest, wanted: PresetIn) -> Status[PresetOut]:
    """Name it in `preset` when a chat begins."""
    preset = actions.make_preset(
        by=caller_of(request),
        title=wanted.title,
        wishes=_wishes(wanted.wishes),
        for_everybody=wanted.for_everybody,
        at=clock.now(),
    )
    return Status(201, PresetOut.of(preset))


@router.put(
    "/presets/{uuid:preset_id}",
    response={200: PresetOut, **errors(404, 409, 413)},
    summary="Change a preset",
)
@policy(who="member")
def change_preset(request: HttpRequest, preset_id: UUID, wanted: PresetIn) -> PresetOut:
    """Chats that began with it stay as they are."""
    preset = actions.change_preset(
        preset=_preset(request, preset_id),
        by=caller_of(request),
        title=wanted.title,
        wishes=_wishes(wanted.wishes),
        at=clock.now(),
    )
    return PresetOut.of(preset)


@router.delete(
    "/presets/{uuid:preset_id}", response={204: None, **errors(404)}, summary="Remove a preset"
)
@policy(who="member")
def remove_preset(request: HttpRequest, preset_id: UUID) -> Status[None]:
    """Chats that began with it stay as they are."""
    preset = _preset(request, preset_id)
    actions.remove_preset(preset=preset, by=caller_of(request), at=clock.now())
    return Status(204, None)


def _preset(request: HttpRequest, preset_id: UUID) -> Preset:
    mine = Preset.objects.that_may_be_changed_by(caller_of(request))
    found: Preset | None = mine.filter(pk=preset_id).first()
    if found is None:
        raise NotFound(_("There is no such preset."))
    return found


def _wishes(wanted: WishesIn) -> Wishes:
    return Wishes(
        model=model_for(None, wanted.model) if wanted.model else None,
        system=wanted.system,
        temperature=wanted.temperature,
        most_tokens=wanted.most_tokens,
    )
