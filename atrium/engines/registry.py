"""Which code answers for which model."""

from collections.abc import Callable

from atrium.engines.adapters.anthropic import Anthropic
from atrium.engines.adapters.gemini import Gemini
from atrium.engines.adapters.openai import OpenAICompatible
from atrium.engines.built_in.reader import Reader
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import Engine, EngineRefused

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


def engine_for(model: Model) -> Engine:
    """Return what answers for ``model``, which has its provider at hand.

    :raises EngineRefused: when nothing here speaks the provider's protocol
    """
    makers = _built_in if model.provider.kind == Provider.Kind.BUILT_IN else _by_kind
    name = model.slug if makers is _built_in else model.provider.kind
    maker = makers.get(name)
    if maker is None:
        raise EngineRefused(f"Nothing here speaks for {model.title}.")
    return maker(model)
