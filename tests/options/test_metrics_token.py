import pytest
from django.test import Client

from atrium.kit import clock
from atrium.options.actions import set_option, unset_option

pytestmark = pytest.mark.django_db
WORD = "a-long-word-of-the-operator"


def ask(client: Client, word: str) -> int:
    from_elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    headers = {"Authorization": f"Bearer {word}"}
    return client.get("/metrics", headers=headers, **from_elsewhere).status_code  # type: ignore[arg-type]


def test_the_word_of_the_option_opens_the_counters_from_elsewhere(client: Client) -> None:
    assert ask(client, "") == 404

    set_option(key="metrics.token", text=WORD, by="system", at=clock.now())

    assert ask(client, WORD) == 200
    assert ask(client, "another") == 404
    assert ask(client, "") == 404

    unset_option(key="metrics.token", by="system", at=clock.now())
    assert ask(client, WORD) == 404
