"""What producers hear, from the stored checks, and whether the blinding held, from the stored last answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from studyweb.dashboard.figures.shapes import CurveFigure, IntervalFigure
from studyweb.dashboard.model_curves import model_curves
from studyweb.dashboard.pair_trials import check_trials, guess_trials, pair_trials
from studyweb.dashboard.sections.blinding import blinding_sections, heard_more
from studyweb.dashboard.sections.hearing import hearing_sections
from studyweb.dashboard.sections.imbalance import imbalance_sections
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.codes import UnknownAnswerError
from studyweb.studies.models import Item, Study, System
from studyweb.trials.models import Trial
from tests.factories import SYSTEMS
from tests.studyweb.answering import clear_choice, slot_of, small_study, somebody, with_answers
from tests.studyweb.dashboard.sections.made_pairs import made_system

pytestmark = pytest.mark.django_db


def data_of(study: Study, *, excluded: frozenset[Any] = frozenset()) -> PairData:
    systems = {system.key: system for system in study.systems.all()}
    first, second = systems["differential"], systems["baseline"]
    trials = pair_trials(study, first, second, excluded=excluded)
    kept = [trial for trial in trials if not trial.is_excluded]
    return PairData(study, first, second, trials, kept, "new_participants_and_tracks", 0.95)


def hearing(study: Study) -> Section:
    return hearing_sections(data_of(study))[0]


def study_with_checks(sizes_db: tuple[float, ...]) -> Study:
    """A study whose check items were disturbed by these sizes."""
    study = small_study(extra_items=len(sizes_db) + 1)
    for item, size_db in zip(study.items.filter(role=Item.Role.CHECK).order_by("position"), sizes_db, strict=True):
        item.correction = {"drums": -size_db} if size_db else {}
        item.save()
    return study


def hears_above(size_db: float) -> Any:
    """Chooses the calculated advice in checks on a disturbance larger than this, otherwise has no preference."""

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role == Trial.Role.CHECK and question["name"] == "final_choice":
            size = max((abs(gain) for gain in trial.item.correction.values()), default=0.0)
            return f"{slot_of(trial).lower()}_clearly" if size > size_db else "no_preference"
        return clear_choice(trial, question)

    return choose


def test_checks_are_those_of_everybody_with_the_sizes_of_their_items() -> None:
    study = study_with_checks((2.0, 8.0))
    for _ in range(4):
        somebody(study, hears_above(3.0))
    trials = check_trials(study, "oracle_against_nothing")
    assert len(trials) == 4
    assert sorted({trial.facts.largest_db for trial in trials if trial.facts}) == [2.0, 8.0]
    assert {trial.preference("final_choice") for trial in trials if trial.facts and trial.facts.largest_db == 8.0} == {
        2
    }
    section = hearing(study)
    assert section.numbers["n_checks"] == 4
    assert "In 4 checks by 4 participants" in section.sentence
    assert isinstance(section.figure, CurveFigure)


def test_enough_checks_give_a_curve_with_a_threshold() -> None:
    study = study_with_checks((1.0, 2.0, 6.0, 12.0))
    study.plan["design"]["checks"][0]["count"] = 4
    study.save()
    for limit_db in (0.5, 1.5, 4.0, 4.0, 4.0, 7.0):
        somebody(study, hears_above(limit_db))
    section = hearing(study)
    assert section.numbers["n_checks"] == 24
    threshold_db = section.numbers["threshold_db"]
    assert 1.0 < threshold_db < 12.0
    assert section.numbers["threshold_db_low"] < threshold_db < section.numbers["threshold_db_high"]
    assert f"from a disturbance of {threshold_db:.1f} dB on (95 % interval" in section.sentence
    assert [row[0] for row in section.rows[:2]] == ["threshold, 75 % right", "around 1.0 dB"]
    assert isinstance(section.figure, CurveFigure)
    heights = [y for _, y in section.figure.series[0].line]
    assert heights == sorted(heights)
    assert 0.5 < heights[0] < heights[-1] < 0.98


def test_advices_are_read_once_however_many_answers_there_are(django_assert_num_queries: Any) -> None:
    study = small_study()
    for _ in range(2):
        somebody(study)
    systems = {system.key: system for system in study.systems.all()}
    with django_assert_num_queries(3):
        trials = pair_trials(study, systems["differential"], systems["baseline"], excluded=())
    assert len(trials) == 8
    facts = trials[0].facts
    assert facts is not None
    assert facts.first.left_db == pytest.approx(0.0)
    assert facts.lead_db == pytest.approx(facts.problem_db / 2)
    assert (facts.first.moves, facts.first.words) == (1, 5)


AGAIN = {"key": "again", "label": "Said again", "kind": "rephrased", "of": "oracle"}


def in_checks(final: str) -> Any:
    """Chooses this in checks, whatever the pair."""
    others = {"rating": "4", "keep": "partly", "text": None, "choice": "no_difference"}

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role != Trial.Role.CHECK:
            return clear_choice(trial, question)
        return final if question["name"] in ("final_choice", "first_choice") else others[question["kind"]]

    return choose


def test_preferences_between_identical_gains_are_told_as_what_chance_does() -> None:
    check = {"kind": "identical_gains", "pair": ["oracle", "again"], "count": 1}
    study = small_study(systems=(*SYSTEMS, AGAIN), design={"checks": [check]})
    for final in ("a_slightly", "no_preference", "b_clearly", "no_preference"):
        somebody(study, in_checks(final))
    same = imbalance_sections(data_of(study))[1]
    assert same.numbers["false_preference"] == 0.5
    assert "In 4 checks with identical gains in two phrasings one was preferred in 50 %" in same.notes[2]


def test_checks_of_one_size_give_the_share_and_no_curve() -> None:
    study = study_with_checks((6.0,))
    for _ in range(2):
        somebody(study)
    section = hearing(study)
    assert "every disturbance has the same size (6 dB)" in section.sentence
    assert section.rows[0] == ("around 6.0 dB", "100 %", "16 % to 100 %", "2")


def test_checks_on_a_clean_item_stand_apart() -> None:
    study = study_with_checks((0.0,))
    somebody(study)
    section = hearing(study)
    assert section.sentence == "From how small a disturbance on producers hear it cannot be said: nobody was asked."
    assert section.rows[0][0] == "nothing disturbed, both say so: chance"
    assert section.figure is None


def test_a_study_without_checks_says_that_nobody_was_asked() -> None:
    study = small_study(design={"checks": []})
    somebody(study)
    assert "nobody was asked" in hearing(study).sentence


FIT = {
    "guess": 0.01,
    "midpoint_db": 2.0,
    "slope": 3.0,
    "lapse": 0.05,
    "threshold_db": 2.1,
    "interval_db": [1.8, None],
    "asked": {"0.5": 4, "1": 6, "6": 10},
    "found": {"0.5": 0, "1": 1, "6": 9},
}
ROW = {
    "system": "stems_ref",
    "shown": "stems_ref",
    "reference_kind": "same_passage",
    "control": "",
    "decoding": "greedy",
    "psychometric": FIT,
}


def scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Scores beside weights that wrote the differential's advice."""
    kept = {"format": 2, "weights": {"base": "b", "stems_ref": "s", "mix": "m"}, "rows": [ROW], **changes}
    (tmp_path / "scores.json").write_text(json.dumps(kept))
    monkeypatch.setenv("MIXTRIAL_WEIGHTS", str(tmp_path))


