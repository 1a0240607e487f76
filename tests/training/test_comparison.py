"""All conditions side by side on weights made for the test, and the card that is written from their scores."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datagen.generator import GENERATOR_VERSION, song_keys
from training.adapters import ADAPTER_FILE, add_lora, save_adapter
from training.balance_spreads import SPREAD_FACTORS, measured_spread_db
from training.comparison import checked_manifests, compare_conditions, spread_settings
from training.conditions import CONDITIONS
from training.evaluate import EvaluationSettings
from training.model_card import write_model_card
from training.probe import PROBE_FILE
from training.prompts import PROMPT_VERSION
from training.run_config import LoraSettings
from training.run_record import run_versions
from training.score_files import read_kept, write_kept
from training.score_rows import SCORES_FILE
from training.score_tables import main_table, rounds_table, score_tables
from training.songs_cache import CACHE_VARIABLE
from training.tiny_base import build_tiny_base, save_base
from training.weights import Manifest, WeightsError, file_sha256, write_manifest

from .conftest import SMALL

SETTINGS = EvaluationSettings(split="validation", songs=2, items_per_song=3)
FEW = tuple(c for c in CONDITIONS if c.system in ("stems_ref", "oracle", "constant") and c.decoding == "greedy")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random base with one random adapter, as `ship` leaves them."""
    folder = tmp_path_factory.mktemp("weights")
    base = build_tiny_base(SMALL, seed=3)
    save_base(base, folder / "base")
    adapted = add_lora(base.model, LoraSettings(rank=2, alpha=4), name="stems_ref")
    with torch.no_grad():
        for key, parameter in adapted.named_parameters():
            if ".lora_B." in key:
                parameter.normal_(generator=torch.Generator().manual_seed(len(key)))
    save_adapter(adapted, "stems_ref", folder / "stems_ref")
    digest = file_sha256(folder / "base" / "model.safetensors")
    for kind, name, file, trained_on in (
        ("base", "tiny", folder / "base" / "model.safetensors", "untuned"),
        ("adapter", "stems_ref", folder / "stems_ref" / ADAPTER_FILE, "stems_ref"),
    ):
        manifest = Manifest(
            kind=kind, name=name, weights_sha256=file_sha256(file), base_sha256=digest, prompt_version=PROMPT_VERSION,
            generator_version=GENERATOR_VERSION, trained_on=trained_on, reference_kinds=("same_passage",),
            training={"config": {"seed": 5, "loop": {"steps": 1}, "songs": {"train": 2}}, "versions": run_versions()},
        )  # fmt: skip
        write_manifest(file.parent, manifest)
    return folder


@pytest.fixture(scope="module")
def scores(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Scores of a few conditions on two rendered songs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("songs")))
        return compare_conditions(weights, settings=SETTINGS, conditions=FEW, spreads=False, log=lambda _: None)


def test_every_condition_has_a_row_in_its_order(scores: dict[str, Any]) -> None:
    assert [row["condition"] for row in scores["rows"]] == [condition.label for condition in FEW]
    assert {row["items"] for row in scores["rows"]} == {6}
    assert scores["weights"].keys() == {"base", "stems_ref"}
    assert scores["rows"][-2]["scores"]["exact"]["value"] == 1.0


def test_scores_survive_json(scores: dict[str, Any], tmp_path: Path) -> None:
    write_kept(scores, tmp_path / SCORES_FILE)
    assert read_kept(tmp_path, SCORES_FILE) == json.loads(json.dumps(scores)) == scores


def test_conditions_without_their_adapter_are_named_and_refused_when_strict(weights: Path) -> None:
    assert set(checked_manifests(weights, CONDITIONS, strict=False)) == {"base", "stems_ref"}
    with pytest.raises(WeightsError, match="has no adapter stems_ref_shuffled, stems, mix_ref, mix, text_only; train"):
        checked_manifests(weights, CONDITIONS, strict=True)


def test_an_adapter_that_was_trained_on_something_else_than_its_row_says_is_refused(weights: Path) -> None:
    with pytest.raises(WeightsError, match="stems_ref was trained on stems_ref, the table says mix"):
        checked_manifests(weights, (replace(FEW[0], trained_on="mix"),), strict=False)


def test_tables_have_a_line_a_condition(scores: dict[str, Any]) -> None:
    lines = main_table(scores["rows"]).splitlines()
    assert len(lines) == 2 + len(FEW)
    assert len({line.count("|") for line in lines}) == 1
    assert lines[-1].startswith("| constant answer: nothing to change | 0.0 % |")
    assert rounds_table(scores["rows"]).count("\n") == 1 + sum(condition.listens_again for condition in FEW)


def test_the_card_holds_the_tables_and_both_pictures(weights: Path, scores: dict[str, Any], tmp_path: Path) -> None:
    weights = Path(shutil.copytree(weights, tmp_path / "weights"))
    write_kept(scores, weights / SCORES_FILE)
    write_model_card(weights, card=tmp_path / "card.md")
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert score_tables(scores) in card
    for name in ("model-conditions.svg", "model-psychometric.svg"):
        assert f"(images/{name})" in card
        assert ET.parse(tmp_path / "images" / name).getroot().tag.endswith("svg")
    assert "None" not in card
    assert "nan" not in card


def test_the_card_shows_the_range_over_seeds_and_the_probe(
    weights: Path, scores: dict[str, Any], tmp_path: Path
) -> None:
    weights = Path(shutil.copytree(weights, tmp_path / "weights"))
    write_kept(scores, weights / SCORES_FILE)
    write_kept({**scores, "training_seeds": {"stems_ref": 6}}, weights / "scores_seed_6.json")
    cell = {"r2": 0.5, "error_db": 1.25, "low": None, "high": None, "pairs": 4, "guess_error_db": 3.0}
    counts = {"fitted_songs": 3, "held_out_songs": 2}
    probe = {"base": scores["weights"]["base"], **counts, "places": {"tower": {"level": cell}}}
    write_kept(probe, weights / PROBE_FILE)
    write_model_card(weights, card=tmp_path / "card.md")
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "The differential with 2 seeds" in card
    assert "| score | seed 5 | seed 6 | range |" in card
    assert "| tower | level | 0.500 | 1.25 | 3.00 |" in card
    write_kept({**probe, "base": "another"}, weights / PROBE_FILE)
    with pytest.raises(WeightsError, match=r"probe\.json is of another base"):
        write_model_card(weights, card=tmp_path / "card.md")


@pytest.mark.parametrize("spread_db", SPREAD_FACTORS)
def test_the_factors_make_the_balance_spreads_they_are_named_by(spread_db: float) -> None:
    keys = song_keys("train", 1000)
    assert measured_spread_db(keys, factor=SPREAD_FACTORS[spread_db]) == pytest.approx(spread_db, abs=0.05)


def test_items_at_other_spreads_are_the_main_tables_but_for_their_number() -> None:
    for spread_db, settings in spread_settings(EvaluationSettings()).items():
        assert settings.spread == SPREAD_FACTORS[spread_db]
        assert settings.seed == EvaluationSettings().seed
        assert settings.songs >= 10
    assert np.diff(list(SPREAD_FACTORS)).min() > 0
