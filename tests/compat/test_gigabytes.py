"""Engines that send a gigabyte: it is cut off, refused in clear words, and fills no memory."""

import io
import json
import os
import re
import socketserver
import subprocess
import sys
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from bench.journal import MODEL
from bench.kills import ROOT, House, until
from tests.house.upstream import END_OF_HEAD

GIGABYTE = 1 << 30
ZEROS = b"0" * (1 << 20)
MOST_SENT = 64 << 20
"""What may be under way before the line is cut: the most that is read, and what sockets take."""
MOST_GROWTH = 64 << 20
"""Of all cases together: an answer has 16 MB at most, and not all that is freed is given back."""
MODELS = [MODEL, "embed-1", "image-1", "tts-1", "whisper-1"]

SO = b'data: {"choices": [{"index": 0, "delta": {"content": "So."}}]}\n\n'
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream" + END_OF_HEAD
JSON = b"%s\r\ncontent-type: application/json\r\ncontent-length: %d" + END_OF_HEAD
BODY = JSON % (b"HTTP/1.1 200 OK", GIGABYTE)
ENDLESS = b"HTTP/1.1 200 OK\r\ncontent-type: application/json" + END_OF_HEAD
ERROR = JSON % (b"HTTP/1.1 400 No", GIGABYTE)
FAULT = JSON % (b"HTTP/1.1 500 No", GIGABYTE)
HEAD = b"HTTP/1.1 200 OK\r\nx-zeros: "
_SAID = json.dumps({"choices": [{"message": {"content": "So."}, "finish_reason": "stop"}]}).encode()
WELL = JSON % (b"HTTP/1.1 200 OK", len(_SAID)) + _SAID


