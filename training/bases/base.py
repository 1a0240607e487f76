"""What training and inference need from a base: a model, batches of examples, and where LoRA may go.

Every base is used through `AudioBase`. The tiny one takes `training.examples.Example`, the others `Conversation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from training.examples import Batch
from training.features import Floats

Role = Literal["system", "user", "assistant"]
PaddingSide = Literal["right", "left"]
LoraScope = Literal["language", "language+projector", "language+tower", "tower"]
"""`language` is the default: adapters of this scope can share an encoder and be served by others. The rest are for
ablations."""

ExampleT = TypeVar("ExampleT", contravariant=True)


@dataclass(frozen=True)
class Clip:
    """One clip of a conversation, mono: its waveform, or its mel power where a cache already holds that.

    waveform: float32 [samples] at the base's sample rate. mel_power: float32 [frames, mel bands], one frame a hop, of
    one window of the base's front end at most; frames behind the clip's end are silence. One of the two is given.
    """

    samples: int
    """Length of the clip in samples at the base's sample rate."""
    waveform: Floats | None = None
    mel_power: Floats | None = None


@dataclass(frozen=True)
class Turn:
    """One turn: text and clips in the order in which they are said and heard."""

    role: Role
    content: tuple[str | Clip, ...]
    taught: bool = False
    """Whether the model has to write this turn (and the token that ends it)."""


@dataclass(frozen=True)
class Conversation:
    """An example: turns that end with a taught assistant's turn, or with a user's turn that waits for an answer."""

    turns: tuple[Turn, ...]


class AudioBase(Protocol[ExampleT]):
    """A base ready to be trained or asked."""

    name: str
    """tiny_qwen2_audio, qwen2_audio, audio_flamingo3, music_flamingo or qwen2_5_omni."""
    model: Any
    """The transformers model; of Qwen2.5-Omni its thinker."""
    tokenizer: Any
    sample_rate: int
    """Of the waveforms it takes."""
    max_clip_s: float
    """The longest clip; longer ones raise ClipTooLongError, nothing is cut."""
    positions: int
    """Positions of the language model: the most tokens that prompt and answer may have together."""
    lora_targets: str
    """Regular expression on full module names: the language model's linears and nothing else."""
    scopes: Mapping[LoraScope, str]
    """The same for every scope that can be adapted."""

    def audio_tokens(self, samples: int) -> int:
        """Positions of the language model that a clip of so many samples takes, its begin and end marks included.

        Raises ClipTooLongError.
        """
        ...

    def token_count(self, example: ExampleT) -> int:
        """Positions that an example takes, without padding."""
        ...

    def batch(self, examples: Sequence[ExampleT], side: PaddingSide = "right") -> Batch:
        """Padded tensors: ids and masks, audio features and masks, and `taught`, true on the assistant's tokens only.

        Pads on the given side: right for training, left for generation. Raises ClipTooLongError.
        """
        ...
