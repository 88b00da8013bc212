"""What is said in a recording is written down by an engine that can, and paid by its length."""

import io
import json
import struct
import wave
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import openai
import pytest
from django.conf import settings

from atrium.engines.models import Model
from atrium.kit.limits import LIMITS
from atrium.ledger.models import Hold
from atrium.metering.models import Receipt
from tests.compat.conftest import MODEL
from tests.compat.test_leaving import until
from tests.house.upstream import Does, Upstream

pytestmark = pytest.mark.django_db(transaction=True)


def a_wav(seconds: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(1_000)
        written.writeframes(bytes(1_000 * seconds))
    return out.getvalue()


def listens(**more: Any) -> None:
    Model.objects.filter(slug=MODEL).update(transcribes=True, answers=False, **more)


def nothing_is_left() -> bool:
    """Say whether the calls' files are gone; they go when the answer is out, which may be later."""
    return not list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


def test_the_sdk_gets_each_form_and_pays_each_minute(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    listens(minute_price=600)
    create: Any = client.audio.transcriptions.create
    ask: dict[str, Any] = {"model": MODEL, "file": ("talk.wav", a_wav(90))}
    assert create(**ask).text == "Leaves are green."
    assert create(**ask, response_format="text") == "Leaves are green.\n"
    assert create(**ask, response_format="srt").startswith("1\n00:00:00,000 --> ")
    assert create(**ask, response_format="vtt").startswith("WEBVTT")
    told = create(**ask, response_format="verbose_json", timestamp_granularities=["segment"])
    assert (told.duration, told.segments[0].text) == (2.0, "Leaves are green.")
    form = engine_server.asked[-1].body["form"]
    assert 'name="timestamp_granularities[]"\r\n\r\nsegment' in form
    assert f'name="model"\r\n\r\n{MODEL}' in form
    assert 'filename="talk.wav"\r\nContent-Type: audio/wav' in form
    assert a_wav(90).decode("latin-1") in form
    receipts = Receipt.objects.all()
    assert {(one.state, one.payer, one.charged) for one in receipts} == {
        ("settled", "credits", 900)
    }
    with pytest.deprecated_call():  # by the SDK's own word
        assert client.audio.translations.create(**ask).text == "Leaves are green."
    assert engine_server.asked[-1].path == "/v1/audio/translations"
    until(nothing_is_left)


def test_without_a_price_of_minutes_its_tokens_count(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    listens()
    client.audio.transcriptions.create(model=MODEL, file=("a.wav", a_wav(10)), prompt="Leaves?")
    receipt: Receipt = Receipt.objects.get()
    assert (receipt.tokens_in, receipt.tokens_out, receipt.charged) == (30, 4, 34)


def test_an_engine_that_fails_is_not_paid(client: openai.OpenAI, engine_server: Upstream) -> None:
    listens(minute_price=600)
    engine_server.does = Does(status=500)
    with pytest.raises(openai.InternalServerError):
        client.audio.transcriptions.create(model=MODEL, file=("a.wav", a_wav(90)))
    receipt: Receipt = Receipt.objects.get()
    assert (receipt.state, receipt.charged) == ("released", 0)
    until(nothing_is_left)


def test_where_no_engine_listens_the_error_says_so(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", a_wav(1)))
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    assert "No engine that can do this" in refused.value.message


def test_who_cannot_pay_for_so_many_minutes_is_told_before(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    listens(minute_price=10**9)
    with pytest.raises(openai.RateLimitError) as refused:
        client.audio.transcriptions.create(model=MODEL, file=("a.wav", a_wav(1)))
    assert refused.value.code == "insufficient_quota"
    assert not engine_server.asked


def a_long_wav() -> bytes:
    """Say that a byte lasts for an hour."""
    data = a_wav(20)
    return data[:28] + struct.pack("<I", 1) + data[32:]


WRONG: list[tuple[str, dict[str, Any], Any]] = [
    ("file", {}, ("a.wav", b"")),
    ("file", {}, ("a.wav", b"RIFF")),
    ("file", {}, ("a.mp3", b"<html>no sound</html>")),
    ("file", {}, ("a.wav", b"\x89PNG\r\n\x1a\n" + bytes(100))),
    ("file", {}, ("a.wav", a_wav(0))),
    ("file", {}, ("a.wav", a_long_wav())),
    ("file", {}, ("a.wav", a_wav(1) + bytes(LIMITS.sound_bytes))),
    ("response_format", {"response_format": "pdf"}, None),
    ("temperature", {"temperature": 7}, None),
    ("temperature", {"extra_body": {"temperature": "NaN"}}, None),
    ("timestamp_granularities", {"timestamp_granularities": ["year"]}, None),
    ("stream", {"stream": True}, None),
    ("model", {"model": ""}, None),
]


def test_what_does_not_hold_together_is_refused_before_any_cost(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    listens(minute_price=600)
    for param, more, file in WRONG:
        ask: dict[str, Any] = {"model": MODEL, "file": file or ("a.wav", a_wav(1)), **more}
        create: Any = client.audio.transcriptions.create
        with pytest.raises(openai.BadRequestError) as refused:
            create(**ask)
        assert refused.value.param == param, (param, more, refused.value.message)
    assert not Receipt.objects.exists()
    assert not Hold.objects.exists()
    assert not engine_server.asked
    until(nothing_is_left)


def test_what_is_no_form_is_refused(server: str, token: str, engine_server: Upstream) -> None:
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x"):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        asked = Request(f"{server}/v1/audio/transcriptions", data=b"--y\r\n", headers=headers)
        with pytest.raises(HTTPError) as refused, urlopen(asked, timeout=20):
            pass
        with refused.value:
            told = json.loads(refused.value.read())["error"]
        assert (refused.value.code, told["type"]) == (400, "invalid_request_error")
    until(nothing_is_left)