def written_by(study: Study, *, base: str, adapter: str) -> System:
    system = study.systems.get(key="differential")
    system.advices.update(provenance={"base_sha256": base, "adapter_sha256": adapter})
    return system


def test_the_models_curve_stands_beside_where_the_same_weights_were_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_with_checks((6.0,))
    system = written_by(study, base="b", adapter="s")
    somebody(study)
    scores(tmp_path, monkeypatch)
    section = hearing(study)
    assert (f"{system.label}: half of all changes found", "2.1 dB", "from 1.8 dB", "20 changes") in section.rows
    assert isinstance(section.figure, CurveFigure)
    series = section.figure.series[1]
    assert [(point.x, point.y, point.n_answers) for point in series.points] == [(0.75, 0.1, 10), (5.75, 0.9, 10)]
    assert dict(series.line)[0.5] == pytest.approx(0.01 + 0.94 / (1 + 4.0**3))
    assert any("Baseline, mix alone" in note and "not scored" in note for note in section.notes)


def test_other_weights_other_scores_and_no_scores_give_no_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = small_study()
    system = written_by(study, base="b", adapter="another")
    scores(tmp_path, monkeypatch)
    assert model_curves([system]) == (
        [],
        [f"No curve of {system.label}: its weights, input or decoding were not scored."],
    )
    scores(tmp_path, monkeypatch, format=1)
    assert model_curves([system])[1] == ["No models' curve: the scores beside the weights are of another format."]
    (tmp_path / "scores.json").write_text("{")
    assert model_curves([system])[1] == ["No models' curve: there are no readable scores beside the weights."]


