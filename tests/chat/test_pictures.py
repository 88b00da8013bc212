"""Questions that are asked with pictures: what the engine gets, who sees them, what they cost."""

import base64
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from atrium.chat import actions, queries
from atrium.chat.actions import SeesNoPictures, TooManyPictures
from atrium.chat.actions.pictures import PictureTooHeavy
from atrium.chat.asking import Asked, ask, ask_again
from atrium.chat.models import AskedPicture, Chat, Turn
from atrium.engines.adapters.anthropic_body import translated as as_anthropic
from atrium.engines.adapters.gemini_body import translated as as_gemini
from atrium.engines.adapters.translating import body_of
from atrium.engines.models import Model
from atrium.engines.protocol import Piece, Text
from atrium.files.actions import delete_file, purge_file
from atrium.files.actions.pictures import CannotSee
from atrium.files.models import File, Picture
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.metering.tokens import PICTURE_TOKENS
from atrium.people.models import User
from tests import make
from tests.chat import scripted
from tests.chat.scripted import Scripted
from tests.chat.test_generation import write
from tests.files.conftest import keep, picture
from tests.files.test_pictures import GPS, photo

pytestmark = pytest.mark.django_db(transaction=True)
SAID: list[Piece] = [Text("A leaf.")]


@pytest.fixture(autouse=True)
def seeing(tmp_path: Path, settings: Any) -> Model:
    settings.FILES_ROOT = tmp_path / "files"
    return scripted.model(pictures_in=True)


def asked_with(who: User, *files: File, chat: Chat | None = None, **more: Any) -> Turn:
    """Ask what is on these pictures; return the answer."""
    asked = Asked(text="What is it?", file_ids=[file.pk for file in files], **more)
    with scripted.speaking(Scripted(SAID)):
        _chat, begun = ask(by=make.caller(who), chat=chat, asked=asked, at=clock.now())
    return begun.answer


def answered(answer: Turn) -> Scripted:
    engine = Scripted(SAID)
    write(Turn.objects.select_related("chat").get(pk=answer.pk), engine)
    return engine


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_engine_gets_a_picture_drawn_by_us(alice: User, kind: str) -> None:
    file = keep(alice, name=f"leaf.{kind.lower()}", content=picture(kind, size=(3_000, 1_500)))
    [question] = answered(asked_with(alice, file)).asked
    [seen] = question.pictures
    assert seen.mime == "image/jpeg"
    assert (opened(seen.data).format, opened(seen.data).size) == ("JPEG", (1_568, 784))
    assert (question.text, question.sources) == ("What is it?", ())


def test_nothing_that_was_hidden_in_it_goes_along(alice: User) -> None:
    assert GPS in opened(photo()).getexif()
    [question] = answered(asked_with(alice, keep(alice, name="p.jpg", content=photo()))).asked
    seen = opened(question.pictures[0].data)
    assert seen.size == (400, 800)
    assert not dict(seen.getexif())
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(seen.info)


def test_each_protocol_has_it_in_its_own_words(alice: User, seeing: Model) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG"))
    [question] = answered(asked_with(alice, file)).asked
    body = body_of(question)
    data = base64.b64encode(question.pictures[0].data).decode()
    said = body["messages"][-1]["content"]
    assert said[1]["image_url"]["url"] == f"data:image/jpeg;base64,{data}"
    blocks = as_anthropic(body, name="claude", most_tokens=5)["messages"][-1]["content"]
    assert blocks[1]["source"] == {"type": "base64", "media_type": "image/jpeg", "data": data}
    parts = as_gemini(body, model=seeing, name="gemini-2")["contents"][-1]["parts"]
    assert parts[1]["inlineData"] == {"mimeType": "image/jpeg", "data": data}


def test_it_is_counted_before_and_stays_with_the_chat(alice: User) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG"))
    first = asked_with(alice, file)
    assert first.parent is not None
    assert first.parent.tokens > PICTURE_TOKENS
    assert first.receipt is not None
    assert first.receipt.reserved > PICTURE_TOKENS
    answered(first)
    second = asked_with(alice, chat=first.chat)
    [question] = answered(second).asked
    assert not question.pictures
    assert [len(said.pictures) for said in question.history] == [1, 0]


def test_another_wording_keeps_it_and_may_add_more(alice: User) -> None:
    one, two = (keep(alice, name=f"{name}.png", content=picture("PNG")) for name in "ab")
    answer = asked_with(alice, one)
    answered(answer)
    again = asked_with(alice, two, one, chat=answer.chat, edits=answer.parent_id)
    [question] = answered(again).asked
    assert len(question.pictures) == 2
    rows = AskedPicture.objects.filter(turn=again.parent_id)
    assert list(rows.values_list("file", "number")) == [(one.pk, 1), (two.pk, 2)]
    assert AskedPicture.objects.filter(turn=answer.parent_id).count() == 1


def test_who_takes_none_is_not_asked_and_another_is_named(alice: User, seeing: Model) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG"))
    with pytest.raises(SeesNoPictures) as refused:
        asked_with(alice, file, model="reader")
    assert refused.value.way_on == "Ask Scripted, or remove the picture."
    with pytest.raises(SeesNoPictures):
        asked_with(alice, file, beside="reader")
    assert not Turn.objects.exists()
    answer = asked_with(alice, file)
    answered(answer)
    with pytest.raises(SeesNoPictures):
        ask_again(by=make.caller(alice), answer=answer, model_slug="reader", at=clock.now())
    Model.objects.update(pictures_in=False)
    with pytest.raises(SeesNoPictures, match=r".*takes no pictures") as nobody:
        asked_with(alice, file)
    assert nobody.value.way_on.startswith("No model here does")


