"""Reader finds the passages of somebody's own sources that answer a question, and quotes them.

It is no language model and never pretends to be one: it writes nothing of its own but the frame
around a quote, and says so when nothing fits.
"""

import asyncio
import math
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from atrium.engines.as_openai import completion_of, question_of
from atrium.engines.protocol import Completion, Piece, Question, Quote, Source, Text, Usage
from atrium.kit.limits import LIMITS
from atrium.kit.words import stems, words

MOST_QUOTES = 3
LONGEST_QUOTE = 420
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+|\n{2,}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run of sentences of one source, and how well it fits."""

    source: Source
    words: str
    score: float


def best_quotes(asked: str, sources: Iterable[Source]) -> list[Candidate]:
    """Return the runs of sentences that share most with the question, best first, one a passage."""
    sources = list(sources)
    wanted = set(list(dict.fromkeys(stems(asked)))[: LIMITS.question_words])
    if not wanted or not sources:
        return []
    seen_in = Counter(stem for source in sources for stem in _shared(words(source.text), wanted))
    weight = {stem: math.log(1 + len(sources) / (1 + seen_in[stem])) + 0.3 for stem in wanted}
    found = [best for source in sources if (best := _best_of(source, weight))]
    found.sort(key=lambda candidate: -candidate.score)
    enough = found[0].score * 0.5 if found else 0
    return [candidate for candidate in found[:MOST_QUOTES] if candidate.score >= enough]


def _best_of(source: Source, weight: dict[str, float]) -> Candidate | None:
    sentences = [part.strip() for part in _SENTENCE_END.split(source.text) if part.strip()]
    best: Candidate | None = None
    for start in range(len(sentences)):
        for length in (1, 2):
            run = sentences[start : start + length]
            quoted = " ".join(run)
            if len(run) < length or (length > 1 and len(quoted) > LONGEST_QUOTE):
                continue
            score = _score(quoted, weight)
            if score and (best is None or score > best.score):
                best = Candidate(source, quoted, score)
    return best


def _score(quoted: str, weight: dict[str, float]) -> float:
    mine = words(quoted)
    covered = sum(weight[stem] for stem in _shared(mine, weight))
    # A long run shares words by chance: its length counts against it, gently.
    return covered / (1 + math.log(1 + len(mine) / 40))


def _shared(found: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """Return which of the wanted beginnings some word has."""
    distinct = set(found)
    return {stem for stem in wanted if any(word.startswith(stem) for word in distinct)}


class Reader:
    """The built-in engine for answers."""

    async def answer(self, question: Question) -> AsyncIterator[Piece]:
        tokens_in = sum(len(source.text) for source in question.sources) // 4
        written = 0
        # Comparing takes its time, and every other answer and stream lives on this event loop.
        for piece in await asyncio.to_thread(_pieces, question):
            written += len(piece.text) if isinstance(piece, Text) else 0
            yield piece
        yield Usage(tokens_in=tokens_in + len(question.text) // 4, tokens_out=written // 4)

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Quote what was said before, since nothing else is at hand here."""
        return await completion_of(self.answer(question_of(body)), body, model="reader")


def _pieces(question: Question) -> list[Piece]:
    with override(question.language):
        return _said(question)


def _said(question: Question) -> list[Piece]:
    quotes = _of_the_handbook(question) or best_quotes(question.text, question.sources)
    if not quotes:
        return [Text(_nothing_fits(question))]
    ours = quotes[0].source.is_ours
    begins = _("This is what the handbook says:") if ours else _("This is what your sources say:")
    pieces: list[Piece] = [Text(begins + "\n\n")]
    for number, found in enumerate(quotes, start=1):
        words = _shortened(found.words)
        pieces.extend(Text(part) for part in _quoted(words))
        where = ", ".join(
            part for part in (found.source.title, found.source.place_of(words)) if part
        )
        pieces += [Text(f" [{number}]\n\n— {where}\n\n"), Quote(number, found.source.ref, words)]
    return pieces


def _of_the_handbook(question: Question) -> list[Candidate]:
    """Its paragraphs are short, each says one thing, and they come best first: quote them whole."""
    return [Candidate(one, one.text, 0) for one in question.sources if one.is_ours][:MOST_QUOTES]


def _quoted(words: str) -> list[str]:
    """Cut a quote into pieces of a few words, as a stream brings them."""
    split = re.findall(r"\S+\s*", words.replace("\n", " "))
    lines = ["> "]
    lines += ["".join(split[at : at + 4]) for at in range(0, len(split), 4)]
    return lines


def _shortened(words: str) -> str:
    words = " ".join(words.split())
    if len(words) <= LONGEST_QUOTE:
        return words
    return words[:LONGEST_QUOTE].rsplit(" ", 1)[0]


def _nothing_fits(question: Question) -> str:
    if question.has_files or any(not source.is_ours for source in question.sources):
        return _(
            "Nothing in your sources answers this. I am Reader: I quote passages of your files, and"
            " write nothing myself. Ask in words that the file uses, or connect a model."
        )
    who = _(
        "I am Reader: I find passages in your own files and quote them; I am no language model."
        " Drop a file here and ask about it, or connect a model to talk about anything."
    )
    return (
        f"{who} {_('What there is to know about this house stands in the [handbook](/handbook).')}"
    )
