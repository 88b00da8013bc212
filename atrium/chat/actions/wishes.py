from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.chat.models import Chat, Preset
from atrium.engines.models import Model
from atrium.kit.errors import Conflict, NotAllowed, TooLarge, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller

MOST_TEMPERATURE = 2.0
MOST_TOKENS = 1_000_000


class SystemTooLong(TooLarge):
    """More instructions than are kept."""

    code = "system_too_long"


class BadWish(Unprocessable):
    """A setting out of its bounds."""

    code = "bad_wish"


class PresetExists(Conflict):
    """Another preset has this name."""

    code = "preset_exists"


class TooManyPresets(Unprocessable):
    """As many as one person keeps."""

    code = "too_many_presets"


class NotYours(NotAllowed):
    """Presets for everybody are the operator's."""

    code = "not_yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How answers shall be: by which model, by which instructions, how bold and how long."""

    model: Model | None = None
    system: str = ""
    temperature: float | None = None
    most_tokens: int | None = None

    def checked(self) -> "Wishes":
        """Return them as they are kept.

        :raises SystemTooLong: for instructions longer than are kept
        :raises BadWish: for a setting out of its bounds
        """
        system = self.system.replace("\r\n", "\n").replace("\x00", "").strip()
        if len(system) > (most := LIMITS.instructions_characters):
            raise SystemTooLong(
                _("Instructions have at most %(limit)d characters; these have %(used)d.")
                % {"limit": most, "used": len(system)},
                limit=most,
                used=len(system),
            )
        # Written so that what is no number is refused too.
        if self.temperature is not None and not 0 <= self.temperature <= MOST_TEMPERATURE:
            raise BadWish(
                _("How bold answers are goes from 0 to 2."), fields={"temperature": _("0 to 2.")}
            )
        if self.most_tokens is not None and not 1 <= self.most_tokens <= MOST_TOKENS:
            raise BadWish(
                _("An answer has at least one token, and at most a million."),
                fields={"most_tokens": _("1 to 1,000,000.")},
            )
        return Wishes(
            model=self.model,
            system=system,
            temperature=self.temperature,
            most_tokens=self.most_tokens,
        )

    def as_fields(self) -> dict[str, object]:
        return {
            "model": self.model,
            "system": self.system,
            "temperature": self.temperature,
            "most_tokens": self.most_tokens,
        }


@transaction.atomic
def set_wishes(*, chat: Chat, wishes: Wishes) -> Chat:
    """Have the next answers of the chat be as its owner wants them."""
    Chat.objects.filter(pk=chat.pk).update(**wishes.checked().as_fields(), preset=None)
    chat.refresh_from_db()
    return chat


@transaction.atomic
def take_preset(*, chat: Chat, preset: Preset) -> Chat:
    """Have the next answers be as the preset says now; what becomes of it later changes no chat."""
    Chat.objects.filter(pk=chat.pk).update(**_wishes_of(preset).as_fields(), preset=preset)
    chat.refresh_from_db()
    return chat


@transaction.atomic
def make_preset(
    *, by: Caller, title: str, wishes: Wishes, for_everybody: bool = False, at: datetime
) -> Preset:
    """Keep a preset, the caller's own or, by an administrator, one for everybody.

    :raises PresetExists: when the name is taken among the same
    """
    if for_everybody and not by.is_admin:
        raise NotYours(_("Only administrators offer presets to everybody."))
    if by.person is None:
        raise NotYours(_("Sign in to keep presets of your own."))
    title = _named(title)
    preset = Preset(person=None if for_everybody else by.person, title=title, made_at=at)
    used = Preset.objects.filter(person=preset.person).count()
    if used >= LIMITS.presets_per_person:
        raise TooManyPresets(
            _("At most %(limit)d presets are kept.") % {"limit": LIMITS.presets_per_person},
            limit=LIMITS.presets_per_person,
            used=used,
            way_on=_("Remove one that you no longer use."),
        )
    return _kept(preset, wishes, by, at)


@transaction.atomic
def change_preset(
    *, preset: Preset, by: Caller, title: str, wishes: Wishes, at: datetime
) -> Preset:
    """Give the preset another name or other wishes; chats that began with it stay as they are."""
    preset.title = _named(title)
    return _kept(preset, wishes, by, at)


@transaction.atomic
def remove_preset(*, preset: Preset, by: Caller, at: datetime) -> None:
    """Remove it; chats that began with it stay as they are."""
    if preset.person_id is None:
        _note("chat.preset_removed", preset, by, at)
    Preset.objects.filter(pk=preset.pk).delete()


def _wishes_of(preset: Preset) -> Wishes:
    return Wishes(
        model=preset.model,
        system=preset.system,
        temperature=preset.temperature,
        most_tokens=preset.most_tokens,
    )


def _kept(preset: Preset, wishes: Wishes, by: Caller, at: datetime) -> Preset:
    for name, value in wishes.checked().as_fields().items():
        setattr(preset, name, value)
    try:
        with transaction.atomic():
            preset.save()
    except IntegrityError:
        raise PresetExists(_("There is a preset with this name already.")) from None
    if preset.person_id is None:
        _note("chat.preset_offered", preset, by, at)
    return preset


def _note(action: str, preset: Preset, by: Caller, at: datetime) -> None:
    note(
        action,
        by=by.audience,
        about=("preset", preset.pk),
        detail={"title": preset.title},
        at=at,
    )


def _named(title: str) -> str:
    title = " ".join(title.split())[:60]
    if not title:
        raise BadWish(_("A title needs at least one letter."), fields={"title": _("Empty.")})
    return title
