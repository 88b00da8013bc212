"""Which passages of the handbook a question is about, if any."""

import math
from collections import Counter, defaultdict

from atrium.handbook.book import Passage, chapters
from atrium.kit.limits import LIMITS
from atrium.kit.words import stems, words

MOST = 3
# What a word counts for where it stands: below its heading, in it, in the title of the chapter.
_IN_TEXT, _IN_HEADING, _IN_TITLE = 1.0, 1.0, 0.5


def passages_about(asked: str, *, language: str) -> list[Passage]:
    """Return the passages that share most of the question's words, best first.

    Strangers ask about everything: a passage that shares only one word of several says nothing
    about their question, and is none of it.
    """
    said = (stem for stem in stems(asked) if not stem.isdigit())
    wanted = list(dict.fromkeys(said))[: LIMITS.question_words]
    known = [one for chapter in chapters(language) for one in chapter.passages]
    counts = [_counts(passage, wanted) for passage in known]
    seen_in = Counter(stem for found in counts for stem in found)
    found = [
        (sum(math.log(1 + len(known) / seen_in[stem]) * count[stem] for stem in count), passage)
        for passage, count in zip(known, counts, strict=True)
        if wanted and len(count) >= _enough(wanted, passage)
    ]
    found.sort(key=lambda one: -one[0])
    return [passage for score, passage in found[:MOST] if score >= found[0][0] / 2]


def _counts(passage: Passage, wanted: list[str]) -> dict[str, float]:
    """Return for each of the words that stands there what it counts for."""
    found = defaultdict[str, float](float)
    for text, weight in (
        (passage.text, _IN_TEXT),
        (passage.heading, _IN_HEADING),
        (passage.title, _IN_TITLE),
    ):
        for stem in _begun_with(text, wanted):
            found[stem] += weight
    return found


def _begun_with(text: str, wanted: list[str]) -> set[str]:
    said = set(words(text))
    return {stem for stem in wanted if any(word.startswith(stem) for word in said)}


def _enough(wanted: list[str], passage: Passage) -> int:
    """Return how many of the words it must share: most of few, half of many.

    A word that stands alone says what is asked about only where it is what a place is about.
    """
    if len(wanted) == 1:
        return 1 if _begun_with(f"{passage.title} {passage.heading}", wanted) else 2
    if len(wanted) == 2 and _begun_with(passage.heading, wanted):
        return 1
    return len(wanted) // 2 + 1 if len(wanted) < 4 else len(wanted) // 2
