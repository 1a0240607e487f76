"""Configurations are checked whole before anything starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from training.run_config import CONFIG_FOLDER, AdapterConfig, PretrainConfig, RunConfigError, load_config


def changed(tmp_path: Path, name: str, **entries: object) -> Path:
    data = yaml.safe_load((CONFIG_FOLDER / name).read_text(encoding="utf-8"))
    path = tmp_path / name
    path.write_text(yaml.safe_dump({**data, **entries}), encoding="utf-8")
    return path


def test_the_shipped_configurations_are_valid() -> None:
    assert load_config(CONFIG_FOLDER / "pretrain.yaml", PretrainConfig).kind == "pretrain"
    for name in ("stems_ref", "stems", "mix_ref", "mix"):
        assert load_config(CONFIG_FOLDER / f"{name}.yaml", AdapterConfig).trained_on == name


@pytest.mark.parametrize("name", ["mix", "stems", "mix_ref", "text_only", "stems_ref_shuffled"])
def test_every_adapter_gets_the_steps_batches_and_matrices_of_the_differential(name: str) -> None:
    differential, other = (load_config(CONFIG_FOLDER / f"{n}.yaml", AdapterConfig) for n in ("stems_ref", name))
    assert other.loop == differential.loop
    assert other.lora == differential.lora
    assert other.batch_size == differential.batch_size
    assert other.songs == differential.songs


def test_no_two_adapters_share_a_seed() -> None:
    names = ("stems_ref", "mix", "stems", "mix_ref", "text_only", "stems_ref_shuffled")
    assert len({load_config(CONFIG_FOLDER / f"{name}.yaml", AdapterConfig).seed for name in names}) == len(names)


@pytest.mark.parametrize("name", ["text_only", "stems_ref_shuffled"])
def test_a_control_differs_from_the_differential_in_what_is_heard_alone(name: str) -> None:
    differential, control = (load_config(CONFIG_FOLDER / f"{n}.yaml", AdapterConfig) for n in ("stems_ref", name))
    same = {"name": "", "seed": 0, "audio": "heard", "reference_audio": "own"}
    assert replace(control, **same) == replace(differential, **same)
    assert (control.audio, control.reference_audio) != ("heard", "own")


def test_the_differential_is_trained_with_every_reference_kind() -> None:
    config = load_config(CONFIG_FOLDER / "stems_ref.yaml", AdapterConfig)
    assert all(config.reference_kinds[kind] > 0 for kind in ("same_passage", "none", "other_passage", "other_song"))


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, "stems_ref.yaml", seed="one", lorra={}, trained_on="ears", reference_kinds={"dream": 1.0})
    with pytest.raises(RunConfigError) as caught:
        load_config(path, AdapterConfig)
    assert "seed is 'one'" in str(caught.value)
    assert "lorra is unknown" in str(caught.value)


def test_rules_between_entries_are_checked(tmp_path: Path) -> None:
    path = changed(tmp_path, "mix.yaml", trained_on="ears", reference_kinds={"dream": 1.0})
    with pytest.raises(RunConfigError) as caught:
        load_config(path, AdapterConfig)
    assert "trained_on is 'ears'" in str(caught.value)
    assert "names dream" in str(caught.value)


def test_a_missing_entry_and_an_unknown_task_are_named(tmp_path: Path) -> None:
    data = yaml.safe_load((CONFIG_FOLDER / "pretrain.yaml").read_text(encoding="utf-8"))
    del data["seed"]
    path = tmp_path / "pretrain.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(RunConfigError, match="seed is missing"):
        load_config(path, PretrainConfig)
    stages = [{"steps": 10, "examples": {"juggle": 3}}]
    with pytest.raises(RunConfigError, match="unknown task 'juggle'"):
        load_config(changed(tmp_path, "pretrain.yaml", stages=stages), PretrainConfig)


def test_recombined_songs_are_refused_where_a_mix_is_shown(tmp_path: Path) -> None:
    with pytest.raises(RunConfigError, match="a mix is of one song"):
        load_config(changed(tmp_path, "mix.yaml", recombine_share=0.5), AdapterConfig)
