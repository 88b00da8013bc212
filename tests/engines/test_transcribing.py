import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from atrium.engines.elsewhere import hand_on
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import Completion, EngineUnfit
from atrium.engines.transcribing import Sound, transcribe
from atrium.kit import lines_out
from tests.house.upstream import Does, Upstream

pytestmark = pytest.mark.once


def a_model(served: Upstream, kind: str = "openai") -> Model:
    provider = Provider(name="Loop", kind=kind, url=served.url)
    provider.key = "a secret"
    return Model(provider=provider, slug="ours", remote_name="whisper-1", title="Whisper")


def told(ask: Callable[[], Awaitable[Completion]]) -> tuple[int, bytes]:
    async def walk() -> tuple[int, bytes]:
        completion = await ask()
        try:
            return completion.status, b"".join([piece async for piece in completion.body])
        finally:
            await completion.leave()
            await lines_out.close()

    return asyncio.run(walk())


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording"
    path.write_bytes(b"RIFF\x00\xff")
    return path


def test_a_recording_goes_along_with_its_fields(engine_server: Upstream, recording: Path) -> None:
    sound = Sound('a"b\r\n.wav', "audio/wav", recording)
    model = a_model(engine_server)
    fields: dict[str, str | list[str]] = {
        "model": "ours",
        "language": "uk",
        "timestamp_granularities[]": ["word", "segment"],
    }
    status, _body = told(lambda: transcribe(model, sound, fields))
    sent = engine_server.asked[0]
    assert (status, sent.path) == (200, "/v1/audio/transcriptions")
    assert sent.headers["authorization"] == "Bearer a secret"
    form = sent.body["form"]
    assert 'name="model"\r\n\r\nwhisper-1\r\n' in form
    assert form.count('name="timestamp_granularities[]"') == 2
    assert 'filename="a_b__.wav"' in form
    assert "\r\n\r\nRIFF\x00\xff\r\n--" in form


def test_what_the_provider_finds_wrong_with_it_is_handed_on(
    engine_server: Upstream, recording: Path
) -> None:
    engine_server.does = Does(status=413, says="too long")
    model = a_model(engine_server)
    status, body = told(lambda: transcribe(model, Sound("a.wav", "audio/wav", recording), {}))
    assert (status, b"too long" in body) == (413, True)


@pytest.mark.parametrize("kind", ["anthropic", "gemini"])
def test_who_speaks_another_protocol_cannot(
    engine_server: Upstream, recording: Path, kind: str
) -> None:
    model = a_model(engine_server, kind)
    with pytest.raises(EngineUnfit):
        told(lambda: transcribe(model, Sound("a.wav", "audio/wav", recording), {}))
    with pytest.raises(EngineUnfit):
        told(lambda: hand_on(model, "embeddings", {"input": "x"}))
    assert not engine_server.asked


def test_other_bodies_are_handed_on_under_the_providers_name(engine_server: Upstream) -> None:
    model = a_model(engine_server)
    status, _body = told(lambda: hand_on(model, "embeddings", {"model": "ours", "input": "x"}))
    assert (status, engine_server.asked[0].path) == (200, "/v1/embeddings")
    assert engine_server.asked[0].body == {"model": "whisper-1", "input": "x"}
