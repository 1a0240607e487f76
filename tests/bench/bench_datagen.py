"""Reading stems: decoding `.stem.mp4`, mixing random windows, loudness of gain sets. All on songs made here."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import soundfile

from datagen.cache_folder import CACHE_VARIABLE
from datagen.loudness import gram_blocks, linear_gains, loudness_of_gains
from datagen.mixing import mix_stems
from datagen.sources import open_source
from datagen.stem_mp4 import open_stem_mp4
from tests.bench.metric import Goal, Metric
from tests.bench.stem_songs import STEMS, write_long_stem_mp4, write_long_wavs
from tests.bench.timing import Timing, measure_interleaved
from tests.datagen.making_stems import RATE

SONG_S = 240.0
WINDOW_S = 30
WINDOW = WINDOW_S * RATE
GAINS = np.array([[1.0, 1.0, 1.0, 1.0], [0.5, 1.0, 1.4, 1.0]], np.float32)
"""Reference and problem: both mixes of a window are made."""
MANY_WINDOWS = 2_000
NAME = "Bench - Song"
NO_FFMPEG = "without ffmpeg and ffprobe the peer is PyAV, opening the file once a stream as stempeg does"


def run() -> list[Metric]:
    """All metrics of this bench."""
    with _songs() as (stem_mp4, wavs, seconds):
        return [*_decoding(stem_mp4, seconds), *_windows(stem_mp4, wavs), *_loudness(wavs)]


@contextmanager
def _songs() -> Iterator[tuple[Path, Path, float]]:
    """A stem file, a folder of WAV files and the stem file's length, with a cache folder of their own."""
    before = os.environ.get(CACHE_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="mixtrial-bench-") as name:
        folder = Path(name)
        os.environ[CACHE_VARIABLE] = str(folder / "cache")
        try:
            stem_mp4 = folder / f"{NAME}.stem.mp4"
            seconds = write_long_stem_mp4(stem_mp4, seconds=SONG_S)
            write_long_wavs(folder / "wavs" / NAME, seconds=SONG_S)
            yield stem_mp4, folder / "wavs", seconds
        finally:
            os.environ.pop(CACHE_VARIABLE)
            if before is not None:
                os.environ[CACHE_VARIABLE] = before


def _decoding(path: Path, seconds: float) -> list[Metric]:
    peer_name, peer = _decoding_peer(path)
    times = measure_interleaved(
        {"ours": lambda: _decode_into_store(path), "peer": peer, "limit": lambda: _decode_only(path)}
    )
    ours, theirs, limit = (_real_time(times[name], seconds) for name in ("ours", "peer", "limit"))
    return [
        Metric(
            "datagen",
            f"stem.mp4 of {seconds:.0f} s into the mapped store",
            "x real time",
            ours,
            theirs,
            peer_name,
            limit,
            Goal("ratio_to_peer", "at_least", 1.0),
            why="" if peer_name == "stempeg" else NO_FFMPEG,
        )
    ]


def _windows(stem_mp4: Path, wavs: Path) -> list[Metric]:
    rng = np.random.default_rng(1)
    store, files = open_source("musdb18", stem_mp4), open_source("musdb18_hq", wavs)
    store.mix(NAME, GAINS, start_samples=0, length_samples=WINDOW)

    def start() -> int:
        return int(rng.integers(0, (SONG_S - WINDOW_S - 1) * RATE))

    pcm = open_stem_mp4(stem_mp4).pcm
    times = measure_interleaved(
        {
            "store": lambda: store.mix(NAME, GAINS, start_samples=start(), length_samples=WINDOW),
            "wav": lambda: files.mix(NAME, GAINS, start_samples=start(), length_samples=WINDOW),
            "soundfile": lambda: _soundfile_mixes(wavs / NAME, start()),
            "decoding": lambda: _decoded_mixes(stem_mp4, start()),
            "copy": lambda: np.array(pcm[(first := start()) : first + WINDOW]),
        }
    )
    speed = {name: _real_time(timing, WINDOW_S) for name, timing in times.items()}
    unit, what = "x real time", "random 30 s window, four stems, two mixes"
    peer, limit = speed["soundfile"], speed["copy"]
    decoded = "PyAV from the file's start, one opening a stream"
    return [
        Metric("datagen", f"{what}, store", unit, speed["store"], limit=limit, goal=Goal("ours", "at_least", 1500)),
        Metric(
            "datagen", f"{what}, store vs wav files", unit, speed["store"], peer, "soundfile", limit, _at_least(3.5)
        ),
        Metric("datagen", f"{what}, wav in place", unit, speed["wav"], peer, "soundfile", limit, _at_least(3.5)),
        Metric(
            "datagen", f"{what}, store vs mp4", unit, speed["store"], speed["decoding"], decoded, limit, _at_least(40)
        ),
        _drift(lambda: store.mix(NAME, GAINS, start_samples=start(), length_samples=WINDOW)),
    ]


