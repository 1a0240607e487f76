"""Random windows of four stems with both mixes made, from the store and from WAV files, beside other ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from datagen.sources import open_source
from datagen.stem_mp4 import open_stem_mp4
from tests.bench.datagen_songs import BENCH, NAME, Sizes, Songs
from tests.bench.metric import Goal, Metric
from tests.bench.peer_process import Peers, what_peers_lack
from tests.bench.stem_songs import STEMS
from tests.bench.timing import ElsewhereRun, Timing, measure_interleaved
from tests.datagen.making_stems import AAC_FRAME, RATE

Audio = NDArray[np.float32]
MixWindow = Callable[[int], object]
"""Makes both mixes of the window that starts at a sample."""
GAINS = np.array([[1.0, 1.0, 1.0, 1.0], [0.5, 1.0, 1.4, 1.0]], np.float32)
"""Reference and problem: both mixes of a window are made."""
STREAMS = (1, 2, 3, 4)
"""The stems' streams; 0 is the mixture."""
WAV_HEADER_BYTES = 44
UNIT = "x real time"
NO_GOAL = "the goal is against reading as stempeg and musdb do, from the file's start"


def measure_windows(songs: Songs, sizes: Sizes, peers: Peers | None) -> list[Metric]:
    """Seconds of music for each second of one core. Every candidate gets the same windows."""
    ways = window_ways(songs, sizes, peers)
    starts = {name: random_starts(songs, sizes) for name in ways}
    times = measure_interleaved(
        {name: lambda name=name: ways[name](next(starts[name])) for name in ways},  # type: ignore[misc]
        repeats=sizes.repeats,
    )
    return _metrics(times, sizes, peers)


def window_ways(songs: Songs, sizes: Sizes, peers: Peers | None) -> dict[str, MixWindow]:
    """{name: way to make both mixes of a window}, and the memory traffic alone of the two ways of ours."""
    length = sizes.window_s * RATE
    store, files = open_source("musdb18", songs.stem_mp4), open_source("musdb18_hq", songs.wavs)
    folder = songs.wavs / NAME
    ways: dict[str, MixWindow] = {
        "store": lambda start: store.mix(NAME, GAINS, start_samples=start, length_samples=length),
        "wav": lambda start: files.mix(NAME, GAINS, start_samples=start, length_samples=length),
        "soundfile": lambda start: soundfile_mixes(folder, start, length),
        "from the start": lambda start: _decoded_mixes(_decode_from_start, songs.stem_mp4, start, length),
        "seeking": lambda start: _decoded_mixes(_decode_seeking, songs.stem_mp4, start, length),
        "store traffic": _store_traffic(songs.stem_mp4, length),
        "wav traffic": _wav_traffic(folder, length),
    }
    if peers is not None:
        asked = peers
        ways["musdb"] = lambda start: ask_for_window(asked, "musdb", start, length)
    return ways


def random_starts(songs: Songs, sizes: Sizes) -> Iterator[int]:
    """Endless random starts of windows, the same ones every time."""
    rng = np.random.default_rng(1)
    last = int((min(songs.seconds, sizes.song_s) - sizes.window_s - 1) * RATE)
    while True:
        yield int(rng.integers(0, last))


def _metrics(times: dict[str, Timing], sizes: Sizes, peers: Peers | None) -> list[Metric]:
    what = f"random {sizes.window_s} s window, four stems, both mixes"
    musdb = f"musdb {peers.versions['musdb']}" if peers is not None else None

    def metric(name: str, ours: str, peer: str, peer_name: str | None, goal: Goal | None, why: str = "") -> Metric:
        mine, theirs, limit = times[ours], times.get(peer), times[f"{ours} traffic"]
        seconds = sizes.window_s
        return Metric(
            BENCH, f"{what}, {name}", UNIT, seconds / mine.one_core_s, theirs and seconds / theirs.one_core_s,
            peer_name, seconds / limit.one_core_s, goal, why=why,
            ours_best=seconds / mine.one_core_minimum_s, peer_best=theirs and seconds / theirs.one_core_minimum_s,
        )  # fmt: skip

    start, seek = "PyAV from the file's start, one opening a stream", "PyAV from the nearest packet, one pass"
    return [
        metric("store", "store", "", None, Goal("ours", "at_least", 1500)),
        metric("wav in place against soundfile", "wav", "soundfile", "soundfile, one product", _at_least(3.5)),
        metric("store against soundfile", "store", "soundfile", "soundfile, one product", _at_least(3.5)),
        metric("store against musdb on the .stem.mp4", "store", "musdb", musdb, _at_least(40), what_peers_lack()),
        metric("store against decoding the .stem.mp4 as they do", "store", "from the start", start, _at_least(40)),
        metric("store against decoding with a seek", "store", "seeking", seek, None, NO_GOAL),
    ]


