"""Small audio and the files of each layout, made for tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 44_100
AAC_FRAME = 1024
Audio = NDArray[np.float32]


def falcon_path() -> Path:
    """The real stem file that the package stempeg carries, found without importing it (it looks for ffmpeg)."""
    spec = importlib.util.find_spec("stempeg")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "The Easton Ellises - Falcon 69.stem.mp4"


def tone(frequency_hz: float, *, seconds: float, peak: float = 0.1, rate: int = RATE) -> Audio:
    """A stereo sine [2, samples]."""
    time_s = np.arange(round(seconds * rate)) / rate
    wave = (peak * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)
    return np.stack([wave, wave])


def noise(seed: int, *, seconds: float, peak: float = 0.1, rate: int = RATE) -> Audio:
    """Stereo noise [2, samples], uniform."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-peak, peak, (2, round(seconds * rate))).astype(np.float32)


def four_stems(*, seconds: float = 5.0, rate: int = RATE) -> dict[str, Audio]:
    """Four different stems by name."""
    return {
        "drums": noise(1, seconds=seconds, rate=rate),
        "bass": tone(80, seconds=seconds, rate=rate, peak=0.2),
        "other": tone(440, seconds=seconds, rate=rate),
        "vocals": tone(1500, seconds=seconds, rate=rate),
    }


def write_stem_mp4(
    path: Path, streams: Sequence[Audio], *, rate: int = RATE, options: Mapping[str, str] | None = None
) -> None:
    """An mp4 with one AAC stream for each [2, samples], interleaved by time."""
    with av.open(str(path), "w", format="mp4", options=dict(options or {})) as out:
        targets = [out.add_stream("aac", rate=rate, layout="stereo") for _ in streams]
        packets = [packet for target, audio in zip(targets, streams, strict=True) for packet in _packets(target, audio)]
        for packet in sorted(packets, key=lambda each: each.dts):
            out.mux(packet)


def _packets(target: av.AudioStream, audio: Audio) -> list[av.Packet]:
    target.bit_rate = 256_000
    packets: list[av.Packet] = []
    for start in range(0, audio.shape[1], AAC_FRAME):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(audio[:, start : start + AAC_FRAME]), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = target.rate, start, Fraction(1, target.rate)
        packets += target.encode(frame)
    return packets + target.encode(None)


def write_song_mp4(path: Path, stems: Mapping[str, Audio]) -> None:
    """A stem file: the mixture, then the stems in MUSDB18's order."""
    ordered = [stems[name] for name in ("drums", "bass", "other", "vocals")]
    length = min(stem.shape[1] for stem in ordered)
    write_stem_mp4(path, [sum(stem[:, :length] for stem in ordered), *ordered])  # type: ignore[list-item]


def write_song_wavs(
    folder: Path, stems: Mapping[str, Audio], *, rate: int = RATE, mixture: bool = True, subtype: str = "PCM_16"
) -> None:
    """A folder of WAV files, one a stem, and their sum."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, audio in stems.items():
        soundfile.write(folder / f"{name}.wav", audio.T, rate, subtype=subtype)
    if mixture:
        read = [soundfile.read(folder / f"{name}.wav", dtype="float64")[0] for name in stems]
        soundfile.write(folder / "mixture.wav", np.sum(read, axis=0), rate, subtype="FLOAT")
