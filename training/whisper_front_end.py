"""The front end of the 7B bases: Whisper's log-mel, 128 bands of 10 ms frames in a window of 30 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from training.features import FeatureSettings


@dataclass(frozen=True)
class WhisperSettings(FeatureSettings):
    """Settings of Whisper large-v3, which Qwen2-Audio, Audio Flamingo 3, Music Flamingo and Qwen2.5-Omni share.

    Source: their preprocessor_config.json (feature_size 128, sampling_rate 16000, n_fft 400, hop_length 160).
    """

    repeats_short_clips: ClassVar[bool] = False

    sample_rate: int = 16000
    fft_samples: int = 400
    hop_samples: int = 160
    mel_bands: int = 128
    frames: int = 3000
    stacked_frames: int = 1


WHISPER = WhisperSettings()


def clip_frames(samples: int, *, settings: FeatureSettings = WHISPER) -> int:
    """Frames of the window that a clip reaches; the tower's mask has as many ones, silence follows."""
    return min(-(-samples // settings.hop_samples), settings.frames)