def _at_least(ratio: float) -> Goal:
    return Goal("ratio_to_peer", "at_least", ratio)


def ask_for_window(peers: Peers, reader: str, start: int, length: int) -> ElsewhereRun:
    """Let a peer read the window and make both mixes of it."""
    return peers.ask(reader, start_s=start / RATE, seconds=length / RATE, gains=GAINS.tolist())


def soundfile_mixes(folder: Path, start: int, length: int) -> Audio:
    """Both mixes [mixes, samples, 2]: every stem read straight into place, then one matrix product."""
    stems = np.empty((len(STEMS), length, 2), np.float32)
    for name, stem in zip(STEMS, stems, strict=True):
        soundfile.read(folder / f"{name}.wav", start=start, frames=length, dtype="float32", out=stem)
    return (GAINS @ stems.reshape(len(STEMS), -1)).reshape(len(GAINS), length, 2)


def _decoded_mixes(decode: Callable[[Path, int, int], list[Audio]], path: Path, start: int, length: int) -> Audio:
    stems = np.stack(decode(path, start, length))
    return (GAINS @ stems.reshape(len(stems), -1)).reshape(len(GAINS), 2, length)


def _decode_from_start(path: Path, start: int, length: int) -> list[Audio]:
    """The four stems of a window [2, samples] as stempeg reads them: a file opened for each, decoded from its start."""
    return [_decode_window(path, start, length, streams=[number], seek=False)[0] for number in STREAMS]


def _decode_seeking(path: Path, start: int, length: int) -> list[Audio]:
    """The four stems of a window [2, samples], decoded in one pass from two packets before it."""
    return _decode_window(path, start, length, streams=STREAMS, seek=True)


def _decode_window(path: Path, start: int, length: int, *, streams: Sequence[int], seek: bool) -> list[Audio]:
    kept: dict[int, list[Audio]] = {}
    first: dict[int, int] = {}
    with av.open(str(path)) as container:
        wanted = [container.streams.audio[number] for number in streams]
        if seek:
            container.seek(max(start - 2 * AAC_FRAME, 0), stream=wanted[0])
        for packet in _packets_before(container, wanted, start + length):
            for frame in packet.decode():
                if frame.pts > start - AAC_FRAME:
                    first.setdefault(packet.stream.index, frame.pts)
                    kept.setdefault(packet.stream.index, []).append(frame.to_ndarray())
        order = [stream.index for stream in wanted]
    cuts = {index: start - first[index] for index in order}
    return [np.concatenate(kept[index], axis=1)[:, cuts[index] : cuts[index] + length] for index in order]


def _packets_before(
    container: av.container.InputContainer, streams: Sequence[av.AudioStream], end: int
) -> Iterator[av.Packet]:
    """Packets that start before a sample; the streams' packets may lie up to a second apart in the file."""
    for packet in container.demux(*streams):
        if packet.pts is None or packet.pts > end + RATE:
            return
        if packet.pts < end:
            yield packet


def _store_traffic(path: Path, length: int) -> MixWindow:
    """The memory traffic alone: every sample of the window read once, as many bytes written as both mixes have."""
    pcm = open_stem_mp4(path).pcm

    def touch(start: int) -> float:
        window = pcm[start : start + length].reshape(-1)
        mixes = np.empty(len(GAINS) * 2 * length, np.float32)
        np.copyto(mixes, window[: len(mixes)])
        return float(window[len(mixes) :].max())

    return touch


def _wav_traffic(folder: Path, length: int) -> MixWindow:
    """The same for WAV files: 16-bit samples of four stereo files are as many bytes as both mixes."""
    maps = [np.memmap(folder / f"{name}.wav", np.int16, mode="r", offset=WAV_HEADER_BYTES) for name in STEMS]

    def touch(start: int) -> None:
        mixes = np.empty((len(maps), 2 * length), np.int16)
        for row, samples in zip(mixes, maps, strict=True):
            np.copyto(row, samples[2 * start : 2 * (start + length)])

    return touch
