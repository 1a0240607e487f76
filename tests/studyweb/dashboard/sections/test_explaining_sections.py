"""Sections that explain a preference: what they say, their tables and figures, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from studyweb.dashboard.advice_facts import ItemFacts
from studyweb.dashboard.figures.shapes import CurveFigure, IntervalFigure
from studyweb.dashboard.pair_trials import PairTrial, ballots_of
from studyweb.dashboard.sections.asking import asking_sections
from studyweb.dashboard.sections.imbalance import imbalance_sections
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.dashboard.sections.style import style_sections
from studyweb.stats.preference import estimate_preference
from tests.studyweb.dashboard.sections.made_pairs import made_data, made_trial, made_trials

ALL: tuple[Callable[[PairData], list[Section]], ...] = (imbalance_sections, asking_sections, style_sections)


def test_accuracy_says_what_a_db_is_worth_and_draws_it() -> None:
    accuracy = imbalance_sections(made_data(made_trials()))[0]
    assert "each dB less imbalance left multiplied the odds" in accuracy.sentence
    assert "Producers paid for accuracy." in accuracy.sentence
    assert accuracy.numbers["log_odds_per_db_low"] < 1.0 < accuracy.numbers["log_odds_per_db_high"]
    assert accuracy.numbers["n_answers"] == 144
    assert isinstance(accuracy.figure, CurveFigure)
    points = accuracy.figure.series[0].points
    assert sum(point.n_answers for point in points) == 144
    assert [point.x for point in points] == sorted(point.x for point in points)
    assert len(accuracy.rows) == 4 + len(points)


def test_the_db_for_three_of_four_choices_follow_from_the_slope() -> None:
    accuracy = imbalance_sections(made_data(made_trials()))[0]
    row = next(row for row in accuracy.rows if "three of four" in row[0])
    assert row[1] == f"{math.log(3) / accuracy.numbers['log_odds_per_db']:.1f} dB"


def test_without_an_effect_of_accuracy_it_stays_open_and_no_price_is_named() -> None:
    accuracy = imbalance_sections(made_data(made_trials(slope=0.0)))[0]
    assert "stays open" in accuracy.sentence
    assert not any("three of four" in row[0] for row in accuracy.rows)


def test_a_rate_where_no_trial_was_is_called_extrapolated() -> None:
    trials = [replace(trial, facts=shifted(trial, by_db=9.0)) for trial in made_trials()]
    assert "by extrapolation" in imbalance_sections(made_data(trials))[0].sentence


def shifted(trial: PairTrial, *, by_db: float) -> ItemFacts:
    assert trial.facts is not None
    left_db = trial.facts.second.left_db
    assert left_db is not None
    return replace(trial.facts, second=replace(trial.facts.second, left_db=left_db + by_db))


def test_advice_that_cannot_be_followed_is_left_out_and_counted() -> None:
    unreadable = made_trial(99, 3, 1, first={"drums": 1.0}, second=None)
    trials = [*made_trials(), unreadable]
    accuracy, same = imbalance_sections(made_data(trials))
    assert accuracy.numbers["n_answers"] == 144
    assert "Left out, an advice cannot be followed: 1 trial." in accuracy.notes
    style = style_sections(made_data(trials))[0]
    assert style.numbers["n_answers"] == 144
    assert "Left out, an advice cannot be read: 1 trial." in style.notes
    assert same.rows[0][3] == "145"


def test_the_same_advice_counts_as_a_tie_beside_what_was_answered() -> None:
    near = [
        made_trial(person, track, 1, first={"drums": 3.0}, second={"drums": 3.5})
        for person in range(3)
        for track in (0, 1)
    ]
    apart = [
        made_trial(person, track, -1, first={"drums": 3.0}, second={"drums": 3.6})
        for person in range(3)
        for track in (2, 3)
    ]
    trials = [*near, *apart]
    same = imbalance_sections(made_data(trials))[1]
    assert [row[1] for row in same.rows] == ["50 %", "25 %", "0 %"]
    assert same.numbers["n_same"] == 6
    assert "one was preferred all the same in 6 of them" in same.sentence
    assert isinstance(same.figure, IntervalFigure)
    assert [trial.preference("final_choice") for trial in trials] == [2] * 6 + [-2] * 6
    left_out = imbalance_sections(made_data(trials, ties="excluded"))[1]
    assert [row[1] for row in left_out.rows] == ["50 %", "0 %", "0 %"]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ({}, {}, True),
        ({"drums": 0.5}, {}, True),
        ({"drums": 0.5}, {"drums": 0.1, "bass": -0.6}, False),
        ({"drums": 0.1 + 0.2}, {"drums": 0.8}, True),
        (None, {}, False),
    ],
)
def test_what_counts_as_the_same_advice(
    first: dict[str, float] | None, second: dict[str, float], is_same: bool
) -> None:
    facts = made_trial(0, 0, 1, first=first, second=second).facts
    assert facts is not None
    assert facts.is_same is is_same


def test_asking_first_compares_the_two_halves_and_counts_flips() -> None:
    trials = made_trials()
    asked = [trial for trial in trials if "first_choice" in trial.answers]
    section = asking_sections(made_data(trials))[0]
    rate = estimate_preference(ballots_of(asked)).rate
    assert rate is not None
    assert section.numbers["rate_asked"] == pytest.approx(rate)
    assert section.numbers["difference"] == pytest.approx(rate - section.numbers["rate_not_asked"])
    assert section.numbers["n_first_choices"] == len(asked)
    kinds = [int(row[3]) for row in section.rows[4:]]
    assert sum(kinds) == len(asked)
    assert "went to the other side" in section.sentence


@pytest.mark.parametrize(
    ("first_choice", "said"), [(None, "it was asked in 0 of 4 trials"), (1, "it was asked in 4 of 4 trials")]
)
def test_asking_always_or_never_cannot_be_compared(first_choice: int | None, said: str) -> None:
    trials = [
        made_trial(person, track, 1, first={}, second={"bass": 2.0}, first_choice=first_choice)
        for person in (0, 1)
        for track in (0, 1)
    ]
    section = asking_sections(made_data(trials))[0]
    assert said in section.sentence
    assert section.figure is None


def test_style_control_gives_both_rates_and_what_length_goes_with() -> None:
    section = style_sections(made_data(made_trials()))[0]
    labels = [row[0] for row in section.rows]
    assert labels[:2] == ["as answered", "length and moves equal"]
    assert "odds for twice as many words, times" in labels
    assert "odds for one more stem moved, times" in labels
    assert section.numbers["controlled_rate_low"] < section.numbers["controlled_rate"]
    assert isinstance(section.figure, IntervalFigure)
    assert len(section.figure.rows) == 2


def test_style_that_never_differs_is_refused_with_the_plain_rate() -> None:
    trials = [
        made_trial(person, track, (person + track) % 3 - 1, first={"drums": 1.0}, second={"drums": 4.0})
        for person in range(4)
        for track in range(4)
    ]
    section = style_sections(made_data(trials))[0]
    assert "length: the same in every trial; moves: the same in every trial" in section.sentence
    assert section.rows[0][0] == "as answered"
    assert section.figure is None


ONE_PERSON = [trial for trial in made_trials() if trial.participant.int == 0]
ONE_TRACK = [trial for trial in made_trials() if trial.track == 2]
BAD_INPUT: dict[str, Sequence[PairTrial]] = {
    "nothing": [],
    "one answer": made_trials()[:1],
    "one participant": ONE_PERSON,
    "one track": ONE_TRACK,
    "ties only": [replace(trial, answers={"final_choice": "no_preference"}) for trial in made_trials()],
    "all one way": [replace(trial, answers={"final_choice": "a_clearly"}) for trial in made_trials()],
    "not answered": [replace(trial, answers={}) for trial in made_trials()],
    "no facts": [replace(trial, facts=None) for trial in made_trials()],
    "separated": [
        replace(
            trial,
            answers={"final_choice": "a_clearly" if (trial.facts and (trial.facts.lead_db or 0) > 0) else "b_clearly"},
        )
        for trial in made_trials()
    ],
}


@pytest.mark.parametrize("name", BAD_INPUT)
@pytest.mark.parametrize("sections", ALL)
def test_bad_input_gets_words_and_no_nan(sections: Callable[[PairData], list[Section]], name: str) -> None:
    for section in sections(made_data(BAD_INPUT[name])):
        assert section.sentence.endswith(".")
        assert all(math.isfinite(value) for value in section.numbers.values())
        assert "None" not in section.sentence
        assert "nan" not in f"{section.sentence} {section.rows} {section.figure}".lower()
        assert all(len(row) == len(section.header) for row in section.rows)
