"""The scripts in an export compute the numbers of the results page from the export's files."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studyweb.dashboard.pair_trials import ballots_of, pair_trials
from studyweb.dashboard.results import PairResult, results_of
from studyweb.stats.mixed_logit import MixedLogit, fit_mixed_logit
from studyweb.studies.models import Study
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Trial
from tests.conftest import needed
from tests.servers.find import find_r
from tests.studyweb.answering import Choose, clear_choice, exported, slot_of, small_study, somebody, unblinded
from tests.studyweb.export.unpacking import agree, mixed_minds, unpacked

pytestmark = pytest.mark.django_db

Numbers = dict[tuple[str, str, str], float]
ENOUGH = {"trials": [{"pair": ["differential", "baseline"], "count": 8}], "meetings_per_track": 2}


def of_mixed_mind(number: int, *, fails_checks: bool) -> Choose:
    """Somebody of a mixed mind, but for the checks: in those they prefer the worse system, or the better one."""
    mind = mixed_minds(number)

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role == Trial.Role.CHECK and question["name"] == "final_choice":
            prefers_a = (slot_of(trial) == "A") != fails_checks
            return "a_clearly" if prefers_a else "b_clearly"
        return mind(trial, question)

    return choose


@pytest.fixture
def study() -> Study:
    """Ten people of mixed minds on six tracks of two items; one of them fails the check and is excluded."""
    rule = [{"rule": "failed_checks", "at_least": 1}]
    made = small_study(items=12, tracks=6, design=ENOUGH, exclusions=rule)
    for number in range(10):
        somebody(made, of_mixed_mind(number, fails_checks=number == 0))
    return unblinded(made)


def page_numbers(result: PairResult) -> Numbers:
    """What the results page says of a pair, under the names of the scripts."""
    named: dict[str, Any] = {
        "rate": result.with_ties,
        "decided_rate": result.ties.decided,
        "tie_rate": result.ties.tie_rate,
        "slot_a_rate": result.sides.slot_a_preference,
    }
    values: dict[str, float] = {
        "n_answers": result.with_ties.n_answers,
        "n_participants": result.with_ties.n_participants,
        "n_tracks": result.with_ties.n_tracks,
        **{name: getattr(result.ties, name) for name in ("wins", "ties", "losses")},
        "participant_weighted_rate": result.with_ties.participant_weighted_rate or np.nan,
    }
    for name, estimate in named.items():
        if estimate.rate is not None:
            values |= _interval(name, estimate.rate, estimate.interval)
    for each in result.criteria:
        if each.estimate.difference is not None:
            values |= _interval(f"difference.{each.name}", each.estimate.difference, each.estimate.interval)
    return {(result.first.key, result.second.key, name): float(value) for name, value in values.items()}


def _interval(name: str, middle: float, interval: Any) -> dict[str, float]:
    ends = (interval.low, interval.high) if interval else (np.nan, np.nan)
    return {name: middle, f"{name}.low": ends[0], f"{name}.high": ends[1]}


def script_numbers(folder: Path, *command: str) -> Numbers:
    """What a script of the export prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader(io.StringIO(done.stdout))
    return {(row["first_system"], row["second_system"], row["quantity"]): _number(row["value"]) for row in rows}


def _number(text: str) -> float:
    return float("nan") if text.strip() == "NA" else float(text)


def assert_same(found: Numbers, expected: Numbers) -> None:
    """The same quantities, to a millionth."""
    shown = {key: value for key, value in found.items() if not key[2].startswith("mixed.")}
    assert set(shown) == set(expected)
    for key, value in expected.items():
        assert shown[key] == pytest.approx(value, abs=1e-6, nan_ok=True), key


def page(study: Study) -> Numbers:
    """All pairs' numbers on the results page."""
    return {key: value for result in results_of(study) for key, value in page_numbers(result).items()}


def r_program() -> str:
    """Rscript with the packages that the script names."""
    return str(needed(find_r(), "R with sandwich and lme4"))


def test_the_python_script_gives_the_pages_numbers(study: Study, tmp_path: Path) -> None:
    folder = unpacked(exported(study), tmp_path / "export")
    expected = page(study)
    assert len(expected) > 20
    assert expected["differential", "baseline", "n_participants"] < study.participants.count(), "somebody is excluded"
    assert_same(script_numbers(folder, sys.executable, "reproduce.py"), expected)


def mixed_numbers(study: Study, result: PairResult) -> dict[str, float]:
    """The mixed model of a pair's decided choices as this project fits it, under the names of the script."""
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(study)}
    trials = pair_trials(study, result.first, result.second, excluded=excluded)
    fit = fit_mixed_logit(ballots_of([trial for trial in trials if not trial.is_excluded]))
    assert isinstance(fit, MixedLogit), fit
    assert fit.side is not None
    values = (fit.typical.value, fit.side.value, fit.participant_sd, fit.track_sd)
    return dict(zip(("mixed.intercept", "mixed.side", "mixed.participant_sd", "mixed.track_sd"), values, strict=True))


def test_the_r_script_gives_the_pages_numbers_and_its_mixed_model(study: Study, tmp_path: Path) -> None:
    folder = unpacked(exported(study), tmp_path / "export")
    found = script_numbers(folder, r_program(), "reproduce.R")
    assert_same(found, page(study))
    (result,) = results_of(study)
    mixed = {quantity: value for (_, _, quantity), value in found.items() if quantity.startswith("mixed.")}
    assert mixed == pytest.approx(mixed_numbers(study, result), abs=1e-3)


@pytest.mark.parametrize("script", ["python", "r"])
def test_answers_that_are_all_alike_and_one_participant_get_the_pages_fall_backs(tmp_path: Path, script: str) -> None:
    command = (sys.executable, "reproduce.py") if script == "python" else (r_program(), "reproduce.R")
    for people in (1, 3):
        made = small_study()
        for _ in range(people):
            somebody(made, clear_choice)
        made = unblinded(made)
        folder = unpacked(exported(made), tmp_path / str(people))
        assert_same(script_numbers(folder, *command), page(made))


def test_the_scripts_of_a_public_export_run_on_those_who_agreed(study: Study, tmp_path: Path) -> None:
    for number, person in enumerate(study.participants.order_by("consented_at")):
        agree(person, publish_answers=number % 2 == 0)
    folder = unpacked(exported(study, profile="public"), tmp_path / "export")
    found = script_numbers(folder, sys.executable, "reproduce.py")
    kept = [result.with_ties.n_participants for result in results_of(study)]
    assert 0 < found["differential", "baseline", "n_participants"] < kept[0]
    by_r = script_numbers(folder, r_program(), "reproduce.R")
    assert_same(by_r, found)
