"""`python -m training check`: whether configurations can be run, all problems of all files at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.config_files import RunConfigError
from training.run_config import CONFIG_FOLDER, ChatAdapterConfig, RunConfig, load_run_config


def config_path(given: str) -> Path:
    """The file of a configuration that is named as in training/configs, or by its path."""
    named = CONFIG_FOLDER / f"{given}.yaml"
    return named if named.exists() else Path(given)


def check_configs(given: Sequence[str]) -> list[str]:
    """One line for each configuration that can be run. Raises RunConfigError naming the problems of all others."""
    lines, problems = [], []
    for path in map(config_path, given):
        try:
            lines.append(f"{path}: {_line(load_run_config(path))}")
        except RunConfigError as error:
            problems.append(str(error))
    if problems:
        raise RunConfigError("\n".join(problems))
    return lines


def _line(config: RunConfig) -> str:
    missing = [name for name in _files(config) if not Path(name).exists()]
    todo = f"; not there yet: {', '.join(missing)}" if missing else ""
    return f"{config.kind} {config.name}, {config.loop.steps} steps{todo}"


def _files(config: RunConfig) -> list[str]:
    if not isinstance(config, ChatAdapterConfig):
        return []
    data = config.data
    return [name for name in (config.base, data.recipes, data.validation, data.mixassist, data.mixassist_audio) if name]
