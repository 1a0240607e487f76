"""Configurations are checked whole before anything starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from datagen.commands.build import read_settings
from training.config_check import check_configs
from training.config_files import RunConfigError
from training.dpo_config import load_dpo_config
from training.run_config import (
    CONFIG_FOLDER,
    AdapterConfig,
    ChatAdapterConfig,
    PretrainConfig,
    load_config,
    load_run_config,
)


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


CHAT = ("mix", "stems", "mix_ref", "stems_ref")


def test_every_ready_configuration_can_be_run() -> None:
    others = ("recipes_*.yaml", "dpo/*.yaml")
    paths = [path for path in CONFIG_FOLDER.rglob("*.yaml") if not any(path.match(other) for other in others)]
    lines = check_configs([str(path) for path in paths])
    assert len(lines) == len(paths)
    for path in CONFIG_FOLDER.rglob("recipes_*.yaml"):
        assert read_settings(path).count > 0
    for path in (CONFIG_FOLDER / "dpo").glob("*.yaml"):
        assert load_dpo_config(path).loop.steps > 0


def test_the_conditions_on_musdb18_hq_differ_in_what_is_shown_alone() -> None:
    configs = [load_config(CONFIG_FOLDER / "musdb18_hq" / f"{name}.yaml", ChatAdapterConfig) for name in CHAT]
    assert [config.trained_on for config in configs] == list(CHAT)
    assert len({replace(config, name="", trained_on="mix", examples_at_once=1) for config in configs}) == 1


def test_problems_of_all_files_are_said_together(tmp_path: Path) -> None:
    first = changed(tmp_path, "mix.yaml", learning_rat=1)
    second = changed(tmp_path, "stems_ref.yaml", trained_on="ears")
    with pytest.raises(RunConfigError) as caught:
        check_configs([str(first), str(second), "stems"])
    assert "learning_rat is unknown" in str(caught.value)
    assert "trained_on is 'ears'" in str(caught.value)


def chat(tmp_path: Path, **entries: object) -> Path:
    data = yaml.safe_load((CONFIG_FOLDER / "musdb18_hq" / "mix.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "chat.yaml"
    path.write_text(yaml.safe_dump({**data, **entries}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"data": {}}, "either recipes or mixassist"),
        ({"data": {"mixassist": "a", "mixassist_audio": "b"}, "trained_on": "stems"}, "is for trained_on: mix"),
        ({"batch_size": 7, "examples_at_once": 2}, "a multiple of examples_at_once"),
        ({"reference_audio": "shuffled"}, "shows no reference"),
        ({"data": {"recipes": "a"}}, "loop.validate_every needs data.validation"),
        ({"number_loss": {"kind": "huber"}}, "number_loss.kind is 'huber'"),
        ({"scope": "everything"}, "scope is 'everything'"),
        ({"lora": {"rank": 0}}, "lora needs rank"),
    ],
)
def test_rules_of_adapters_on_real_bases_are_checked(tmp_path: Path, entries: dict[str, object], said: str) -> None:
    with pytest.raises(RunConfigError) as caught:
        load_config(chat(tmp_path, **entries), ChatAdapterConfig)
    assert said in str(caught.value)


def test_a_file_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunConfigError, match="kind is 'dance', expected one of pretrain, adapter, chat_adapter"):
        load_run_config(chat(tmp_path, kind="dance"))


def test_checkpoints_lie_where_losses_are_logged(tmp_path: Path) -> None:
    loop = {"steps": 10, "learning_rate": 0.1, "log_every": 4, "checkpoint_every": 6}
    with pytest.raises(RunConfigError, match=r"a multiple of loop\.log_every"):
        load_config(changed(tmp_path, "mix.yaml", loop=loop), AdapterConfig)