def _drift(mix: Callable[[], object]) -> Metric:
    """How much slower the last windows of many are than the first."""
    tenth = MANY_WINDOWS // 10
    first, _, last = (measure_interleaved({"mix": mix}, repeats=n)["mix"] for n in (tenth, MANY_WINDOWS, tenth))
    return Metric(
        "datagen",
        f"last windows of {MANY_WINDOWS:,} against the first",
        "times as long",
        last.minimum_s / first.minimum_s,
        goal=Goal("ours", "at_most", 1.15),
        why=f"{MANY_WINDOWS:,} windows instead of 100,000",
    )


def _loudness(wavs: Path) -> list[Metric]:
    stems = open_source("musdb18_hq", wavs).read(NAME, start_samples=0, length_samples=WINDOW)
    blocks, gains = gram_blocks(stems, RATE), linear_gains([0.0, -4.5, 6.0, 0.0])
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    mix = mix_stems(stems, gains)[0].T.astype(np.float64)
    times = measure_interleaved(
        {"ours": lambda: loudness_of_gains(blocks, gains), "peer": lambda: meter.integrated_loudness(mix)}
    )
    ours, theirs = (1 / times[name].median_s for name in ("ours", "peer"))
    found = loudness_of_gains(blocks, gains) or 0.0
    usual = pyloudnorm.Meter(RATE).integrated_loudness(mix)
    same, unit = meter.integrated_loudness(mix), "LU"
    peer = "pyloudnorm, same filters"
    return [
        Metric("datagen", "loudness of a gain set", "per second", ours, theirs, peer, goal=_at_least(50)),
        Metric("datagen", "its difference", unit, abs(found - same), goal=Goal("ours", "at_most", 0.01)),
        Metric("datagen", "its difference to pyloudnorm's default filters", unit, abs(found - usual)),
    ]


def _at_least(ratio: float) -> Goal:
    return Goal("ratio_to_peer", "at_least", ratio)


def _real_time(timing: Timing, seconds: float) -> float:
    return seconds / timing.median_s


def _decode_into_store(path: Path) -> None:
    shutil.rmtree(Path(os.environ[CACHE_VARIABLE]), ignore_errors=True)
    open_stem_mp4(path)


def _decoding_peer(path: Path) -> tuple[str, Callable[[], object]]:
    if shutil.which("ffmpeg") and shutil.which("ffprobe"):
        import stempeg  # it looks for ffmpeg when it is imported

        return "stempeg", lambda: stempeg.read_stems(str(path), dtype=np.float32)
    return "PyAV, one opening a stream", lambda: [_decode_stream(path, stream) for stream in range(5)]


def _decode_stream(path: Path, stream: int, *, end_samples: int | None = None) -> np.ndarray:
    frames, position = [], 0
    with av.open(str(path)) as container:
        for frame in container.decode(audio=stream):
            frames.append(frame.to_ndarray())
            position += frame.samples
            if end_samples is not None and position >= end_samples:
                break
    return np.concatenate(frames, axis=1)


def _decode_only(path: Path) -> int:
    """Decoding the four stems in one pass, storing nothing: what no reader can beat."""
    samples = 0
    with av.open(str(path)) as container:
        for packet in container.demux(*container.streams.audio[1:5]):
            for frame in packet.decode():
                samples += frame.samples
    return samples


def _decoded_mixes(path: Path, start: int) -> np.ndarray:
    stems = [
        _decode_stream(path, stream, end_samples=start + WINDOW)[:, start : start + WINDOW] for stream in range(1, 5)
    ]
    return mix_stems(np.stack(stems), GAINS)


def _soundfile_mixes(folder: Path, start: int) -> list[np.ndarray]:
    stems = [soundfile.read(folder / f"{name}.wav", start=start, frames=WINDOW, dtype="float32")[0] for name in STEMS]
    return [sum(gain * stem for gain, stem in zip(row, stems, strict=True)) for row in GAINS]
