"""Two schemas of one name would be one in the description, and the other would lie."""

from collections import Counter
from collections.abc import Iterator

import pytest
from ninja import Schema

from atrium.api.openapi import document

pytestmark = pytest.mark.once


def every_schema(of: type[Schema] = Schema) -> Iterator[type[Schema]]:
    for one in of.__subclasses__():
        yield one
        yield from every_schema(one)


def test_each_has_a_name_of_its_own() -> None:
    described = set(document()["components"]["schemas"])
    ours = {one for one in every_schema() if one.__module__.startswith("atrium.")}
    names = Counter(one.__name__ for one in ours if one.__name__ in described)
    assert names
    assert [name for name, number in names.items() if number > 1] == []
