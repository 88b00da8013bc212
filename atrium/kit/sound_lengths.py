"""Runs in a child process: how long a recording lasts, by what its container says of each stretch.

Nothing is decoded. What cannot be walked through has no length here.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

_MP3_RATES = (44_100, 48_000, 32_000)
_MP3_KBITS = {
    (1, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_AAC_RATES = (96, 88.2, 64, 48, 44.1, 32, 24, 22.05, 16, 12, 11.025, 8, 7.35)
_SEGMENT, _INFO, _CLUSTER = 0x18538067, 0x1549A966, 0x1F43B675
_SCALE, _DURATION, _TIMECODE = 0x2AD7B1, 0x4489, 0xE7


def measure(argument: dict[str, Any]) -> dict[str, Any]:
    """Return the ``seconds`` of the recording at ``path``, of the ``nature`` that it is."""
    read = _READERS.get(argument["nature"])
    if read is None:
        return {"seconds": None}
    with open(argument["path"], "rb") as file:  # noqa: PTH123 - nothing but the bytes is needed
        try:
            seconds = read(file)
        except (struct.error, IndexError, ValueError, ZeroDivisionError, OverflowError):
            seconds = None
    is_told = seconds is not None and 0 < seconds < 10**7
    return {"seconds": seconds if is_told else None}


def _wav(file: BinaryIO) -> float | None:
    file.seek(12)
    per_second = 0
    while len(head := file.read(8)) == 8:
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"fmt ":
            per_second = struct.unpack_from("<HHII", file.read(16))[3]
            file.seek(size - 16 + size % 2, 1)
        elif name == b"data":
            at = file.tell()
            end = file.seek(0, 2)
            return min(size, end - at) / per_second  # a stream says that it has no end
        else:
            file.seek(size + size % 2, 1)
    return None


def _flac(file: BinaryIO) -> float | None:
    file.seek(8)
    told = int.from_bytes(file.read(18)[10:18], "big")
    rate, samples = told >> 44, told & 0xF_FFFF_FFFF
    return samples / rate if samples else None


def _ogg(file: BinaryIO) -> float | None:
    rate, first, last = 0, None, 0
    while (head := file.read(27))[:4] == b"OggS":
        sizes = file.read(head[26])
        body = file.read(sum(sizes))
        if body[:8] == b"OpusHead":
            rate = 48_000
        elif body[:7] == b"\x01vorbis":
            rate = int.from_bytes(body[12:16], "little")
        granule = struct.unpack_from("<q", head, 6)[0]
        if granule > 0:
            first = granule if first is None else first
            last = max(last, granule)
    return last / rate if rate and last else None


def _mp3(file: BinaryIO) -> float | None:
    seconds, data = 0.0, file.read()
    at = 0
    if data[:3] == b"ID3":
        size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
        at = 10 + size
    while at + 4 <= len(data):
        if data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
            at = data.find(b"\xff", at + 1)
            if at < 0:
                break
            continue
        version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
        kbits, rate = data[at + 2] >> 4, data[at + 2] >> 2 & 3
        if version == 1 or not layer or rate == 3 or kbits in {0, 15}:
            at += 1
            continue
        is_first = version == 3
        hertz = _MP3_RATES[rate] // (1 if is_first else 2 if version == 2 else 4)
        bits = _MP3_KBITS[1 if is_first else 2, layer][kbits] * 1_000
        samples = 384 if layer == 3 else 1_152 if layer == 2 or is_first else 576
        padding = (data[at + 2] >> 1 & 1) * (4 if layer == 3 else 1)
        seconds += samples / hertz
        at += max(4, samples // 8 * bits // hertz + padding)
    return seconds


def _aac(file: BinaryIO) -> float | None:
    seconds, data, at = 0.0, file.read(), 0
    while at + 7 <= len(data) and data[at] == 0xFF and data[at + 1] & 0xF6 == 0xF0:
        hertz = _AAC_RATES[data[at + 2] >> 2 & 15] * 1_000
        seconds += 1_024 * ((data[at + 6] & 3) + 1) / hertz
        at += max(7, (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5)
    return seconds


def _mp4(file: BinaryIO) -> float | None:
    end = file.seek(0, 2)
    for name, at, until in _boxes(file, 0, end):
        if name != b"moov":
            continue
        for inner, begins, _ends in _boxes(file, at, until):
            if inner == b"mvhd":
                file.seek(begins)
                head = file.read(32)
                wide = head[0] == 1
                scale, length = struct.unpack_from(
                    ">IQ" if wide else ">II", head, 20 if wide else 12
                )
                return float(length / scale)
    return None


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= end:
        file.seek(at)
        size, name = struct.unpack(">I4s", file.read(8))
        begins = at + 8
        if size == 1:
            size, begins = struct.unpack(">Q", file.read(8))[0], at + 16
        until = end if size == 0 else at + size
        if until < begins:
            return
        yield name, begins, min(until, end)
        at = until


def _matroska(file: BinaryIO) -> float | None:
    end = file.seek(0, 2)
    for name, at, until in _elements(file, 0, end):
        if name == _SEGMENT:
            return _segment(file, at, until)
    return None


def _segment(file: BinaryIO, at: int, end: int) -> float | None:
    scale, last, told = 1_000_000, 0, 0.0
    for name, begins, until in _elements(file, at, end):
        if name == _INFO:
            for inner, first, last_of in _elements(file, begins, until):
                file.seek(first)
                value = file.read(last_of - first)[:8]
                if inner == _SCALE:
                    scale = int.from_bytes(value, "big")
                elif inner == _DURATION:
                    told = struct.unpack(">f" if len(value) == 4 else ">d", value)[0]
        elif name == _CLUSTER:
            for inner, first, last_of in _elements(file, begins, until):
                if inner == _TIMECODE:
                    file.seek(first)
                    last = max(last, int.from_bytes(file.read(last_of - first)[:8], "big"))
                    break
    # A recording of a browser does not say how long it is: its last stretch is some seconds.
    return max(told, last + 5_000_000_000 / scale if last or not told else 0) * scale / 1e9


def _elements(file: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        file.seek(at)
        head = file.read(12)
        if len(head) < 2 or not head[0]:
            return
        id_length = 9 - head[0].bit_length()
        name = int.from_bytes(head[:id_length], "big")
        length = 9 - head[id_length].bit_length()
        raw = int.from_bytes(head[id_length : id_length + length], "big")
        size = raw & ((1 << 7 * length) - 1)
        begins = at + id_length + length
        has_no_end = size == (1 << 7 * length) - 1
        until = end if has_no_end else begins + size
        yield name, begins, min(until, end)
        # What streams in has no end: its parts follow at once, and are walked as if beside it.
        at = begins if has_no_end and name == _CLUSTER else until


_READERS: dict[str, Callable[[BinaryIO], float | None]] = {
    "wav": _wav,
    "flac": _flac,
    "ogg": _ogg,
    "mp3": _mp3,
    "aac": _aac,
    "mp4": _mp4,
    "matroska": _matroska,
}
