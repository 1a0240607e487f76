"""Adapters on a real base's class from recipes: to the end, resumed, on two processes, and refused before the start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from training.__main__ import main
from training.adapters import ADAPTER_FILE, load_adapter
from training.bases.registry import base_sha256, load_any_base
from training.config_files import RunConfigError
from training.progress import METRICS_FILE, read_metrics
from training.weights import read_manifest

from .chat_runs import write_base, write_config, write_recipes
from .killed_run import losses_of

LAUNCH = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "--num_machines", "1",
          "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"]  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipes(tmp_path_factory.mktemp("recipes") / "train.parquet")


def train(config: Path, runs: Path) -> int:
    return main(["--runs", str(runs), "train", str(config)])


def test_an_adapter_is_trained_from_recipes_and_can_be_loaded(base: Path, recipes: Path, tmp_path: Path) -> None:
    config = write_config(
        tmp_path / "run.yaml", base=base, recipes=recipes, trained_on="stems_ref", loop={"validate_every": 3},
        data={"recipes": str(recipes), "validation": str(recipes), "validation_examples": 3},
        number_loss={"kind": "wasserstein", "weight": 0.3},
    )  # fmt: skip
    assert train(config, tmp_path / "runs") == 0
    folder = tmp_path / "runs" / "tried"
    manifest = read_manifest(folder / "adapter", weights_file=ADAPTER_FILE)
    assert (manifest.trained_on, manifest.base_sha256) == ("stems_ref", base_sha256(base))
    loaded = load_any_base(base)
    assert load_adapter(loaded.model, folder / "adapter", name="tried").active_adapter == "tried"
    metrics = read_metrics(folder / METRICS_FILE)
    assert [line["step"] for line in metrics if "loss" in line] == [1, 2, 3]
    assert any("validation_loss" in line for line in metrics)


def test_a_run_folder_holds_what_the_run_was_made_from_and_its_picture_and_card(
    base: Path, recipes: Path, tmp_path: Path
) -> None:
    config = write_config(tmp_path / "run.yaml", base=base, recipes=recipes, loop={"steps": 1})
    assert train(config, tmp_path / "runs") == 0
    folder = tmp_path / "runs" / "tried"
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["config"]["seed"] == 5
    assert record["data"].keys() == {str(recipes)}
    assert record["versions"]["transformers"]
    assert record["commit"]
    assert "<svg" in (folder / "loss.svg").read_text(encoding="utf-8")
    card = (folder / "adapter" / "README.md").read_text(encoding="utf-8")
    assert card == (folder / "README.md").read_text(encoding="utf-8")
    assert base_sha256(base) in card


def test_a_resumed_run_has_the_losses_of_one_that_was_not_stopped(base: Path, recipes: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path / "run.yaml", base=base, recipes=recipes)
    assert train(config, tmp_path / "straight") == 0
    assert train(config, tmp_path / "resumed") == 0
    folder = tmp_path / "resumed" / "tried"
    for path in (folder / "checkpoint-3").iterdir():
        path.unlink()
    assert train(config, tmp_path / "resumed") == 0
    assert losses_of(folder) == pytest.approx(losses_of(tmp_path / "straight" / "tried"), abs=1e-5)


def test_packed_rows_have_the_losses_of_padded_ones(base: Path, recipes: Path, tmp_path: Path) -> None:
    losses = []
    for pack in (False, True):
        config = write_config(
            tmp_path / "run.yaml", base=base, recipes=recipes, pack=pack, examples_at_once=2, loop={"steps": 2},
            lora={"rank": 4, "alpha": 8, "dropout": 0.0},
        )  # fmt: skip
        assert train(config, tmp_path / f"packed {pack}") == 0
        losses.append(losses_of(tmp_path / f"packed {pack}" / "tried"))
    assert losses[0] == pytest.approx(losses[1], abs=2e-3)


@pytest.mark.slow
def test_two_processes_train_on_the_examples_of_one(base: Path, recipes: Path, tmp_path: Path) -> None:
    config = write_config(
        tmp_path / "run.yaml", base=base, recipes=recipes, lora={"rank": 4, "alpha": 8, "dropout": 0.0},
        loop={"steps": 2, "checkpoint_every": 2},
    )  # fmt: skip
    assert train(config, tmp_path / "one") == 0
    command = [sys.executable, *LAUNCH, "-m", "training", "--runs", str(tmp_path / "two"), "train", str(config)]
    done = subprocess.run(
        command, env={**os.environ, "OMP_NUM_THREADS": "1"}, cwd=Path(__file__).parents[2], check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert losses_of(tmp_path / "two" / "tried") == pytest.approx(losses_of(tmp_path / "one" / "tried"), abs=2e-3)
    assert (tmp_path / "two" / "tried" / "adapter" / ADAPTER_FILE).exists()


def refusal(config: Path, runs: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert train(config, runs) == 2
    assert not list(runs.rglob("checkpoint-*"))
    return capsys.readouterr().err


def test_recipes_that_do_not_fit_the_positions_are_refused(
    base: Path, recipes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path / "run.yaml", base=base, recipes=recipes, max_positions=300)
    assert "300 are allowed" in refusal(config, tmp_path / "runs", capsys)


def test_a_differential_needs_recipes_with_references(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = write_recipes(tmp_path / "alone.parquet", kinds=("none",), songs=1)
    config = write_config(tmp_path / "run.yaml", base=base, recipes=alone)
    assert "have no reference" in refusal(config, tmp_path / "runs", capsys)


def test_a_missing_base_and_missing_recipes_are_one_message_each(
    base: Path, recipes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = tmp_path / "nowhere"
    no_base = write_config(tmp_path / "base.yaml", base=away, recipes=recipes)
    assert "nothing is fetched" in refusal(no_base, tmp_path / "runs", capsys)
    no_recipes = write_config(tmp_path / "recipes.yaml", base=base, recipes=away)
    assert "datagen build" in refusal(no_recipes, tmp_path / "runs", capsys)


def test_a_base_that_cannot_hear_and_pickled_weights_are_refused(
    base: Path, recipes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deaf = tmp_path / "deaf"
    deaf.mkdir()
    (deaf / "config.json").write_text('{"model_type": "qwen2"}', encoding="utf-8")
    config = write_config(tmp_path / "deaf.yaml", base=deaf, recipes=recipes)
    assert "not an audio-language model" in refusal(config, tmp_path / "runs", capsys)
    pickled = write_base(tmp_path / "pickled")
    (pickled / "pytorch_model.bin").write_bytes(b"\x80\x04}.")
    config = write_config(tmp_path / "pickled.yaml", base=pickled, recipes=recipes)
    assert "pickled weights" in refusal(config, tmp_path / "runs", capsys)


def test_a_run_does_not_go_on_with_other_settings(
    base: Path, recipes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(write_config(tmp_path / "run.yaml", base=base, recipes=recipes, loop={"steps": 1}), tmp_path) == 0
    changed = write_config(tmp_path / "run.yaml", base=base, recipes=recipes, seed=6, trained_on="stems")
    assert train(changed, tmp_path) == 2
    said = capsys.readouterr().err
    assert "config.seed was 5, is 6" in said
    assert "config.trained_on was 'mix_ref', is 'stems'" in said


def test_shares_that_are_not_even_are_refused(
    base: Path, recipes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.chat_data import chat_data
    from training.run_config import ChatAdapterConfig, load_config

    config = load_config(write_config(tmp_path / "run.yaml", base=base, recipes=recipes), ChatAdapterConfig)
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(RunConfigError, match="cannot share evenly"):
        chat_data(load_any_base(base), config)  # type: ignore[arg-type]


def test_a_batch_can_be_made_of_any_step(base: Path, recipes: Path, tmp_path: Path) -> None:
    from training.chat_data import chat_data
    from training.run_config import ChatAdapterConfig, load_config
    from training.schedule import ALONE

    config = load_config(write_config(tmp_path / "run.yaml", base=base, recipes=recipes), ChatAdapterConfig)
    one, other = (chat_data(load_any_base(base), config) for _ in range(2))  # type: ignore[arg-type]
    one.make(0, 0, ALONE)
    np.testing.assert_array_equal(one.make(40, 1, ALONE).input_features, other.make(40, 1, ALONE).input_features)
