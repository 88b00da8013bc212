"""The words of a text that carry meaning, and how their other forms begin."""

import re
import unicodedata

_WORD = re.compile(r"\w+", re.UNICODE)
# Words so common that sharing them says nothing. Those of two letters fall away by their length.
_SAID_OFTEN = """
the and for are was not can how why who you its our has had did does what when where which whose
while with about from have that this there their they them then than into were will would could
should your been being some such only also very more most other over under just like make many
made much each both after before because any but all his her she him out use may per
який яка яке які коли чому чого тому цього того такий така таке такі було були буде бути його вони
вона воно нами вами наші ваші цієї цьому тільки також дуже більше менше перед після через якщо може
можна треба або але для над під про при від так хто що як цей ця це
"""
_COMMON = frozenset(_SAID_OFTEN.split())


def words(text: str) -> list[str]:
    """Return the words of ``text`` that carry meaning, in order and in small letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = (word for word in _WORD.findall(folded) if word not in _COMMON)
    return [word for word in found if len(word) > 2 or word.isdigit()]


def stems(text: str) -> list[str]:
    """Return how the other forms of those words begin too."""
    return [stem(word) for word in words(text)]


def stem(word: str) -> str:
    """Cut off as much as English and Ukrainian change at a word's end; short words stay whole."""
    if len(word) <= 4 or word.isdigit():
        return word
    return word[: 4 if len(word) <= 6 else 5 if len(word) <= 8 else 6]
