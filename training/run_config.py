"""The configurations of runs: YAML, checked whole before anything starts, all problems at once."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from datagen.words import REFERENCE_KINDS, SHOWN
from training.ablations import Audio, ReferenceAudio
from training.pretraining_tasks import TASKS
from training.schedule import LoopSettings, loop_problems
from training.tiny_base import TinySize

CONFIG_FOLDER = Path(__file__).parent / "configs"

Settings = TypeVar("Settings")


class RunConfigError(ValueError):
    """A configuration that cannot be run; the message lists every problem."""


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
    audio: Audio = "heard"
    reference_audio: ReferenceAudio = "own"
    lora: LoraSettings = field(default_factory=LoraSettings)


def load_config(path: Path, expected: type[Settings]) -> Settings:
    """A configuration from a YAML file. Raises RunConfigError with every unknown, missing or wrong entry."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise RunConfigError(f"{path} cannot be read: {error}") from error
    problems: list[str] = []
    config = _build(expected, data, "", problems)
    if not problems:
        problems = _rule_problems(config)
    if problems:
        raise RunConfigError(f"{path}:\n" + "\n".join(f"- {problem}" for problem in problems))
    return config  # type: ignore[no-any-return]


def config_to_json(config: Any) -> dict[str, Any]:
    """A configuration as plain data, for manifests and run folders."""
    return asdict(config)


def _build(expected: Any, value: Any, where: str, problems: list[str]) -> Any:
    if is_dataclass(expected):
        return _build_dataclass(expected, value, where, problems)
    origin, arguments = get_origin(expected), get_args(expected)
    if origin is Literal:
        return _checked(value, value in arguments, where, f"expected {' or '.join(map(repr, arguments))}", problems)
    if origin is tuple:
        if not isinstance(value, list):
            return _checked(value, False, where, "expected a list", problems)
        return tuple(_build(arguments[0], entry, f"{where}[{k}]", problems) for k, entry in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping):
            return _checked(value, False, where, "expected names with values", problems)
        return {key: _build(arguments[1], entry, f"{where}.{key}", problems) for key, entry in value.items()}
    if origin in (Union, types.UnionType):
        raise TypeError(f"{where}: unions are not used in configurations")
    number = expected is float and isinstance(value, (int, float)) and not isinstance(value, bool)
    right = number or (isinstance(value, expected) and not (expected is int and isinstance(value, bool)))
    return _checked(float(value) if number else value, right, where, f"expected {expected.__name__}", problems)


def _checked(value: Any, right: bool, where: str, expected: str, problems: list[str]) -> Any:
    if not right:
        problems.append(f"{where or 'the file'} is {value!r}, {expected}")
    return value


def _build_dataclass(expected: Any, value: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(value, Mapping):
        return _checked(value, False, where, "expected names with values", problems)
    hints = get_type_hints(expected)
    known = {entry.name: entry for entry in fields(expected)}
    dot = f"{where}." if where else ""
    problems.extend(f"{dot}{key} is unknown; expected some of {', '.join(known)}" for key in value if key not in known)
    needed = [n for n, e in known.items() if e.default is MISSING and e.default_factory is MISSING]
    missing = [name for name in needed if name not in value]
    problems.extend(f"{dot}{name} is missing" for name in missing)
    given = {k: _build(hints[k], v, f"{dot}{k}", problems) for k, v in value.items() if k in known}
    return None if missing else expected(**given)


def _rule_problems(config: Any) -> list[str]:
    problems = loop_problems(config.loop)
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
    if sum(stage.steps for stage in config.stages) != config.loop.steps:
        problems.append("the steps of the stages must add up to loop.steps")
    return problems


def _adapter_problems(config: AdapterConfig) -> list[str]:
    problems = []
    if config.trained_on not in SHOWN:
        problems.append(f"trained_on is {config.trained_on!r}, expected one of {', '.join(SHOWN)}")
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
