"""Audio -> log-mel features that keep level: Whisper's formula on coarse frames, stacked for the tiny base.

A frame of 156 ms is enough to hear balance. Eight neighbouring frames are stacked into one step of the audio tower
(32 mel bands x 8 frames = 256 "bins", as low-frame-rate speech front ends do), so that the tower's own fourfold
downsampling leaves 4 audio tokens for a clip of 20 s, with Qwen2-Audio's class unchanged.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from transformers.audio_utils import mel_filter_bank

Floats = NDArray[np.float32]

POWER_FLOOR = 1e-10
"""Whisper's floor of mel power before the logarithm."""
CLIP_RANGE = 8.0
"""Whisper keeps 8 decades (80 dB) below the loudest bin of a clip."""


class ClipTooLongError(ValueError):
    """A clip is longer than the model's window; nothing is cut silently."""


@dataclass(frozen=True)
class FeatureSettings:
    """The front end of the tiny base; saved as preprocessor_config.json beside its weights."""

    repeats_short_clips: ClassVar[bool] = True
    """Whether a short clip is repeated until it fills the window; otherwise silence follows it."""

    sample_rate: int = 8000
    fft_samples: int = 2048
    hop_samples: int = 1250
    mel_bands: int = 32
    frames: int = 128
    stacked_frames: int = 8
    do_normalize: bool = False

    @property
    def window_samples(self) -> int:
        """Samples of the model's window (20 s)."""
        return self.hop_samples * self.frames

    @property
    def window_seconds(self) -> float:
        """Length of the model's window in seconds."""
        return self.window_samples / self.sample_rate

    @property
    def bins(self) -> int:
        """Values in one step of the audio tower."""
        return self.mel_bands * self.stacked_frames

    @property
    def steps(self) -> int:
        """Steps of the audio tower for one clip."""
        return self.frames // self.stacked_frames

    @property
    def audio_tokens(self) -> int:
        """Tokens of the language model for one clip: the tower halves its steps twice."""
        return self.steps // 4


def settings_to_json(settings: FeatureSettings) -> dict[str, int | bool]:
    """The settings as the plain data of preprocessor_config.json."""
    return asdict(settings)


@lru_cache(maxsize=4)
def mel_filters(settings: FeatureSettings) -> Floats:
    """Slaney mel filters, [frequency bins, mel bands], from 0 Hz to half the sample rate."""
    filters = mel_filter_bank(
        num_frequency_bins=1 + settings.fft_samples // 2,
        num_mel_filters=settings.mel_bands,
        min_frequency=0.0,
        max_frequency=settings.sample_rate / 2,
        sampling_rate=settings.sample_rate,
        norm="slaney",
        mel_scale="slaney",
    )
    return np.asarray(filters, dtype=np.float32)


def fill_window(mono: Floats, *, settings: FeatureSettings) -> Floats:
    """A clip repeated, or followed by silence, until it fills the model's window.

    mono: float32 [..., samples]. The tiny base knows no silent end, so its clips repeat; Whisper's towers do.
    Raises ClipTooLongError when the clip is more than one hop longer than the window.
    """
    samples = mono.shape[-1]
    window = settings.window_samples
    if samples == 0:
        raise ClipTooLongError("the clip has no samples; choose an excerpt inside the track")
    if samples > window + settings.hop_samples:
        raise ClipTooLongError(
            f"the clip lasts {samples / settings.sample_rate:.3f} s and the model hears "
            f"{settings.window_seconds:.3f} s; choose a shorter excerpt"
        )
    if not settings.repeats_short_clips:
        return np.pad(mono[..., :window], [(0, 0)] * (mono.ndim - 1) + [(0, max(window - samples, 0))])
    repeats = -(-window // samples)
    return np.tile(mono, (1,) * (mono.ndim - 1) + (repeats,))[..., :window]


def spectra(mono: Floats, *, settings: FeatureSettings) -> NDArray[np.complex64]:
    """Short-time spectra, complex64 [..., frames, frequency bins]: centred frames, periodic Hann window.

    mono: float32 [..., window samples]. The last frame is dropped, as Whisper does.
    """
    half = settings.fft_samples // 2
    padded = np.pad(mono, [(0, 0)] * (mono.ndim - 1) + [(half, half)], mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, settings.fft_samples, axis=-1)
    frames = frames[..., :: settings.hop_samples, :][..., : settings.frames, :]
    phase = 2.0 * np.pi * np.arange(settings.fft_samples) / settings.fft_samples
    window = (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
    return np.fft.rfft(frames * window, axis=-1).astype(np.complex64)


def mel_power(mono: Floats, *, settings: FeatureSettings) -> Floats:
    """Mel power, float32 [..., frames, mel bands], of clips float32 [..., window samples]."""
    spectrum = spectra(mono, settings=settings)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) @ mel_filters(settings), dtype=np.float32)


def log_mel(power: Floats) -> Floats:
    """Whisper's log-mel of mel power [..., frames, mel bands]: +g dB shifts every value by g/40.

    Source of the formula: Radford et al. 2022 (Whisper), as transformers' WhisperFeatureExtractor computes it, with
    the floor 80 dB below the loudest bin of each clip.
    """
    return scale_logs(np.log10(np.maximum(power, np.float32(POWER_FLOOR))))


def scale_logs(logs: Floats) -> Floats:
    """The last steps of Whisper's formula on log10 mel power [..., frames, mel bands]."""
    peak = logs.max(axis=(-2, -1), keepdims=True)
    return np.asarray((np.maximum(logs, peak - CLIP_RANGE) + 4.0) / 4.0, dtype=np.float32)


def tower_input(log_mels: Floats, *, settings: FeatureSettings) -> Floats:
    """The tower's input [clips, bins, steps] from log-mels [clips, mel bands, frames], as `mix_log_mel` gives them."""
    if settings.stacked_frames == 1:
        return log_mels
    return stack_frames(log_mels.transpose(0, 2, 1), settings=settings)


def stack_frames(features: Floats, *, settings: FeatureSettings) -> Floats:
    """Log-mel [clips, frames, mel bands] -> the tower's input [clips, bins, steps]."""
    clips = features.shape[0]
    stacked = features.reshape(clips, settings.steps, settings.bins)
    return np.ascontiguousarray(stacked.transpose(0, 2, 1))


def clip_features(mono: Floats, *, settings: FeatureSettings) -> Floats:
    """The tower's input [clips, bins, steps] for clips float32 [clips, samples] at the model's sample rate."""
    window = fill_window(mono, settings=settings)
    return stack_frames(log_mel(mel_power(window, settings=settings)), settings=settings)
