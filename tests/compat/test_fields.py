"""Whatever stands in a field of a call: a clear error with its place, and nothing set aside."""

import base64
import http.client
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from atrium.compat import asked, fields
from atrium.compat.errors import BadCall
from atrium.engines.models import Model, Provider
from atrium.kit import http as kit_http
from atrium.kit.limits import LIMITS
from atrium.ledger.models import Hold
from atrium.metering.models import Receipt
from tests.compat.conftest import MODEL
from tests.compat.test_refusals import CALL, GOOD, HELLO, RESULT, changed, error, sent
from tests.house.upstream import Upstream

pytestmark = pytest.mark.django_db(transaction=True)

ODD: tuple[Any, ...] = (
    *(7, -1, 0, 0.5, 10**6, -(10**30), 10**300, True, "", "x", "x" * 100_000),
    *([], [None], [7], [[]], {}, {"a": {}}, ["x"] * 10_000, [{}] * 10_000),
)
RESPONSE: dict[str, Any] = {"model": MODEL, "input": "Hello", "max_output_tokens": 10}


def is_taken(field: str, told: Any) -> bool:
    try:
        fields.check_fields({field: told}, fields.CHAT)
    except BadCall:
        return False
    return True


def wrong_bodies() -> Iterator[tuple[str, bytes]]:
    for field in fields.CHAT:
        for told in ODD:
            if not is_taken(field, told):
                yield field, changed(**{field: told})


class Line:
    """One connection that stays open, since hundreds of calls go over it."""

    def __init__(self, server: str, token: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", urlsplit(server).port, timeout=20)
        self._head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, body: bytes, path: str = "/v1/chat/completions") -> tuple[int, dict[str, Any]]:
        self._line.request("POST", path, body, self._head)
        answer = self._line.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def line(server: str, token: str) -> Iterator[Line]:
    opened = Line(server, token)
    yield opened
    opened.close()


def complaint(answer: tuple[int, dict[str, Any]], place: str) -> str:
    status, told = answer
    found = told.get("error", {})
    is_right = (
        status == 400
        and found.get("type") == "invalid_request_error"
        and found.get("code")
        and found.get("message")
        and str(found.get("param")).startswith(place)
    )
    return "" if is_right else f"{place}: {status} {json.dumps(told)[:300]}"


def test_each_field_refuses_what_it_may_not_hold(line: Line, engine_server: Upstream) -> None:
    bodies = list(wrong_bodies())
    assert {field for field, _body in bodies} == set(fields.CHAT)
    found = [said for field, body in bodies if (said := complaint(line.ask(body), field))]
    assert not found
    assert not Receipt.objects.exists()
    assert not Hold.objects.exists()
    assert not engine_server.asked


def test_what_a_field_may_hold_is_handed_on(line: Line, engine_server: Upstream) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    more = {"temperature": 1, "top_p": 0.5, "stop": ["a"], "seed": -3, "tools": [tool], "n": 2}
    status, _told = line.ask(changed(**more))
    assert status == 200
    assert more.items() <= engine_server.asked[0].body.items()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"model": "a", "model": "b"}', "bad_json"),
        (b'{"temperature": 1e400}', "bad_json"),
        (b'{"temperature": -Infinity}', "bad_json"),
        (b'{"seed": ' + b"9" * 5_000 + b"}", "bad_json"),
        (b'{"user": "\\ud800"}', "bad_json"),
        (b"\xef\xbb\xbf{}", "bad_json"),
        (b"[" * 63 + b"]" * 63, "invalid_value"),
        (b'{"stop": [' + b"1," * 1_000_000 + b"1]}", "bad_json"),
    ],
)
def test_json_that_readers_take_differently_is_none(
    line: Line, engine_server: Upstream, body: bytes, code: str
) -> None:
    status, told = line.ask(body)
    assert (status, told["error"]["code"]) == (400, code)


