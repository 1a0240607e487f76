"""Features: log-mel of a window's mix for new gains, against transformers' extractor on the rendered mix. One core."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import torch
from transformers import WhisperFeatureExtractor

from datagen.generator import plan_song, render, song_keys
from tests.bench.metric import Goal, Metric
from tests.bench.timing import Timing, measure_interleaved
from training.features import FeatureSettings, mel_filters
from training.mix_features import clip_log_mel, mix_log_mel, mix_log_mels
from training.whisper_front_end import WHISPER
from training.window_cache import WindowCache
from training.window_mel import WindowMel, measure_window

TINY = FeatureSettings()
REPEATS = 15
CALLS = 32
"""Mixes a timed call makes, each with gains of its own: what others leave in the processor's cache weighs little."""
ERROR_MIXES = 100
MORE_WINDOWS = 8
"""Windows that take turns in the cold measurement: together four times what a large cache holds."""
PEER = "WhisperFeatureExtractor"
GOAL_MS, GOAL_ERROR, GOAL_RATIO = 1.5, 1e-3, 0.1
FRONT_ENDS = {"Whisper front end": WHISPER, "tiny front end": TINY}


def run() -> list[Metric]:
    """All metrics of this bench."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [metric for name, settings in FRONT_ENDS.items() for metric in _front_end(name, settings)]
    finally:
        torch.set_num_threads(before)


def _front_end(name: str, settings: FeatureSettings) -> list[Metric]:
    stems, gains, extract = _stems(settings), _gains(seed=1, mixes=CALLS), _extractor(settings)
    window = measure_window(stems, settings=settings)
    others = [
        WindowMel(window.factors.copy(), window.stems, window.heard_frames, settings) for _ in range(MORE_WINDOWS)
    ]
    mixes = [row @ stems for row in gains]
    out, buffer = np.empty((settings.mel_bands, settings.frames), np.float32), np.empty_like(window.factors)
    times = measure_interleaved(
        {
            "one": lambda: [mix_log_mel(window, row, out=out) for row in gains],
            "turns": lambda: [mix_log_mel(other, row, out=out) for other, row in zip(cycle(others), gains)],
            "many": lambda: mix_log_mels(window, gains),
            "peer": lambda: [extract(mix) for mix in mixes],
            "plain": lambda: [clip_log_mel(row @ stems, settings=settings) for row in gains],
            "read": lambda: [window.factors.max() for _ in gains],
            "copy": lambda: [np.copyto(buffer, other.factors) for other, _ in zip(cycle(others), gains)],
        },
        repeats=REPEATS,
    )
    what = f"log-mel for new gains, 4 stems of {settings.window_seconds:.0f} s, {name}"
    return [
        _time(f"{what}, one at a time", times, "one", "read", _most_ms()),
        _time(f"{what}, against the extractor", times, "one", "read", _most_ratio()),
        _time(f"{what}, {MORE_WINDOWS} windows in turn", times, "turns", "copy", _most_ms()),
        _time(f"{what}, {CALLS} at once", times, "many", "read", _most_ms()),
        _time(f"log-mel of the rendered mix, {name}, plain way", times, "plain", None, None),
        *_errors(name, window, stems, extract),
        *_set_up(name, stems, settings, times),
    ]


def _most_ms() -> Goal:
    return Goal("ours", "at_most", GOAL_MS)


def _most_ratio() -> Goal:
    return Goal("ratio_to_peer", "at_most", GOAL_RATIO)


def _time(what: str, times: dict[str, Timing], ours: str, limit: str | None, goal: Goal | None) -> Metric:
    """Milliseconds of one core for one mix; the limit is reading the factors once."""
    return Metric(
        "features",
        what,
        "ms",
        _ms(times[ours]),
        _ms(times["peer"]),
        PEER,
        limit=_ms(times[limit]) if limit else None,
        goal=goal,
        ours_best=_best_ms(times[ours]),
        peer_best=_best_ms(times["peer"]),
    )


def _ms(timing: Timing) -> float:
    return 1000 * timing.one_core_s / CALLS


def _best_ms(timing: Timing) -> float:
    return 1000 * timing.one_core_minimum_s / CALLS


def _errors(
    name: str, window: WindowMel, stems: np.ndarray, extract: Callable[[np.ndarray], np.ndarray]
) -> list[Metric]:
    """Largest differences over many gains: +-12 dB, one in four with turned polarity, one in eight silent."""
    ours, theirs, plain = [], [], []
    for row in _gains(seed=2, mixes=ERROR_MIXES, all_kinds=True):
        heard, mix = mix_log_mel(window, row), row.astype(np.float64) @ stems
        exact = _exact_log_mel(mix, window.settings)
        extracted = extract(mix.astype(np.float32))
        ours.append(float(np.abs(heard - extracted).max()))
        theirs.append(float(np.abs(extracted - exact).max()))
        plain.append(float(np.abs(heard - exact).max()))
    unit, what = "feature units", f"largest error of {ERROR_MIXES} mixes, {name}"
    return [
        Metric("features", f"{what}, to the extractor", unit, max(ours), goal=Goal("ours", "at_most", GOAL_ERROR)),
        Metric("features", f"{what}, to float64", unit, max(plain), max(theirs), PEER),
        Metric("features", f"its median, {name}, to float64", unit, statistics.median(plain)),
    ]


def _set_up(name: str, stems: np.ndarray, settings: FeatureSettings, times: dict[str, Timing]) -> list[Metric]:
    """What a window costs before its first mix, and after how many mixes it has paid."""
    with tempfile.TemporaryDirectory(prefix="mixtrial-bench-") as folder:
        WindowCache(Path(folder)).window(stems, settings=settings)
        again = measure_interleaved(
            {
                "measured": lambda: measure_window(stems, settings=settings),
                "found": lambda: WindowCache(Path(folder)).window(stems, settings=settings),
            }
        )
    measured, found = (1000 * again[way].one_core_s for way in ("measured", "found"))
    saved = _ms(times["peer"]) - _ms(times["one"])
    return [
        Metric("features", f"measuring a window, {name}", "ms", measured),
        Metric("features", f"finding it in the folder, hash and check sum included, {name}", "ms", found),
        Metric("features", f"mixes after which measuring has paid, {name}", "mixes", measured / saved),
    ]


def _stems(settings: FeatureSettings) -> np.ndarray:
    """A window of a procedural song, mono, [stems, samples]."""
    plan = plan_song(song_keys("test", 3)[2], spread=1.0)
    audio = render(
        plan,
        start_samples=20 * settings.sample_rate,
        length_samples=settings.window_samples,
        sample_rate=settings.sample_rate,
    )
    return np.asarray(audio.mean(axis=1), dtype=np.float32)


def _gains(*, seed: int, mixes: int, all_kinds: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    gains = 10 ** (rng.uniform(-12, 12, (mixes, 4)) / 20)
    if all_kinds:
        gains *= np.where(rng.random(gains.shape) < 0.25, -1.0, 1.0) * (rng.random(gains.shape) >= 0.125)
    return gains.astype(np.float32)


def _extractor(settings: FeatureSettings) -> Callable[[np.ndarray], np.ndarray]:
    extractor = WhisperFeatureExtractor(
        feature_size=settings.mel_bands,
        sampling_rate=settings.sample_rate,
        hop_length=settings.hop_samples,
        chunk_length=round(settings.window_seconds),
        n_fft=settings.fft_samples,
    )
    extractor.mel_filters = mel_filters(settings).astype(np.float64)
    rate = settings.sample_rate
    return lambda mono: extractor(mono, sampling_rate=rate, return_tensors="np")["input_features"][0]


def _exact_log_mel(mono: np.ndarray, settings: FeatureSettings) -> np.ndarray:
    """Whisper's log-mel in float64 throughout, of a clip that fills the window."""
    half = settings.fft_samples // 2
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(mono, half, mode="reflect"), settings.fft_samples)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(settings.fft_samples) / settings.fft_samples)
    spectrum = np.fft.rfft(frames[:: settings.hop_samples][: settings.frames] * window)
    logs = np.log10(np.maximum((np.abs(spectrum) ** 2 @ mel_filters(settings).astype(np.float64)).T, 1e-10))
    return (np.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0
