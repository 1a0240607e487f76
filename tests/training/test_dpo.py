"""Training on preferences, end to end on a base made in the test: the margin rises on songs that were not seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from datagen.explanations import write
from datagen.generator import GENERATOR_VERSION
from datagen.recipes import Recipe, correction_of, recipe_to_json
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import STEMS
from training.adapters import ADAPTER_FILE, add_lora, load_adapter, save_adapter
from training.config_files import RunConfigError
from training.dpo import train_on_preferences
from training.dpo_config import DpoConfig, load_dpo_config
from training.dpo_data import PreferenceFileError, read_pairs
from training.prompts import PROMPT_VERSION
from training.run_config import LoraSettings
from training.schedule import LoopSettings
from training.tiny_base import Base, load_base, save_base
from training.weights import Manifest, file_sha256, read_manifest, write_manifest

LOOP = LoopSettings(steps=30, learning_rate=5e-3, warmup_steps=3, log_every=10, checkpoint_every=30)
CONFIG = DpoConfig(name="preferred", start="start", seed=1, batch_size=4, loop=LOOP, beta=0.3)
RATE = 44_100


@pytest.fixture
def weights(small_base: Base, tmp_path: Path) -> Path:
    """A folder with a random base and a random adapter on it."""
    folder = tmp_path / "weights"
    save_base(small_base, folder / "base")
    sha256 = file_sha256(folder / "base" / "model.safetensors")
    about: dict[str, Any] = {
        "base_sha256": sha256,
        "prompt_version": PROMPT_VERSION,
        "generator_version": GENERATOR_VERSION,
    }
    write_manifest(folder / "base", Manifest(kind="base", name="base", weights_sha256=sha256, **about))
    adapted = add_lora(small_base.model, LoraSettings(rank=4, alpha=8), name="start")
    torch.manual_seed(0)
    for name, parameter in adapted.named_parameters():
        if ".lora_B." in name:
            torch.nn.init.normal_(parameter, std=0.01)
    save_adapter(adapted, "start", folder / "start")
    of_start = file_sha256(folder / "start" / ADAPTER_FILE)
    manifest = Manifest(kind="adapter", name="start", weights_sha256=of_start, trained_on="mix", **about)
    write_manifest(folder / "start", manifest)
    return folder


def row(place: int, *, track: str) -> dict[str, Any]:
    """A pair of one rule: advice that moves a stem was preferred to leaving everything as it is."""
    excerpt = ExcerptRef(TrackRef("procedural", track), 0, 4 * RATE, RATE)
    stem = STEMS[place % len(STEMS)]
    recipe = Recipe(
        excerpt=excerpt, audible=STEMS, disturbance_db={stem: 3.0 + place % 3}, reference_kind="none",
        reference_excerpt=None, reference_gains_db={}, problem_level_db=0.0, reference_level_db=0.0, seed=place,
        template_seed=place, register="terse", brief="",
    )  # fmt: skip
    return {
        "conversations": [{"from": "human", "value": "<audio>What would you change?"}],
        "chosen": {"from": "gpt", "value": write(correction_of(recipe), register="terse", seed=place).advice},
        "rejected": {"from": "gpt", "value": write((), register="terse", seed=place).advice},
        "item_id": f"item-{track}-{place}",
        "track_id": track,
        "recipe": recipe_to_json(recipe),
    }


def pairs_file(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


def test_the_chosen_text_gains_on_songs_that_were_not_trained_on(weights: Path, tmp_path: Path) -> None:
    train = pairs_file(tmp_path / "train.jsonl", [row(k, track="train-00001") for k in range(6)])
    test = pairs_file(tmp_path / "test.jsonl", [row(k, track="train-00002") for k in (1, 6, 7)])
    before = file_sha256(weights / "start" / ADAPTER_FILE)
    margins = train_on_preferences(CONFIG, train, test, weights=weights, runs=tmp_path / "runs", log=lambda _: None)
    assert margins["held_out after"].mean > margins["held_out before"].mean + 1.0
    assert margins["train after"].mean > margins["train before"].mean + 1.0
    manifest = read_manifest(weights / "preferred", weights_file=ADAPTER_FILE)
    assert manifest.training["margins_nats"]["held_out after"]["pairs"] == 3
    assert file_sha256(weights / "start" / ADAPTER_FILE) == before
    assert (
        "preferred"
        in load_adapter(load_base(weights / "base").model, weights / "preferred", name="preferred").peft_config
    )


def test_a_track_on_both_sides_is_refused_before_training(weights: Path, tmp_path: Path) -> None:
    train = pairs_file(tmp_path / "train.jsonl", [row(0, track="train-00001")])
    test = pairs_file(tmp_path / "test.jsonl", [row(1, track="train-00001")])
    with pytest.raises(PreferenceFileError, match="train-00001"):
        train_on_preferences(CONFIG, train, test, weights=weights, runs=tmp_path / "runs", log=lambda _: None)
    assert not (tmp_path / "runs").exists()


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    whole = row(0, track="train-00001")
    public = {key: value for key, value in whole.items() if key != "recipe"}
    path = pairs_file(tmp_path / "train.jsonl", [whole, public, {**whole, "rejected": whole["chosen"]}])
    with pytest.raises(PreferenceFileError) as refused:
        read_pairs(path)
    assert "line 2: has no recipe" in str(refused.value)
    assert "line 3: chosen and rejected must be two different texts" in str(refused.value)


def test_every_mistake_of_a_configuration_is_named(tmp_path: Path) -> None:
    path = tmp_path / "dpo.yaml"
    path.write_text(
        "{name: start, start: start, seed: 1, beta: 0.0, batch_size: 0, loop: {steps: 0, learning_rate: 0.1}}",
        encoding="utf-8",
    )
    with pytest.raises(RunConfigError) as refused:
        load_dpo_config(path)
    for word in ("name must differ", "beta", "batch_size", "loop.steps"):
        assert word in str(refused.value)


def test_texts_without_words_are_left_out_and_a_file_of_them_is_refused(weights: Path, tmp_path: Path) -> None:
    whole = row(0, track="train-00001")
    train = pairs_file(tmp_path / "train.jsonl", [{**whole, "chosen": {"from": "gpt", "value": "Zounds, louder."}}])
    with pytest.raises(RunConfigError, match="no pair is in words"):
        train_on_preferences(
            replace(CONFIG, name="other"), train, None, weights=weights, runs=tmp_path / "runs", log=lambda _: None
        )
