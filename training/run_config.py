"""The configurations of runs: YAML, checked whole before anything starts, all problems at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from datagen.words import REFERENCE_KINDS, SHOWN
from training.ablations import Audio, ReferenceAudio
from training.bases.base import LoraScope
from training.config_files import RunConfigError, build, read_yaml
from training.number_loss import NumberLossKind
from training.pretraining_tasks import TASK_GROUPS, TASKS
from training.schedule import LoopSettings, loop_problems
from training.tiny_base import TinySize

CONFIG_FOLDER = Path(__file__).parent / "configs"


Settings = TypeVar("Settings")


@dataclass(frozen=True)
class SongSettings:
    """How many procedural songs are used, and how far their balances spread."""

    train: int
    validation: int = 60
    spread: float = 1.0


@dataclass(frozen=True)
class Stage:
    """A stretch of pre-training: how many examples of each task a step holds."""

    steps: int
    examples: dict[str, int]


@dataclass(frozen=True)
class PretrainConfig:
    """Pre-training of the base."""

    kind: Literal["pretrain"]
    name: str
    seed: int
    songs: SongSettings
    loop: LoopSettings
    stages: tuple[Stage, ...]
    soft_label_db: float = 0.6
    size: TinySize = field(default_factory=TinySize)


@dataclass(frozen=True)
class LoraSettings:
    """Size of the adapter's matrices."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0


@dataclass(frozen=True)
class AdapterConfig:
    """Training of one LoRA adapter on the base."""

    kind: Literal["adapter"]
    name: str
    seed: int
    songs: SongSettings
    loop: LoopSettings
    trained_on: str
    batch_size: int
    reference_kinds: dict[str, float]
    recombine_share: float = 0.0
    two_stem_share: float = 0.4
    """Share of the disturbed examples with two changed stems, which take longest to learn."""
    shuffle_stems: bool = False
    """Stems in a random order in every prompt, instead of always the same."""
    audio: Audio = "heard"
    reference_audio: ReferenceAudio = "own"
    lora: LoraSettings = field(default_factory=LoraSettings)


@dataclass(frozen=True)
class DataSettings:
    """What a real base is trained on: a file of recipes (`python -m datagen build`), or MixAssist's table."""

    recipes: str = ""
    """Parquet file of recipes."""
    validation: str = ""
    """Another one, of other songs; empty: no validation loss."""
    validation_examples: int = 64
    mixassist: str = ""
    """Parquet file of mclemcrew/MixAssist, for the baseline alone."""
    mixassist_audio: str = ""
    """Folder of the segments that its `audio_file` names."""


@dataclass(frozen=True)
class NumberLossSettings:
    """The number-token loss beside the cross-entropy; `training.number_loss` says what the kinds are."""

    kind: NumberLossKind = "none"
    weight: float = 0.3


@dataclass(frozen=True)
class ChatAdapterConfig:
    """Training of one LoRA adapter on a real base."""

    kind: Literal["chat_adapter"]
    name: str
    seed: int
    base: str
    """Local folder of the base's weights; nothing is fetched."""
    trained_on: str
    data: DataSettings
    loop: LoopSettings
    batch_size: int
    """Examples a step, of all processes together."""
    examples_at_once: int = 1
    """Examples that one process takes through the model together."""
    pack: bool = False
    """Put them into one row without padding instead of one row each."""
    max_positions: int = 8192
    """The most positions an example may take; the base's own limit holds too."""
    shuffle_stems: bool = True
    audio: Audio = "heard"
    reference_audio: ReferenceAudio = "own"
    number_loss: NumberLossSettings = field(default_factory=NumberLossSettings)
    scope: LoraScope = "language"
    lora: LoraSettings = field(default_factory=LoraSettings)
    checkpoint_activations: bool = True
    """Recompute activations in the backward pass: a third slower, and 8 clips of 20 s fit into 80 GB."""


RunConfig: TypeAlias = PretrainConfig | AdapterConfig | ChatAdapterConfig

KINDS: dict[str, type[RunConfig]] = {
    "pretrain": PretrainConfig,
    "adapter": AdapterConfig,
    "chat_adapter": ChatAdapterConfig,
}


def load_config(path: Path, expected: type[Settings]) -> Settings:
    """A configuration from a YAML file. Raises RunConfigError with every unknown, missing or wrong entry."""
    config, problems = build(expected, read_yaml(path))
    if not problems:
        problems = _rule_problems(config)
    if problems:
        raise RunConfigError(f"{path}:\n" + "\n".join(f"- {problem}" for problem in problems))
    return config  # type: ignore[no-any-return]


