"""Which code answers for which model."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from atrium.engines.adapters.anthropic import Anthropic
from atrium.engines.adapters.gemini import Gemini
from atrium.engines.adapters.openai import OpenAICompatible
from atrium.engines.built_in.reader import Reader
from atrium.engines.calling import Calling
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import Engine, EngineUnfit

Maker = Callable[[Model], Engine]

_built_in: dict[str, Maker] = {"reader": lambda _model: Reader()}
_by_kind: dict[str, Maker] = {
    Provider.Kind.OPENAI: OpenAICompatible,
    Provider.Kind.ANTHROPIC: Anthropic,
    Provider.Kind.GEMINI: Gemini,
}


def register_built_in(slug: str, maker: Maker) -> None:
    """Let ``maker`` answer for the built-in model ``slug``."""
    _built_in[slug] = maker


def engine_for(model: Model, *, for_guest: bool = False) -> Engine:
    """Return what answers for ``model``, which has its provider at hand.

    What a guest asks counts against what the operator lets all guests ask in a day.

    :raises EngineRefused: when nothing here speaks the provider's protocol
    """
    if model.provider.kind == Provider.Kind.BUILT_IN:
        return speaker_for(model)
    return Calling(model, speaker_for=speaker_for, for_guest=for_guest)


def speaker_for(model: Model) -> Engine:
    """Return what speaks the protocol of the model's provider, and nothing around it.

    :raises EngineRefused: when nothing here does
    """
    is_built_in = model.provider.kind == Provider.Kind.BUILT_IN
    makers = _built_in if is_built_in else _by_kind
    maker = makers.get(model.slug if is_built_in else model.provider.kind)
    if maker is None:
        raise EngineUnfit(_("Nothing here speaks for %(model)s.") % {"model": model.title})
    return maker(model)
