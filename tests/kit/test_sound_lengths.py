"""How long a recording is, by its container alone."""

import io
import struct
import wave
from pathlib import Path

import pytest

from atrium.kit.sound_lengths import measure

pytestmark = pytest.mark.once


def a_wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(8_000)
        written.writeframes(bytes(4 * 8_000 * 3))
    return out.getvalue()


def a_flac() -> bytes:
    told = (16_000 << 44 | 1 << 41 | 15 << 36 | 48_000).to_bytes(8, "big")
    return b"fLaC\x00\x00\x00\x22" + bytes(10) + told + bytes(16)


def an_ogg() -> bytes:
    def page(granule: int, body: bytes) -> bytes:
        head = b"OggS\x00\x00" + struct.pack("<qIII", granule, 7, 0, 0)
        return head + bytes([1, len(body)]) + body

    return page(0, b"OpusHead" + bytes(11)) + page(48_000, b"x" * 9) + page(144_000, b"y")


def an_mp3() -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s at 44.1 kHz
    return b"ID3\x04\x00\x00\x00\x00\x00\x05hello" + frame * 115


def an_aac() -> bytes:
    size = 107
    head = [0xFF, 0xF1, 8 << 2, 0, size >> 3, (size & 7) << 5, 0]
    return (bytes(head) + bytes(100)) * 47  # 16 kHz


def an_mp4() -> bytes:
    mvhd = b"mvhd" + bytes(12) + struct.pack(">II", 600, 1_800) + bytes(80)
    inner = struct.pack(">I", len(mvhd) + 4) + mvhd
    moov = struct.pack(">I", len(inner) + 8) + b"moov" + inner
    ftyp = struct.pack(">I", 16) + b"ftypM4A " + bytes(4)
    return ftyp + struct.pack(">I", 24) + b"mdat" + bytes(16) + moov


def a_webm(*, told: bool) -> bytes:
    def element(name: int, body: bytes) -> bytes:
        size = (1 << 56 | len(body)).to_bytes(8, "big")
        return name.to_bytes((name.bit_length() + 7) // 8, "big") + size + body

    info = element(0x2AD7B1, (1_000_000).to_bytes(3, "big"))
    info += element(0x4489, struct.pack(">d", 3_000.0)) if told else b""
    begins = b"" if told else element(0xE7, (2_000).to_bytes(2, "big"))
    clusters = element(0x1F43B675, begins + element(0xA3, bytes(20)))
    endless = b"\x18\x53\x80\x67\x01" + b"\xff" * 7
    return element(0x1A45DFA3, b"") + endless + element(0x1549A966, info) + clusters


@pytest.mark.parametrize(
    ("nature", "data", "seconds"),
    [
        ("wav", a_wav(), 3.0),
        ("flac", a_flac(), 3.0),
        ("ogg", an_ogg(), 3.0),
        ("mp3", an_mp3(), 3.0),
        ("aac", an_aac(), 3.0),
        ("mp4", an_mp4(), 3.0),
        ("matroska", a_webm(told=True), 3.0),
        ("matroska", a_webm(told=False), 7.0),
    ],
)
def test_each_container_is_measured_and_cut_anywhere_breaks_nothing(
    tmp_path: Path, nature: str, data: bytes, seconds: float
) -> None:
    path = tmp_path / "recording"
    path.write_bytes(data)
    found = measure({"path": str(path), "nature": nature})["seconds"]
    assert found == pytest.approx(seconds, abs=0.02)
    for cut in {*range(0, min(len(data), 200), 3), len(data) // 2, len(data) - 1}:
        path.write_bytes(data[:cut])
        told = measure({"path": str(path), "nature": nature})["seconds"]
        assert told is None or 0 < told <= 8
        path.write_bytes(data[:cut] + b"\xff" * 40)
        measure({"path": str(path), "nature": nature})


def test_what_no_reader_is_for_has_no_length() -> None:
    assert measure({"path": "/nowhere", "nature": "png"}) == {"seconds": None}
