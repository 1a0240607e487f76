"""What an mp4's index claims, and that no index can do harm."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.mp4_boxes import Mp4Error, read_claims


def test_the_real_file_claims_five_audio_streams_and_its_cover_is_not_one(falcon: Path) -> None:
    claims = read_claims(falcon)
    assert [(s.codec, s.sample_rate, s.channels, s.frames, s.packets) for s in claims.streams] == [
        ("mp4a", 44_100, 2, 268_288, 262)
    ] * 5
    assert max(stream.last_byte for stream in claims.streams) < claims.file_bytes == falcon.stat().st_size


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"\0" * 4096, b"\xff" * 64])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(content)
    with pytest.raises(Mp4Error, match=r"song\.stem\.mp4"):
        read_claims(path)


def test_a_file_without_an_index_is_called_truncated(tmp_path: Path, falcon: Path) -> None:
    content = falcon.read_bytes()
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(content[: content.index(b"moov") - 4])
    with pytest.raises(Mp4Error, match="no index"):
        read_claims(path)


def test_an_index_that_ends_past_the_file_is_named(tmp_path: Path, falcon: Path) -> None:
    content = falcon.read_bytes()
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(content[: content.index(b"moov") + 200])
    with pytest.raises(Mp4Error, match="past the end of the file"):
        read_claims(path)


def test_an_index_that_claims_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(struct.pack(">I4sQ", 16, b"ftyp", 0) + struct.pack(">I4sQ", 1, b"moov", 2**40))
    with pytest.raises(Mp4Error, match="more than any song needs"):
        read_claims(path)


def test_a_packet_table_longer_than_its_box_is_refused(tmp_path: Path, falcon: Path) -> None:
    content = bytearray(falcon.read_bytes())
    struct.pack_into(">I", content, content.index(b"stsz") + 12, 2**31)
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(content)
    with pytest.raises(Mp4Error, match="claims 2,147,483,648 packets but lists 262"):
        read_claims(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_index_is_read_or_refused_but_never_crashes(
    tmp_path: Path, falcon: Path, data: st.DataObject
) -> None:
    content = bytearray(falcon.read_bytes())
    start = content.index(b"moov")
    end = start + int.from_bytes(content[start - 4 : start], "big")
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(start - 4, end))] = data.draw(st.integers(0, 255))
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(content)
    with contextlib.suppress(Mp4Error):
        assert all(stream.frames >= 0 and stream.packets >= 0 for stream in read_claims(path).streams)


@pytest.mark.parametrize("n_bytes", range(8, 17))
def test_a_first_box_whose_long_size_is_cut_off_is_refused(tmp_path: Path, n_bytes: int) -> None:
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(struct.pack(">I4sQ", 1, b"ftyp", 24)[:n_bytes])
    with pytest.raises(Mp4Error, match=r"song\.stem\.mp4"):
        read_claims(path)


def test_a_file_of_endless_tiny_boxes_is_given_up_early(tmp_path: Path) -> None:
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(struct.pack(">I4s", 8, b"ftyp") + 20_000 * struct.pack(">I4s", 8, b"free"))
    with pytest.raises(Mp4Error, match=r"no index .* among its first 10,000 boxes"):
        read_claims(path)


def test_an_index_of_millions_of_packets_is_added_up_in_little_memory(tmp_path: Path, falcon: Path) -> None:
    """57 MiB of tables: 5 million packets in the first stream."""
    path = tmp_path / "song.stem.mp4"
    path.write_bytes(with_packets(falcon.read_bytes(), 5_000_000))
    tracemalloc.start()
    try:
        claim = read_claims(path).streams[0]
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (claim.packets, claim.packet_bytes) == (5_000_000, 5_000_000 * 300)
    assert peak_bytes < 4 * path.stat().st_size


def with_packets(content: bytes, packets: int) -> bytes:
    """The file, its first stream's tables of packet sizes and durations made this long."""
    sizes = struct.pack(">III", 0, 0, packets) + struct.pack(">I", 300) * packets
    durations = struct.pack(">II", 0, packets) + struct.pack(">II", 1, 1024) * packets
    for kind, body in ((b"stsz", sizes), (b"stts", durations)):
        content = with_box(content, (b"moov", b"trak", b"mdia", b"minf", b"stbl", kind), body)
    return content


def with_box(content: bytes, names: tuple[bytes, ...], body: bytes) -> bytes:
    """The same with the body of one box, found by its path, replaced and the sizes around it corrected."""
    position = 0
    while content[position + 4 : position + 8] != names[0]:
        position += int.from_bytes(content[position : position + 4], "big")
    size = int.from_bytes(content[position : position + 4], "big")
    inner = content[position + 8 : position + size]
    new = with_box(inner, names[1:], body) if names[1:] else body
    box = struct.pack(">I4s", 8 + len(new), names[0]) + new
    return content[:position] + box + content[position + size :]