def test_two_hundred_pages_are_more_than_the_model_takes(
    line: Line, engine_server: Upstream
) -> None:
    pages = "A page of some words and more. " * 100 * 200
    status, told = line.ask(changed(messages=[{"role": "user", "content": pages}]))
    assert (status, told["error"]["code"]) == (400, "context_length_exceeded")
    assert told["error"]["param"] == "messages"
    assert told["error"]["used"] > told["error"]["limit"] == 8_192
    status, told = line.ask(json.dumps({**RESPONSE, "input": pages}).encode(), "/v1/responses")
    assert (told["error"]["code"], told["error"]["param"]) == ("context_length_exceeded", "input")
    Model.objects.filter(slug=MODEL).update(embeds=True)
    body = json.dumps({"model": MODEL, "input": pages}).encode()
    status, told = line.ask(body, "/v1/embeddings")
    assert (told["error"]["code"], told["error"]["param"]) == ("context_length_exceeded", "input")
    assert not Receipt.objects.exists()
    assert not engine_server.asked


SYSTEM = {"role": "system", "content": "x"}
CALLING = {"role": "assistant", "tool_calls": [CALL]}


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([RESULT], "messages[0].tool_call_id"),
        ([*HELLO, CALLING], "messages[1].tool_calls"),
        ([*HELLO, CALLING, SYSTEM, RESULT], "messages[1].tool_calls"),
        ([*HELLO, CALLING, {**RESULT, "tool_call_id": ["c1"]}], "messages[2].tool_call_id"),
        ([*HELLO, {"role": "assistant", "tool_calls": {}}], "messages[1].tool_calls"),
        ([*HELLO, CALLING, RESULT, {"role": "USER", "content": "x"}], "messages[3].role"),
    ],
)
def test_who_speaks_out_of_order_is_told_where(
    line: Line, engine_server: Upstream, messages: list[Any], param: str
) -> None:
    assert not complaint(line.ask(changed(messages=messages)), param)
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": [{"role": "king", "content": "x"}]}, "input[0].role"),
        ({"instructions": "Be kind.", "input": [{"role": "user", "content": 7}]}, "input[0]"),
        ({"input": ""}, "input"),
        ({"instructions": 7}, "instructions"),
        ({"max_output_tokens": -1}, "max_output_tokens"),
        ({"temperature": 7}, "temperature"),
        ({"tools": [{"type": "function", "name": "a b"}]}, "tools[0].name"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
    ],
)
def test_a_response_is_refused_by_its_own_names(
    line: Line, engine_server: Upstream, more: dict[str, Any], param: str
) -> None:
    answer = line.ask(json.dumps({**RESPONSE, **more}).encode(), "/v1/responses")
    assert not complaint(answer, param)
    assert not Receipt.objects.exists()


# Pictures


def png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3)


