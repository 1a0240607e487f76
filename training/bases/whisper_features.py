"""Clips -> windows of Whisper's log-mel, the front end of all real bases. It keeps level: +g dB adds g/40.

The floor is 80 dB below the loudest bin of each window, and the waveform is never normalised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.bases.base import Clip
from training.features import ClipTooLongError, Floats, log_mel
from training.weights import WeightsError

FEWEST_FRAMES = 3
"""A window of fewer frames gives no audio token."""


class ClipTooShortError(ValueError):
    """A clip that is too short for a single audio token."""


class LevelLostError(WeightsError):
    """A front end that normalises the waveform: level, which is the signal here, would be gone."""


@dataclass(frozen=True)
class Window:
    """Log-mel of one window, float32 [mel bands, frames], and how many of its frames were heard."""

    log_mel: Floats
    frames: int

    @property
    def tokens(self) -> int:
        """Audio tokens of the window."""
        return tokens_of_frames(self.frames)


def require_level(settings: dict[str, Any], *, where: str) -> None:
    """Raise LevelLostError when a preprocessor_config.json says `do_normalize`."""
    if settings.get("do_normalize"):
        raise LevelLostError(
            f"{where} says do_normalize: the front end would take away the level of every clip; set it to false"
        )


def tokens_of_frames(frames: int) -> int:
    """Audio tokens of a window: the tower's convolution and its pooling each halve the frames.

    Source: `_get_feat_extract_output_lengths` of the audio encoders in transformers.
    """
    return ((frames - 1) // 2 + 1 - 2) // 2 + 1 if frames >= FEWEST_FRAMES else 0


def frames_of_windows(samples: int, extractor: Any, *, max_clip_s: float) -> list[int]:
    """Frames heard in each window of a clip. Raises ClipTooLongError, ClipTooShortError; nothing is cut."""
    seconds = samples / extractor.sampling_rate
    if seconds > max_clip_s:
        raise ClipTooLongError(
            f"the clip lasts {seconds:.3f} s and the model hears {max_clip_s:g} s; choose a shorter excerpt"
        )
    starts = range(0, samples, extractor.n_samples)
    frames = [-(-min(samples - start, extractor.n_samples) // extractor.hop_length) for start in starts]
    # A last window of one or two frames (20 ms) gives no token, in the original models either.
    heard = [count for count in frames if count >= FEWEST_FRAMES]
    if not heard:
        raise ClipTooShortError(f"the clip has {samples} samples, too few to hear; choose an excerpt inside the track")
    return heard


def clip_windows(clip: Clip, extractor: Any, *, max_clip_s: float, fill: bool) -> list[Window]:
    """The windows of a clip; with `fill` each is filled up with silence to the extractor's length."""
    frames = frames_of_windows(clip.samples, extractor, max_clip_s=max_clip_s)
    if clip.mel_power is not None:
        return [_window_of_power(clip.mel_power, extractor, frames=frames, fill=fill)]
    assert clip.waveform is not None, "a clip holds its waveform or its mel power"
    step = extractor.n_samples
    parts = [clip.waveform[..., k * step : (k + 1) * step] for k in range(len(frames))]
    return [_window(part, extractor, frames=count, fill=fill) for part, count in zip(parts, frames, strict=True)]


def _window(waveform: Floats, extractor: Any, *, frames: int, fill: bool) -> Window:
    # One Fourier window of silence behind the clip: its last frame then is the same whatever else is in the batch.
    silence = frames * extractor.hop_length + extractor.n_fft
    length = extractor.n_samples if fill else silence
    features = extractor(
        [waveform], sampling_rate=extractor.sampling_rate, padding="max_length", max_length=length, truncation=False,
        return_tensors="np",
    )["input_features"][0]  # fmt: skip
    return Window(np.asarray(features if fill else features[:, :frames], dtype=np.float32), frames)


def _window_of_power(power: Floats, extractor: Any, *, frames: list[int], fill: bool) -> Window:
    if len(frames) != 1 or not frames[0] <= len(power) <= extractor.nb_max_frames:
        raise ClipTooLongError(
            f"mel power of {len(power)} frames was given for windows of {', '.join(map(str, frames))} frames; "
            "give the waveform of clips longer than one window"
        )
    filled = np.zeros((extractor.nb_max_frames if fill else frames[0], power.shape[1]), dtype=np.float32)
    heard = power[: len(filled)]
    filled[: len(heard)] = heard
    return Window(np.ascontiguousarray(log_mel(filled).T), frames[0])
