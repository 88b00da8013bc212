"""How many tokens a text is, near enough, where nobody counts better."""

import unicodedata

PICTURE_TOKENS = 1_500
"""About what a picture costs at those who see; the provider's own count corrects it."""
LEAST_SAID = 4  # a provider that says less than one in so many of what we counted is not believed


def count_tokens(text: str) -> int:
    """Return about a token for four characters, and one for each wide one (Chinese, Japanese)."""
    if text.isascii():
        return -(-len(text) // 4)
    wide = sum(1 for character in text if unicodedata.east_asian_width(character) in "WF")
    return wide + -(-(len(text) - wide) // 4)


def agreed(*, said: object, counted: int | None, most: int) -> int:
    """Return how many tokens it was, never more than ``most``: as the provider says, if it can be.

    Else, as when it says nothing, what we ``counted`` ourselves; where nobody did, what it says is
    cut to what can be.
    """
    number = said if isinstance(said, int) and not isinstance(said, bool) else None
    if counted is None:
        return max(0, min(number or 0, most))
    if number is not None and 0 <= number <= most and counted <= number * LEAST_SAID:
        return number
    return max(0, min(counted, most))