def guess(right: bool) -> Any:
    """Names the system that heard more, or the other one."""

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if question["name"] != "heard_more":
            return clear_choice(trial, question)
        better = slot_of(trial).lower()
        return better if right else {"a": "b", "b": "a"}[better]

    return choose


def test_the_blinding_index_counts_one_guess_a_person() -> None:
    study = small_study()
    for choose in (guess(True), guess(True), guess(False), with_answers(heard_more="cant_tell")):
        somebody(study, choose)
    section = blinding_sections(data_of(study))[0]
    assert section.numbers["blinding_index"] == pytest.approx(0.25)
    assert section.numbers["n_asked"] == 4
    assert section.rows[2][1:5] == ("2", "1", "1", "+0.25")
    assert "2 of 4 participants" in section.sentence
    assert isinstance(section.figure, IntervalFigure)
    assert (section.figure.lowest, section.figure.highest, section.figure.no_effect) == (-1.0, 1.0, 0.0)


def test_guesses_after_a_repeat_count_and_those_of_excluded_people_do_not() -> None:
    study = small_study(design={"repeats": 1, "trials": [{"pair": ["differential", "baseline"], "count": 4}]})
    people = [somebody(study, guess(True)) for _ in range(3)]
    data = data_of(study)
    assert len(guess_trials(study, data.first, data.second, excluded=())) == 3
    without = data_of(study, excluded=frozenset({people[0].pk}))
    assert blinding_sections(without)[0].numbers["n_asked"] == 2


def test_nobody_asked_yet_is_said() -> None:
    study = small_study()
    somebody(study, trials=1)
    section = blinding_sections(data_of(study))[0]
    assert section.sentence.startswith("Nobody was asked yet")
    assert section.rows == ()
    assert section.figure is None


def test_an_unknown_guess_raises() -> None:
    study = small_study()
    somebody(study, guess(True))
    study_answers = data_of(study)
    trial = guess_trials(study, study_answers.first, study_answers.second, excluded=())[0]
    Trial.objects.filter(participant=trial.participant, answers__step="heard_more").get().answers.filter(
        step="heard_more"
    ).update(value="both")
    with pytest.raises(UnknownAnswerError, match="unknown guess 'both'"):
        blinding_sections(data_of(study))


MIX = {"shown": "mix", "reference_kind": "none"}
STEMS = {"shown": "stems", "reference_kind": "none"}
MIX_REF = {"shown": "mix_ref", "reference_kind": "other_song"}
STEMS_REF = {"shown": "stems_ref", "reference_kind": "same_passage"}
SILENT_REF = {"shown": "stems_ref", "reference_kind": "none"}
NOTHING = {"kind": System.Kind.CONSTANT, "shown": ""}
HUMAN = {"kind": System.Kind.HUMAN, "shown": ""}


@pytest.mark.parametrize(
    ("one", "other", "more"),
    [
        (STEMS_REF, MIX, "One"),
        (MIX, STEMS, "Other"),
        (STEMS_REF, SILENT_REF, "One"),
        (STEMS, SILENT_REF, None),
        (STEMS, MIX_REF, None),
        (NOTHING, MIX, "Other"),
        (HUMAN, MIX, None),
    ],
)
def test_who_heard_more(one: dict[str, Any], other: dict[str, Any], more: str | None) -> None:
    found = heard_more(made_system("One", **one), made_system("Other", **other))
    assert (found.label if found else None) == more
