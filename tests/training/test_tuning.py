"""Trials: the same for every adapter, on songs that no training step uses, kept with what came out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from training.card_sections import trials_section
from training.ship import adapter_configs
from training.tiny_base import Base, save_base
from training.tuning import LEARNING_RATES, tune, validation_curve


@pytest.fixture
def weights(tmp_path: Path, small_base: Base) -> Path:
    save_base(small_base, tmp_path / "weights" / "base")
    return tmp_path / "weights"


def test_every_adapter_gets_the_same_trials_and_none_leaves_weights(weights: Path, tmp_path: Path) -> None:
    configs = [
        replace(config, batch_size=2, songs=replace(config.songs, train=2, validation=2))
        for config in adapter_configs()
        if config.name in ("stems_ref", "text_only")
    ]
    kept = tune(configs, weights=weights, runs=tmp_path / "runs", steps=2, log=lambda _: None)
    tried = [(trial["adapter"], trial["learning_rate"]) for trial in kept["trials"]]
    assert tried == [(config.name, rate) for config in configs for rate in LEARNING_RATES]
    assert all([step for step, _ in trial["curve"]] == [1, 2] for trial in kept["trials"])
    assert sorted(path.name for path in weights.iterdir()) == ["base"]
    table = trials_section(kept)
    assert all(f"{trial['curve'][-1][1]:.4f}" in table for trial in kept["trials"])
    again = tune(configs, weights=weights, runs=tmp_path / "runs", steps=2, log=lambda _: None)
    assert again == kept


def test_a_run_without_validation_has_no_curve(tmp_path: Path) -> None:
    assert validation_curve(tmp_path / "nowhere") == []


def test_the_shipped_adapters_differ_in_what_they_hear_alone() -> None:
    same = {
        replace(config, name="", seed=0, trained_on="", audio="heard", reference_audio="own", reference_kinds={}).loop
        for config in adapter_configs()
    }
    assert len(same) == 1


def test_the_section_names_the_slowest_adapter_and_what_it_still_gained() -> None:
    curves = {"fast": [[400, 1.0], [800, 0.99]], "slow": [[400, 2.0], [800, 1.8]]}
    text = trials_section({"trials": [], "curves": curves})
    assert "The slowest, `slow`, gained 10.0 % in the last 400" in text
