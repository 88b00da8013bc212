from collections.abc import Iterator

import pytest

from atrium.kit import clock
from atrium.people.models import SignInProvider
from tests.people.vouching import CLIENT_ID, SECRET, Vouching, vouching


@pytest.fixture
def provider() -> Iterator[Vouching]:
    """An identity provider, which says of whoever comes what the test tells it to."""
    with vouching() as served:
        yield served


@pytest.fixture
def house(request: pytest.FixtureRequest, provider: Vouching) -> SignInProvider:
    """The row by which the operator offers that provider."""
    is_browser = request.node.get_closest_marker("browser") is not None
    request.getfixturevalue("transactional_db" if is_browser else "db")
    row = SignInProvider(
        kind="openid_connect",
        slug="house",
        name="The house",
        client_id=CLIENT_ID,
        server_url=provider.address,
        made_at=clock.now(),
    )
    row.secret = SECRET
    row.save()
    return row
