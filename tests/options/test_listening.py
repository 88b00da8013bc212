import asyncio
import threading

import pytest

from atrium.kit import bell
from atrium.options import listening, queries


@pytest.mark.django_db(transaction=True)
def test_a_change_in_another_process_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = threading.Event()
    monkeypatch.setattr(listening, "forget", heard.set)

    async def live() -> bool:
        await listening.start()
        try:
            # Connecting is heard too, as a change could have rung before; then comes the change.
            first = await asyncio.to_thread(heard.wait, 10)
            heard.clear()
            await asyncio.to_thread(bell.ring, listening.TOPIC)
            return first and await asyncio.to_thread(heard.wait, 10)
        finally:
            await listening.stop()

    assert asyncio.run(live())
    assert queries.FRESH_SECONDS < 5