class Zeros(socketserver.ThreadingTCPServer):
    """Answers whatever is asked with ``begins``, and zeros until it is cut off or has sent 1 GB."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Zeros)
        self.begins, self.most = b"", 0
        self.sent: list[int] = []

    def will(self, begins: bytes, *, most: int = GIGABYTE) -> None:
        self.begins, self.most, self.sent = begins, most, []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Zeros(socketserver.BaseRequestHandler):
    server: Zeros

    def handle(self) -> None:
        heard, sent = b"", 0
        while END_OF_HEAD not in heard:
            heard += self.request.recv(65536)
        try:
            self.request.sendall(self.server.begins)
            while sent < self.server.most:
                sent += self.request.send(ZEROS)
        except OSError:
            pass  # cut off, as it should be
        finally:
            self.server.sent.append(sent)


@contextmanager
def zeros() -> Iterator[Zeros]:
    with Zeros() as served:
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.shutdown()
            thread.join(10)


@dataclass
class Place:
    """A house in a process of its own, whose engine is ``zeros``."""

    house: House
    zeros: Zeros
    key: str

    def posted(self, path: str, body: bytes, kind: str = "application/json") -> tuple[int, bytes]:
        line = HTTPConnection("127.0.0.1", self.house.port, timeout=120)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        try:
            return answer.status, answer.read()
        finally:
            line.close()

    def asked(self, path: str, **body: Any) -> tuple[int, bytes]:
        return self.posted(path, json.dumps(body).encode())

    def memory(self, which: str) -> int:
        """Return ``VmRSS`` of the web process, or ``VmHWM``: the most it ever was, in bytes."""
        assert self.house.web is not None
        told = Path(f"/proc/{self.house.web.pid}/status").read_text("ascii")
        found = re.search(rf"^{which}:\s*(\d+) kB$", told, re.MULTILINE)
        assert found, told
        return int(found[1]) * 1024

    def forget_the_most(self) -> None:
        assert self.house.web is not None
        Path(f"/proc/{self.house.web.pid}/clear_refs").write_text("5", "ascii")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if not Path("/proc/self/status").exists():
        pytest.skip("how much memory a process takes is read from /proc")
    house = House(tmp_path_factory.mktemp("house"))
    house.environment["ATRIUM_WORKER"] = "none"
    with zeros() as served:
        prepared = house.atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr
        made = house.python("bench.callers_made", "1", served.url, *MODELS)
        assert made.returncode == 0, made.stderr
        try:
            house.start()
            yield Place(house, served, json.loads(made.stdout.splitlines()[-1])[0]["key"])
        finally:
            house.stop()


def chat(place: Place) -> tuple[int, bytes]:
    """Ask on a page, and return the answer once it has ended."""
    status, raw = place.asked("/api/v1/chats", text="Why?", model=MODEL)
    assert status == 202, raw
    where = f"/api/v1/chats/turns/{json.loads(raw)['answer']['id']}"

    def turn() -> Any:
        return place.house.ask("GET", where, token=place.key)[1] or {"state": "writing"}

    until(lambda: turn()["state"] != "writing", "the answer does not end")
    ended = turn()
    return (503 if ended["state"] == "failed" else 200), json.dumps(ended).encode()


def completion(place: Place, **more: Any) -> tuple[int, bytes]:
    said = [{"role": "user", "content": "Why?"}]
    return place.asked("/v1/chat/completions", model=MODEL, messages=said, max_tokens=50, **more)


def response(place: Place, **more: Any) -> tuple[int, bytes]:
    return place.asked("/v1/responses", model=MODEL, input="Why?", max_output_tokens=50, **more)


def transcription(place: Place) -> tuple[int, bytes]:
    recording = io.BytesIO()
    with wave.open(recording, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(1_000)
        written.writeframes(bytes(2_000))
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n',
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n',
        b"Content-Type: audio/wav\r\n\r\n" + recording.getvalue() + b"\r\n--x--\r\n",
    ]
    kind = "multipart/form-data; boundary=x"
    return place.posted("/v1/audio/transcriptions", b"".join(parts), kind)


Way = Callable[[Place], tuple[int, bytes]]
STREAMS: dict[str, Way] = {
    "a chat": chat,
    "a stream": lambda place: completion(place, stream=True),
    "a stream of responses": lambda place: response(place, stream=True),
}
WHOLE: dict[str, Way] = {
    "a whole answer": completion,
    "a whole response": response,
    "vectors": lambda place: place.asked("/v1/embeddings", model="embed-1", input="Why?"),
    "pictures": lambda place: place.asked("/v1/images/generations", model="image-1", prompt="Why?"),
    "speech": lambda place: place.asked(
        "/v1/audio/speech", model="tts-1", input="Why?", voice="alloy"
    ),
    "what is said in a recording": transcription,
}
OF_STREAMS = {
    "a line": EVENTS + b"data: ",
    "a line after some words": EVENTS + SO + b"data: ",
    "a line of no kind": EVENTS,
}
OF_WHOLE = {"a body": BODY, "a body of no length": ENDLESS, "a refusal": ERROR}
OF_ALL = {"a fault": FAULT, "a head": HEAD}


def cases() -> Iterator[tuple[str, Way, bytes]]:
    for ways, sent in ((STREAMS, OF_STREAMS), (WHOLE, OF_WHOLE), (STREAMS | WHOLE, OF_ALL)):
        for name, way in ways.items():
            for what, begins in sent.items():
                yield f"{name}, of which {what} has a gigabyte", way, begins


@pytest.mark.once
@pytest.mark.timeout(900)
def test_a_gigabyte_from_an_engine_is_cut_off_and_refused_and_fills_no_memory(
    place: Place,
) -> None:
    wrong: list[str] = []
    place.forget_the_most()
    before = place.memory("VmRSS")
    for name, way, begins in cases():
        place.zeros.will(begins)
        status, said = way(place)
        grown = place.memory("VmHWM") - before
        until(lambda: place.zeros.sent, "the line is not cut")
        if grown > MOST_GROWTH:
            wrong.append(f"{name}: took {grown >> 20} MB")
        if max(place.zeros.sent) > MOST_SENT:
            wrong.append(f"{name}: let {max(place.zeros.sent) >> 20} MB be sent")
        if not is_refused(status, said, has_words=SO in begins):
            wrong.append(f"{name}: said {status} {said[:300]!r}")
        answer_well(place)
    receipts = json.loads(place.house.python("bench.look_over_calls", "receipts").stdout)
    unfinished = json.loads(place.house.python("bench.look_over_calls", "unfinished").stdout)

    assert wrong == []
    assert unfinished == []
    assert len(receipts) == 2 * len(list(cases()))
    assert all(one["tokens_in"] + one["tokens_out"] <= one["reserved"] for one in receipts)
    paid = [one for one in receipts if one["charged"]]
    assert len(paid) == len(list(cases())) + len(STREAMS)
    assert all(one["charged"] == one["tokens_in"] + one["tokens_out"] for one in paid)


def answer_well(place: Place) -> None:
    """Answer once as it should be: an engine that fails again and again is not asked any more."""
    place.zeros.will(WELL, most=0)
    status, said = completion(place)
    assert status == 200, said


def is_refused(status: int, said: bytes, *, has_words: bool) -> bool:
    """Tell whether it is said in clear words that the engine did not answer as it should."""
    assert len(said) < 100_000
    if b'"state"' in said:
        turn = json.loads(said)
        return (
            turn["state"] == "failed" and bool(turn["failure"]) and has_words == bool(turn["text"])
        )
    told = b'"error"' in said and b'"message"' in said
    return told and (status == 200 if has_words else status >= 400)


@pytest.mark.once
@pytest.mark.timeout(900)
def test_a_gigabyte_of_models_fills_no_memory_either(place: Place) -> None:
    place.zeros.will(WELL.replace(_SAID, b"{}".ljust(len(_SAID))), most=0)
    _said, usual = connected(place)
    for begins in (BODY, ENDLESS, ERROR, FAULT, HEAD):
        place.zeros.will(begins)
        said, most = connected(place)
        until(lambda: place.zeros.sent, "the line is not cut")

        assert "The engine" in said
        assert "Traceback" not in said
        assert max(place.zeros.sent) < MOST_SENT
        assert most < usual + MOST_GROWTH


def connected(place: Place) -> tuple[str, int]:
    """Have an engine connected that nobody can, and return what was said, and the memory taken."""
    words = ["engine", "connect", "Zeros", "--url", place.zeros.url]
    connecting = subprocess.Popen(
        [sys.executable, "-m", "atrium", *words],
        cwd=ROOT,
        env=place.house.environment,
        stderr=subprocess.PIPE,
    )
    assert connecting.stderr is not None
    with connecting.stderr as told:
        said = told.read().decode()
    _pid, status, used = os.wait4(connecting.pid, 0)
    connecting.returncode = os.waitstatus_to_exitcode(status)
    assert connecting.returncode == 1, said
    return said, used.ru_maxrss * 1024
