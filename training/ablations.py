"""Runs that must learn nothing: without audio, and with another item's audio in the reference.

If a text-only run does better than the constant answer, or one with shuffled references better than one without
references, something other than the reference's sound gives the answer away. Text and clips keep their places, so
that these runs differ from the others in what is heard and in nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from training.examples import Example
from training.features import POWER_FLOOR, Floats, log_mel
from training.tokenizer import AUDIO

Audio = Literal["heard", "none"]
"""`none`: every clip is silent, which leaves the text."""
ReferenceAudio = Literal["own", "shuffled"]
"""`shuffled`: the reference's clips are another item's, while the text says what is true of the item's own."""

_CLIP_WITH_SIDE = re.compile(rf"(\w+) {re.escape(AUDIO)}")


def ablated_example(
    draw: Callable[[Mapping[str, float]], Example],
    kinds: Mapping[str, float],
    *,
    audio: Audio = "heard",
    reference_audio: ReferenceAudio = "own",
) -> Example:
    """One example as a run hears it. `draw` makes a random example, its reference kind drawn by the given shares."""
    example = draw(kinds)
    if reference_audio == "shuffled" and reference_places(example):
        example = with_reference_audio_of(example, draw(kinds_with_reference(kinds)))
    return without_audio(example) if audio == "none" else example


def without_audio(example: Example) -> Example:
    """The example with silent clips."""
    return replace(example, clips=silence_like(example.clips))


def silence_like(clips: Floats) -> Floats:
    """Log-mel of silence in the shape of clips [clips, frames, mel bands]."""
    return log_mel(np.full(clips.shape, POWER_FLOOR, dtype=np.float32))


def with_reference_audio_of(example: Example, other: Example) -> Example:
    """The example with the reference's clips of another one of the same layout."""
    places = reference_places(example)
    if places != reference_places(other) or example.clips.shape != other.clips.shape:
        raise ValueError("the other example shows other clips; draw it for the same `shown` and with a reference")
    clips = example.clips.copy()
    clips[places] = other.clips[places]
    return replace(example, clips=clips)


def reference_places(example: Example) -> list[int]:
    """Places of the reference's clips among an example's: those that the word `reference` announces."""
    sides = [side for part in example.parts for side in _CLIP_WITH_SIDE.findall(part.text)]
    return [place for place, side in enumerate(sides) if side == "reference"]


def kinds_with_reference(kinds: Mapping[str, float]) -> dict[str, float]:
    """The shares of the reference kinds that have a reference."""
    return {kind: share for kind, share in kinds.items() if kind != "none" and share > 0.0}
