"""What an mp4's index claims about its audio streams, read without any decoder.

A hostile or half-copied file is judged here, by arithmetic on its index, before a decoder sees it. Box layouts:
ISO/IEC 14496-12 (mdhd, elst, stsd, stts, stsz, stsc, stco, co64).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

MAX_INDEX_BYTES = 64 * 2**20
"""An index (moov box) larger than this is refused; a three-hour song with five streams needs about 6 MiB."""

MAX_TOP_BOXES = 10_000
"""More boxes in front of the index than this are refused; a fragmented three-hour file has some thousand."""


class Mp4Error(ValueError):
    """The file is no mp4, or its index cannot be true."""


@dataclass(frozen=True)
class AudioClaim:
    """One audio stream as the index describes it."""

    codec: str
    sample_rate: int
    """Ticks per second of the stream's clock; for AAC the sample rate."""
    channels: int
    frames: int
    """Samples per channel after the edit list's start and before the end of its last packet."""
    packets: int
    packet_bytes: int
    last_byte: int
    """Where the last chunk starts; beyond the file when it is truncated."""


@dataclass(frozen=True)
class Mp4Claims:
    """The audio streams of a file in its order, and the file's size."""

    streams: tuple[AudioClaim, ...]
    file_bytes: int


def read_claims(path: Path) -> Mp4Claims:
    """The audio streams that the index of an mp4 claims.

    Raises Mp4Error when there is no index, when it runs past the end of the file, or when it is malformed.
    """
    file_bytes = path.stat().st_size
    try:
        with path.open("rb") as file:
            index = _read_index(file, file_bytes, path)
        movie_rate = _movie_timescale(index)
        tracks = (_audio_claim(body, movie_rate) for kind, body in _boxes(index) if kind == b"trak")
        return Mp4Claims(tuple(claim for claim in tracks if claim is not None), file_bytes)
    except (struct.error, KeyError, IndexError, ZeroDivisionError) as error:
        raise Mp4Error(f"{path.name}: its index is damaged ({error})") from error


def _read_index(file: BinaryIO, file_bytes: int, path: Path) -> memoryview:
    position = 0
    for _ in range(MAX_TOP_BOXES):
        if position + 8 > file_bytes:
            break
        file.seek(position)
        size, kind, header = _box_header(file.read(16), file_bytes - position)
        if position == 0 and kind not in (b"ftyp", b"moov", b"free", b"mdat", b"wide", b"skip"):
            raise Mp4Error(f"{path.name}: not an mp4 file (it starts with {kind!r})")
        if kind == b"moov":
            return _index_body(file, position + header, size - header, file_bytes, path)
        position += max(size, 8)
    else:
        raise Mp4Error(f"{path.name}: no index (moov box) among its first {MAX_TOP_BOXES:,} boxes")
    raise Mp4Error(f"{path.name}: no index (moov box): the file is truncated, copy it again")


def _index_body(file: BinaryIO, start: int, size: int, file_bytes: int, path: Path) -> memoryview:
    if size > MAX_INDEX_BYTES:
        raise Mp4Error(f"{path.name}: its index claims {size:,} bytes, more than any song needs")
    if start + size > file_bytes:
        raise Mp4Error(f"{path.name}: its index ends {start + size - file_bytes:,} bytes past the end of the file")
    file.seek(start)
    return memoryview(file.read(size))


def _box_header(head: bytes, rest: int) -> tuple[int, bytes, int]:
    size, kind = struct.unpack(">I4s", head[:8])
    if size == 1:
        return struct.unpack(">Q", head[8:16])[0], kind, 16
    return (rest if size == 0 else size), kind, 8


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    position = 0
    while position + 8 <= len(data):
        size, kind, header = _box_header(bytes(data[position : position + 16]), len(data) - position)
        if size < header or position + size > len(data):
            raise Mp4Error(f"a {kind!r} box of its index runs past its parent")
        yield kind, data[position + header : position + size]
        position += size


def _children(data: memoryview) -> dict[bytes, memoryview]:
    return dict(_boxes(data))


def _movie_timescale(index: memoryview) -> int:
    header = _children(index)[b"mvhd"]
    return int(struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)[0])


def _audio_claim(track: memoryview, movie_rate: int) -> AudioClaim | None:
    boxes = _children(track)
    media = _children(boxes[b"mdia"])
    if bytes(media[b"hdlr"][8:12]) != b"soun":
        return None
    tables = _children(_children(media[b"minf"])[b"stbl"])
    clock_rate, media_duration = _media_header(media[b"mdhd"])
    codec, channels = _sample_entry(tables[b"stsd"])
    packets, packet_bytes = _packet_sizes(tables[b"stsz"])
    ticks = _table_duration(tables[b"stts"], packets)
    shift = _edit_shift(boxes.get(b"edts"), clock_rate, movie_rate)
    frames = (min(ticks, media_duration) if media_duration else ticks) + shift
    return AudioClaim(codec, clock_rate, channels, max(frames, 0), packets, packet_bytes, _last_chunk(tables))


def _media_header(box: memoryview) -> tuple[int, int]:
    if box[0] == 1:
        clock_rate, duration = struct.unpack_from(">IQ", box, 20)
    else:
        clock_rate, duration = struct.unpack_from(">II", box, 12)
    return int(clock_rate), int(duration)


def _sample_entry(box: memoryview) -> tuple[str, int]:
    codec = bytes(box[12:16]).decode("latin-1")
    return codec, int(struct.unpack_from(">H", box, 8 + 24)[0])


def _packet_sizes(box: memoryview) -> tuple[int, int]:
    one_size, packets = struct.unpack_from(">II", box, 4)
    if one_size:
        return packets, packets * one_size
    if 12 + 4 * packets > len(box):
        raise Mp4Error(f"its index claims {packets:,} packets but lists {(len(box) - 12) // 4:,}")
    return packets, int(np.frombuffer(box, ">u4", count=packets, offset=12).sum(dtype=np.uint64))


def _table_duration(box: memoryview, packets: int) -> int:
    (entries,) = struct.unpack_from(">I", box, 4)
    if 8 + 8 * entries > len(box):
        raise Mp4Error("its table of packet durations is cut off")
    counts, ticks = np.frombuffer(box, ">u4", count=2 * entries, offset=8).reshape(entries, 2).T.astype(np.float64)
    if counts.sum() != packets:
        raise Mp4Error(f"its index times {counts.sum():,.0f} packets but lists {packets:,}")
    return int(counts @ ticks)


def _edit_shift(edits: memoryview | None, clock_rate: int, movie_rate: int) -> int:
    """Ticks that the edit list adds (a late start) or takes away (encoder delay) before the first sample."""
    if edits is None:
        return 0
    box = _children(edits)[b"elst"]
    (entries,) = struct.unpack_from(">I", box, 4)
    layout, step = (">Qq", 20) if box[0] == 1 else (">Ii", 12)
    shift = 0
    for entry in range(min(entries, 2)):
        duration, media_time = struct.unpack_from(layout, box, 8 + entry * step)
        if media_time >= 0:
            return shift - int(media_time)
        shift += round(duration * clock_rate / movie_rate)
    return shift


def _last_chunk(tables: dict[bytes, memoryview]) -> int:
    box, layout, step = (tables[b"co64"], ">Q", 8) if b"co64" in tables else (tables[b"stco"], ">I", 4)
    (entries,) = struct.unpack_from(">I", box, 4)
    if not entries:
        return 0
    return int(struct.unpack_from(layout, box, 8 + (entries - 1) * step)[0])
