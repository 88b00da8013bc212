from collections.abc import Iterator

import openai
import pytest
from django.db import connection

from atrium.engines.actions import Prices, connect, offer_built_in
from atrium.kit import clock
from atrium.ledger.actions import Move, post
from atrium.ledger.models import Account
from atrium.ledger.posting import PLATFORM
from atrium.people.actions import issue_key
from atrium.people.models import User
from tests import make
from tests.house.upstream import Upstream, upstream

MODEL = "green-1"
CREDIT = 1_000_000


@pytest.fixture
def engine_server() -> Iterator[Upstream]:
    """A loopback server that speaks OpenAI's protocol, connected as ``green-1``."""
    offer_built_in()
    with upstream() as served:
        connect(
            name="Loop",
            kind="openai",
            url=served.url,
            key="the provider's",
            models=[MODEL],
            prices=Prices(input=CREDIT, output=CREDIT),
            by="system",
            at=clock.now(),
        )
        yield served


def give_credits(person: User, micro: int) -> None:
    """Leave the person so many micro-credits to pay calls with, and nothing else."""
    make.spends_credits(person)
    legs = [
        Move(PLATFORM, Account.Purpose.ISSUED, -micro),
        Move(f"person:{person.pk}", Account.Purpose.WALLET, micro),
    ]
    post(key=f"start:{person.pk}", kind="gift", legs=legs, at=clock.now())


def a_key(person: User, *scopes: str) -> str:
    _key, token = issue_key(
        person=person, name="a program", scopes=scopes or ["models"], at=clock.now()
    )
    return token


@pytest.fixture
def token(server: str, alice: User) -> str:
    """A key of alice, who has 100,000 micro-credits; a token costs one."""
    give_credits(alice, 100_000)
    return a_key(alice)


@pytest.fixture
def client(server: str, token: str) -> Iterator[openai.OpenAI]:
    """The official SDK, which asks once."""
    with openai.OpenAI(base_url=f"{server}/v1", api_key=token, max_retries=0) as made:
        yield made
    connection.close()