def webp(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + sides


def jpeg(width: int, height: int) -> bytes:
    first = b"\xff\xd8\xff\xe0\x00\x04JF"
    return (
        first
        + b"\xff\xc2\x00\x0b\x08"
        + struct.pack(">HH", height, width)
        + b"\x01\x11\x00\xff\xd9"
    )


def data_url(data: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def seeing(url: Any, **more: Any) -> bytes:
    part = {"type": "image_url", "image_url": {"url": url}}
    return changed(messages=[{"role": "user", "content": [part]}], **more)


BOMBS = [
    data_url(png(100_000, 100_000), "image/png"),
    data_url(gif(65_535, 65_535), "image/gif"),
    data_url(webp(100_000, 100_000), "image/webp"),
    data_url(jpeg(65_535, 65_535), "image/jpeg"),
    data_url(png(0, 5), "image/png"),
    data_url(png(20_000, 1), "image/png"),
]
NO_PICTURES = [
    data_url(png(5, 5), "image/jpeg"),
    data_url(b"<svg onload='x'/>", "image/svg+xml"),
    data_url(b"\x89PNG\r\n\x1a\n", "image/png"),
    data_url(b"", "image/png"),
    "data:image/png;base64,%%%%",
    "data:image/png;base64,QQ QQ",
    "data:text/html;base64,QQ==",
    "data:image/png,abc",
    "image.png",
    "",
    7,
    None,
]


def test_what_cannot_be_opened_is_refused_by_its_head(line: Line, engine_server: Upstream) -> None:
    found = []
    for url in (*BOMBS, *NO_PICTURES):
        found.append(complaint(line.ask(seeing(url)), "messages[0].content[0].image_url"))
        part = {"type": "input_image", "image_url": url}
        body = {**RESPONSE, "input": [{"role": "user", "content": [part]}]}
        found.append(complaint(line.ask(json.dumps(body).encode(), "/v1/responses"), "input[0]"))
    assert not [said for said in found if said]
    assert not Receipt.objects.exists()
    assert not engine_server.asked


@pytest.mark.parametrize(
    ("draw", "mime"), [(png, "png"), (gif, "gif"), (webp, "webp"), (jpeg, "jpg")]
)
def test_pictures_are_handed_on_as_they_are(
    line: Line, engine_server: Upstream, draw: Callable[[int, int], bytes], mime: str
) -> None:
    url = data_url(draw(640, 480), f"image/{mime}")
    status, _told = line.ask(seeing(url))
    assert status == 200
    sent_on = engine_server.asked[0].body["messages"][0]["content"][0]
    assert sent_on["image_url"]["url"] == url


NEAR = [
    "http://127.0.0.1/a.png",
    "http://10.1.2.3/a.png",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/a.png",
    "http://[::ffff:10.0.0.1]/a.png",
    "http://0x7f.1/a.png",
    "http://2130706433/a.png",
    "http://127.0.0.1./a.png",
    "http://localhost/a.png",
    "http://printer/a.png",
    "http://db.internal/a.png",
    "https://example.com:8080/a.png",
    "https://me:secret@example.com/a.png",
    "ftp://example.com/a.png",
    "file:///etc/passwd",
    "//10.0.0.1/a.png",
    "https://example.com/a b.png",
]


def bodies_with(url: str) -> Iterator[tuple[str, bytes]]:
    """Yield what names an address, in each of the places where an engine may look for one."""
    yield "messages[0].content[0].image_url", seeing(url)
    for part in (
        {"type": "video_url", "video_url": {"url": url}},
        {"type": "file", "file": {"file_data": url}},
        {"type": "file", "file": {"file_id": "file-of-somebody-else"}},
        {"type": "whatever", "deep": [{"in": url}]},
    ):
        yield "messages[0].content[0]", changed(messages=[{"role": "user", "content": [part]}])
    yield "tools[0]", changed(tools=[{"type": "mcp", "server_url": url}])


def test_no_address_near_the_engine_is_handed_on(line: Line, engine_server: Upstream) -> None:
    Provider.objects.exclude(kind="built_in").update(url="https://api.example.com/v1")
    found = [
        said
        for url in NEAR
        for place, body in bodies_with(url)
        if (said := complaint(line.ask(body), place))
    ]
    assert not found
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini"])
def test_an_engine_on_our_network_is_given_no_address_at_all(
    server: str, token: str, engine_server: Upstream, kind: str
) -> None:
    Provider.objects.exclude(kind="built_in").update(kind=kind)
    told = sent(server, seeing("https://example.com/a.png"), token)
    assert error(told) == (400, "invalid_request_error", "address_not_fetched")
    assert "data:" in told[2]["error"]["way_on"]
    assert not Receipt.objects.exists()
    assert not engine_server.asked


def test_who_stands_in_on_our_network_counts_too(
    server: str, token: str, engine_server: Upstream
) -> None:
    async def outside(host: str, _port: int) -> list[str]:
        return ["8.8.8.8"] if host == "api.example.com" else [host]

    far = Provider.objects.create(name="Far", kind="openai", url="https://api.example.com/v1")
    Model.objects.create(provider=far, slug="far-1", title="Far", alias="both", order=1)
    Model.objects.filter(slug=MODEL).update(alias="both", order=2)
    kit_http.use(outside)
    try:
        told = sent(server, seeing("https://example.com/a.png", model="both"), token)
    finally:
        kit_http.use(None)
    assert error(told)[2] == "address_not_fetched"


def test_a_file_of_many_bytes_is_not_taken_for_one_picture() -> None:
    part = {
        "type": "file",
        "file": {"file_data": data_url(b"%PDF" + bytes(3_000_000), "application/pdf")},
    }
    wanted = asked.read_chat({**GOOD, "messages": [{"role": "user", "content": [part]}]})
    assert wanted.tokens() > 50_000
    many = [{"type": "image_url", "image_url": {"url": data_url(png(5, 5), "image/png")}}]
    with pytest.raises(BadCall):
        asked.read_chat(
            {
                **GOOD,
                "messages": [{"role": "user", "content": many * (LIMITS.compat_pictures + 1)}],
            }
        )
