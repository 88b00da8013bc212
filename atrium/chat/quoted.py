"""Where the quoted words stand in a passage, however its lines are broken."""

import re


def cut_at(text: str, words: str) -> list[tuple[str, bool]]:
    """Return ``text`` in pieces, each with whether it is what was quoted."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    found = re.search(pattern, text) if pattern else None
    if found is None:
        return [(text, False)]
    pieces = [
        (text[: found.start()], False),
        (found[0], True),
        (text[found.end() :], False),
    ]
    return [piece for piece in pieces if piece[0]]
