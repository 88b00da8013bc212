"""What a model can probably do, by its name alone, until the operator says."""

import re

from atrium.engines.models import Capability

_WORDS = {
    Capability.EMBEDS: r"embed|\bbge\b|\bgte\b|\be5\b|minilm",
    Capability.TRANSCRIBES: r"whisper|transcri|\bstt\b|\basr\b|parakeet|voxtral",
    Capability.SPEAKS: r"\btts\b|speech|kokoro|\bpiper\b|\bvoice",
    Capability.DRAWS: r"image|dall-?e|flux|stable-?diffusion|sdxl|\bsd3",
}
_ALSO = {
    Capability.PICTURES_IN: r"vision|\bvl\b|llava|4o|gpt-[5-9]|claude|gemini|gemma-?[3-9]|pixtral",
    Capability.REASONS: r"\bo[1-9]\b|\br1\b|think|reason|qwq|gpt-oss|gpt-[5-9]",
}


def capabilities_of(remote_name: str) -> dict[str, bool]:
    """Return the columns of a new model: most answer; what does something else does only that."""
    name = re.sub(r"[_/:.]", "-", remote_name.lower())
    does = {one.value: bool(re.search(words, name)) for one, words in _WORDS.items()}
    answers = not any(does.values())
    also = {one.value: bool(re.search(words, name)) for one, words in _ALSO.items()}
    return {
        **does,
        **also,
        Capability.ANSWERS.value: answers,
        Capability.TOOLS.value: answers,
    }