def load_run_config(path: Path) -> RunConfig:
    """The same, for whichever kind the file says it is."""
    data = read_yaml(path)
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind not in KINDS:
        raise RunConfigError(f"{path}:\n- kind is {kind!r}, expected one of {', '.join(KINDS)}")
    return load_config(path, KINDS[kind])


def config_to_json(config: Any) -> dict[str, Any]:
    """A configuration as plain data, for manifests and run folders."""
    return asdict(config)


def _rule_problems(config: Any) -> list[str]:
    problems = loop_problems(config.loop)
    if isinstance(config, ChatAdapterConfig):
        return problems + _chat_problems(config)
    if config.songs.train < 2 or config.songs.validation < 2:
        problems.append("songs.train and songs.validation must be at least 2")
    if isinstance(config, PretrainConfig):
        return problems + _stage_problems(config)
    return problems + _adapter_problems(config)


def _stage_problems(config: PretrainConfig) -> list[str]:
    problems = [
        f"stages[{k}].examples names the unknown task {task!r}; expected some of {', '.join(TASKS)}"
        for k, stage in enumerate(config.stages)
        for task in stage.examples
        if task not in TASKS
    ]
    problems += [
        f"stages[{k}].examples needs at least one of {', '.join(group)}"
        for k, stage in enumerate(config.stages)
        for group, count in zip(TASK_GROUPS, group_sizes(stage), strict=True)
        if count < 1
    ]
    if sum(stage.steps for stage in config.stages) != config.loop.steps:
        problems.append("the steps of the stages must add up to loop.steps")
    return problems


def _adapter_problems(config: AdapterConfig) -> list[str]:
    problems = _trained_on_problems(config)
    unknown = [kind for kind in config.reference_kinds if kind not in REFERENCE_KINDS]
    if unknown:
        problems.append(f"reference_kinds names {', '.join(unknown)}; expected some of {', '.join(REFERENCE_KINDS)}")
    if (
        not config.reference_kinds
        or min(config.reference_kinds.values()) < 0
        or sum(config.reference_kinds.values()) <= 0
    ):
        problems.append("reference_kinds needs shares that are not negative and not all zero")
    if config.recombine_share > 0 and config.trained_on in ("mix", "mix_ref"):
        problems.append("recombine_share must be 0 where a mix is shown: a mix is of one song")
    return problems


def group_sizes(stage: Stage) -> tuple[int, ...]:
    """How many of a step's examples are in each group of tasks."""
    return tuple(sum(count for task, count in stage.examples.items() if task in group) for group in TASK_GROUPS)


def _trained_on_problems(config: AdapterConfig | ChatAdapterConfig) -> list[str]:
    problems = []
    if config.trained_on not in SHOWN:
        problems.append(f"trained_on is {config.trained_on!r}, expected one of {', '.join(SHOWN)}")
    if config.reference_audio == "shuffled" and config.trained_on not in ("mix_ref", "stems_ref"):
        problems.append(f"reference_audio is 'shuffled', but {config.trained_on!r} shows no reference")
    if config.lora.rank < 1 or config.lora.alpha < 1 or not 0.0 <= config.lora.dropout < 1.0:
        problems.append("lora needs rank and alpha of at least 1 and a dropout from 0 to below 1")
    if config.batch_size < 1:
        problems.append("batch_size must be at least 1")
    return problems


def _chat_problems(config: ChatAdapterConfig) -> list[str]:
    problems = _trained_on_problems(config)
    data = config.data
    if bool(data.recipes) == bool(data.mixassist):
        problems.append("data needs either recipes or mixassist")
    if data.mixassist and (config.trained_on != "mix" or not data.mixassist_audio):
        problems.append("data.mixassist is for trained_on: mix, and needs data.mixassist_audio")
    if data.mixassist and data.validation:
        problems.append("data.validation is a file of recipes, which does not go with data.mixassist")
    if config.loop.validate_every and not data.validation:
        problems.append("loop.validate_every needs data.validation")
    if config.examples_at_once < 1 or config.batch_size % max(config.examples_at_once, 1):
        problems.append("batch_size must be a multiple of examples_at_once")
    if config.number_loss.weight < 0.0:
        problems.append("number_loss.weight must not be negative")
    return problems
