"""Kept scores against measured ones: a planted difference is found, a small one is not held against anybody."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from datagen.words import STEMS
from training.conditions import CONDITIONS
from training.metrics import Scored
from training.score_check import differences
from training.score_commands import ScoresDifferError, checked
from training.score_files import read_scores, write_kept
from training.score_rows import SCORES_FORMAT, score_row
from training.weights import WeightsError

ITEMS = [
    Scored(f"t{k}", {} if k % 5 == 0 else {"bass": -4.0}, {} if k % 3 == 0 else {"bass": -3.5}, STEMS)
    for k in range(1000)
]


@pytest.fixture
def scores() -> dict[str, Any]:
    """Scores of one condition, as they are kept."""
    row = score_row(CONDITIONS[0], ITEMS)
    facts = ("split", "songs", "items_per_song", "seed", "task", "generator_version", "prompt_version")
    return {
        "format": SCORES_FORMAT,
        **dict.fromkeys(facts, 1),
        "weights": {"base": "aa"},
        "rows": [row],
        "spreads": [{"spread_db": 3.0, "rows": [copy.deepcopy(row)]}],
    }


def changed(scores: dict[str, Any], by: float, *, name: str, table: str = "scores") -> dict[str, Any]:
    other = copy.deepcopy(scores)
    other["rows"][0][table][name]["value"] += by
    return other


def test_the_same_scores_are_the_same_exactly(scores: dict[str, Any]) -> None:
    assert differences(scores, copy.deepcopy(scores)) == []
    assert checked(scores, copy.deepcopy(scores)) == "the kept scores, exactly"


@pytest.mark.parametrize(("name", "by"), [("found", 0.006), ("specificity", -0.006), ("error_db", 0.03)])
def test_a_planted_difference_is_listed_with_its_row_and_score(scores: dict[str, Any], name: str, by: float) -> None:
    (difference,) = differences(scores, changed(scores, by, name=name))
    assert f"{CONDITIONS[0].label}, {name}: kept " in str(difference)
    with pytest.raises(ScoresDifferError, match=f"1 cells differ from the kept scores:\n.*{name}"):
        checked(scores, changed(scores, by, name=name))


@pytest.mark.parametrize(("name", "by"), [("found", 0.005), ("false_alarms", -0.004), ("error_db", -0.02)])
def test_half_a_point_and_a_fiftieth_of_a_decibel_are_allowed(scores: dict[str, Any], name: str, by: float) -> None:
    assert checked(scores, changed(scores, by, name=name)) == "the kept scores, within the tolerance"


def test_an_interval_or_a_spread_that_moved_is_no_longer_exact(scores: dict[str, Any]) -> None:
    for place in (scores["rows"][0], scores["spreads"][0]["rows"][0]):
        kept = copy.deepcopy(scores)
        place["psychometric"]["interval_db"][0] += 0.01
        assert checked(kept, scores) == "the kept scores, within the tolerance"


def test_a_cell_of_few_answers_may_differ_by_one_of_them(scores: dict[str, Any]) -> None:
    scores["rows"][0]["found_by_size"]["6"] |= {"value": 0.5, "count": 20}
    assert not differences(scores, changed(scores, 0.05, name="6", table="found_by_size"))
    assert differences(scores, changed(scores, 0.06, name="6", table="found_by_size"))


def test_rows_at_other_spreads_are_checked_too(scores: dict[str, Any]) -> None:
    other = copy.deepcopy(scores)
    other["spreads"][0]["rows"][0]["scores"]["found"]["value"] -= 0.1
    (difference,) = differences(scores, other)
    assert "at 3 dB, found" in difference.where


def test_a_score_that_vanished_and_a_row_that_is_new_are_differences(scores: dict[str, Any]) -> None:
    gone = copy.deepcopy(scores)
    gone["rows"][0]["scores"]["found"]["value"] = None
    assert [str(each).endswith("measured nothing") for each in differences(scores, gone)] == [True]
    new = copy.deepcopy(scores)
    new["rows"].append({**new["rows"][0], "condition": "another"})
    assert "a row that was not kept" in differences(scores, new)[0].where


def test_scores_of_other_weights_or_items_cannot_be_compared(scores: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match="songs, weights of base differ"):
        differences(scores, {**scores, "weights": {"base": "bb"}, "songs": 2})


def test_kept_scores_of_an_earlier_format_are_refused(scores: dict[str, Any], tmp_path: Path) -> None:
    write_kept(scores, tmp_path / "scores.json")
    assert read_scores(tmp_path / "scores.json") == scores
    write_kept({"rows": []}, tmp_path / "scores.json")
    with pytest.raises(WeightsError, match="earlier format; make it with `python -m training compare --keep`"):
        read_scores(tmp_path / "scores.json")
    with pytest.raises(WeightsError, match="is missing"):
        read_scores(tmp_path / "nowhere.json")
