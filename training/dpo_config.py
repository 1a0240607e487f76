"""The configuration of training on preferences: YAML, checked whole before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.config_files import RunConfigError, build, read_yaml
from training.schedule import LoopSettings, loop_problems


@dataclass(frozen=True)
class DpoConfig:
    """Training of one adapter on pairs of a chosen and a rejected advice."""

    name: str
    """Of the adapter that is made; its folder's name."""
    start: str
    """The adapter it starts from, which is also the frozen reference."""
    seed: int
    batch_size: int
    """Pairs a step."""
    loop: LoopSettings
    beta: float = 0.1
    """How strongly the adapter is held to its reference: small lets it go further."""


def load_dpo_config(path: Path) -> DpoConfig:
    """A configuration from a YAML file. Raises RunConfigError with every unknown, missing or wrong entry."""
    config, problems = build(DpoConfig, read_yaml(path))
    if not problems:
        problems = _rule_problems(config)
    if problems:
        raise RunConfigError(f"{path}:\n" + "\n".join(f"- {problem}" for problem in problems))
    assert isinstance(config, DpoConfig)
    return config


def _rule_problems(config: DpoConfig) -> list[str]:
    problems = loop_problems(config.loop)
    for entry in ("name", "start"):
        if not getattr(config, entry) or Path(getattr(config, entry)).name != getattr(config, entry):
            problems.append(f"{entry} must be the plain name of a folder")
    if config.name == config.start:
        problems.append("name must differ from start, which stays as it is")
    if not config.beta > 0.0:
        problems.append("beta must be above 0")
    if config.batch_size < 1:
        problems.append("batch_size must be at least 1")
    if config.loop.validate_every:
        problems.append("loop.validate_every must be 0: the held-out pairs are measured before and after")
    return problems
