from collections.abc import Iterator

import pytest

from tests.house.upstream import Upstream, upstream


@pytest.fixture
def engine_server() -> Iterator[Upstream]:
    with upstream() as served:
        yield served
