from collections.abc import Iterator

import pytest

from atrium.options import registry
from atrium.options.registry import Kind, Option

OPTIONS = (
    Option("test.number", Kind.INTEGER, 5, "A number.", minimum=1, maximum=10),
    Option("test.words", Kind.STRING, "as it was", "Words."),
    Option("test.secret", Kind.STRING, "", "A secret.", secret=True),
)


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """Declare a few options for the length of a test."""
    registry.register(*OPTIONS)
    yield
    for option in OPTIONS:
        registry._declared.pop(option.key)