def test_they_are_bounded_in_number_and_bytes_and_pixels(alice: User) -> None:
    many = [
        keep(alice, name=f"{at}.png", content=picture("PNG", size=(at + 1, 5)))
        for at in range(LIMITS.pictures_per_question + 1)
    ]
    with pytest.raises(TooManyPictures):
        asked_with(alice, *many)
    File.objects.filter(pk=many[0].pk).update(size=LIMITS.asked_picture_bytes + 1)
    with pytest.raises(PictureTooHeavy):
        asked_with(alice, many[0])
    assert not Turn.objects.exists()


def a_bomb() -> bytes:
    """A PNG of 30,000 times 30,000 pixels in some bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        told = struct.pack(">I", len(data)) + name + data
        return told + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_bomb_and_half_a_picture_are_refused_with_a_sentence(alice: User) -> None:
    bomb = keep(alice, name="bomb.png", content=a_bomb())
    with pytest.raises(CannotSee, match=r"bomb\.png has more pixels"):
        asked_with(alice, bomb)
    whole = picture("JPEG", size=(300, 300))
    half = keep(alice, name="half.jpg", content=whole[: len(whole) // 2])
    with pytest.raises(CannotSee, match="cannot be opened"):
        asked_with(alice, half)
    assert not Turn.objects.exists()
    assert not Picture.objects.exists()


def test_only_who_sees_the_chat_sees_them(client: Client, alice: User, bob: User) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG", size=(600, 300)))
    answer = asked_with(alice, file)
    where = f"/chat/turns/{answer.parent_id}/pictures/1"
    client.force_login(alice)
    whole, small = client.get(where), client.get(f"{where}/small")
    assert (whole["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/webp")
    assert opened(whole.getvalue()).size == (600, 300)
    assert opened(small.getvalue()).size == (320, 160)
    # Opened by itself, the browser lays it out by its own styles, and nothing in it runs.
    alone = whole["Content-Security-Policy"]
    assert "sandbox; default-src 'none'" in alone
    assert "style-src 'unsafe-inline'" in alone
    assert client.get(f"/chat/turns/{answer.parent_id}/pictures/2").status_code == 404
    shown = client.get(f"/chat/{answer.chat_id}").content.decode()
    assert f'src="{where}/small" alt="leaf.png"' in shown
    client.force_login(bob)
    assert {client.get(where).status_code, client.get(f"{where}/small").status_code} == {404}
    with pytest.raises(NotFound, match="is not here"):
        asked_with(bob, file)
    client.force_login(alice)
    actions.delete_chat(chat=answer.chat, at=clock.now())
    assert client.get(where).status_code == 404


def test_the_api_asks_with_the_id_of_a_picture(client: Client, alice: User) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG"))
    client.force_login(alice)
    with scripted.speaking(Scripted(SAID)):
        told = client.post(
            "/api/v1/chats",
            {"text": "What is it?", "files": [str(file.pk)]},
            content_type="application/json",
        )
    assert told.status_code == 202, told.content
    [seen] = told.json()["question"]["pictures"]
    assert (seen["number"], seen["file"], seen["name"]) == (1, str(file.pk), "leaf.png")
    assert client.get(seen["url"]).status_code == 200


def test_what_is_taken_away_of_a_chat_has_them(client: Client, alice: User) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG"))
    answer = asked_with(alice, file)
    answered(answer)
    client.force_login(alice)

    def taken(form: str) -> str:
        told: Any = client.get(f"/chat/{answer.chat_id}/export/{form}")
        return b"".join(told.streaming_content).decode()

    [seen] = json.loads(taken("json"))["turns"][0]["pictures"]
    assert (seen["name"], seen["kind"]) == ("leaf.png", "image/jpeg")
    assert opened(base64.b64decode(seen["data"])).format == "JPEG"
    assert f'<img src="data:image/jpeg;base64,{seen["data"]}" alt="leaf.png">' in taken("html")
    assert "[leaf.png]" in taken("markdown")


def test_a_picture_goes_with_the_last_chat_that_shows_it(alice: User) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG"))
    one, two = asked_with(alice, file), asked_with(alice, file)
    for answer in (one, two):
        answered(answer)
        actions.delete_chat(chat=answer.chat, at=clock.now())
        file.refresh_from_db()
        assert file.is_kept
        actions.purge_chat(chat=answer.chat, at=clock.now())
    file.refresh_from_db()
    assert file.purged_at
    assert not AskedPicture.objects.exists()


def test_a_chat_outlives_the_file_of_its_picture(client: Client, alice: User) -> None:
    file = keep(alice, name="leaf.png", content=picture("PNG"))
    answer = asked_with(alice, file)
    answered(answer)
    delete_file(file=file, by=make.caller(alice), at=clock.now())
    purge_file(file=file, at=clock.now())
    client.force_login(alice)
    assert client.get(f"/chat/turns/{answer.parent_id}/pictures/1").status_code == 404
    shown = client.get(f"/chat/{answer.chat_id}")
    assert shown.status_code == 200
    assert b"/pictures/1" not in shown.content
    after = asked_with(alice, chat=answer.chat)
    assert not queries.question_for(after).history[0].pictures
