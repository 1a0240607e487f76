"""Agreement against krippendorff and irrCAC; the jackknife against answers that are really left out."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from studyweb.stats.agreement import AgreementReport, Coefficient, Judgements, report_agreement
from studyweb.stats.ballots import ballots_from_rows
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.raters import rater_profiles
from studyweb.stats.repeats import Repeat, report_repeats

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "agreement.json").read_text())
BOTH = "new_participants_and_tracks"


def judged(table: list[list[int | None]], *, categories: int, units_per_track: int = 1) -> Judgements:
    """From a table [people, units] of answers from 1."""
    rows = [(p, u, value) for p, row in enumerate(table) for u, value in enumerate(row) if value is not None]
    people, units, values = (np.array(column, dtype=np.intp) for column in zip(*rows, strict=True))
    return Judgements(values - 1, units, people, units // units_per_track, categories)


def report(judgements: Judgements, **options: Any) -> AgreementReport:
    found = report_agreement(judgements, **options)
    assert isinstance(found, AgreementReport)
    return found


@pytest.mark.parametrize("case", ["four_observers", "sparse"])
@pytest.mark.parametrize("name", ["alpha_ordinal", "alpha_nominal", "ac1", "raw"])
def test_coefficients_equal_those_of_other_libraries(case: str, name: Coefficient) -> None:
    golden = EXPECTED[case]
    found = report(judged(golden["ratings"], categories=golden["categories"])).coefficients[name]
    assert found.value == pytest.approx(golden[name], abs=1e-5)


def test_krippendorffs_own_example_has_the_published_values() -> None:
    found = report(judged(EXPECTED["four_observers"]["ratings"], categories=5))
    assert found.coefficients["alpha_nominal"].value == pytest.approx(0.743, abs=1e-3)
    assert found.coefficients["alpha_ordinal"].value == pytest.approx(0.815, abs=1e-3)
    # The twelfth unit was judged once: it is no pair.
    assert (found.n_units, found.n_answers, found.n_participants) == (11, 40, 4)


@pytest.mark.parametrize("name", ["alpha_ordinal", "ac1"])
def test_the_jackknife_variance_is_that_of_answers_really_left_out(name: Coefficient) -> None:
    table = EXPECTED["sparse"]["ratings"]
    judgements = judged(table, categories=7, units_per_track=2)

    def without(rows: np.ndarray) -> float:
        columns = (judgements.category, judgements.unit, judgements.participant, judgements.track)
        value = report(Judgements(*(column[~rows] for column in columns), 7)).coefficients[name].value
        assert value is not None
        return value

    def variance(codes: np.ndarray) -> float:
        values = np.array([without(codes == code) for code in np.unique(codes)])
        return (values.size - 1) / values.size * float(((values - values.mean()) ** 2).sum())

    people, tracks = variance(judgements.participant), variance(judgements.track)
    expected = max(people + tracks - variance(judgements.participant * 15 + judgements.track), people, tracks)
    interval = report(judgements, level=0.5).coefficients[name].interval
    assert interval is not None
    reach = (interval.high - interval.low) / 2
    assert reach == pytest.approx(stats.t.ppf(0.75, 13) * math.sqrt(expected))


def test_order_of_rows_and_names_of_people_do_not_matter() -> None:
    judgements = judged(EXPECTED["sparse"]["ratings"], categories=7)
    shuffled = np.random.default_rng(1).permutation(judgements.unit.size)
    turned = Judgements(
        judgements.category[shuffled],
        29 - judgements.unit[shuffled],
        13 - judgements.participant[shuffled],
        29 - judgements.track[shuffled],
        7,
    )
    for name, agreed in report(judgements).coefficients.items():
        other = report(turned).coefficients[name]
        assert agreed.value == pytest.approx(other.value)
        assert agreed.interval is not None
        assert other.interval is not None
        assert agreed.interval.low == pytest.approx(other.interval.low)


def test_perfect_agreement_is_one_without_an_interval() -> None:
    found = report(judged([[1, 2, 3, 1], [1, 2, 3, 1], [1, 2, 3, 1]], categories=3)).coefficients
    assert {name: agreed.value for name, agreed in found.items()} == pytest.approx(dict.fromkeys(found, 1.0))
    assert found["raw"].interval is None
    assert found["raw"].note == "the same whoever is left out: no interval"


def test_answers_that_are_all_alike_leave_alpha_undefined_and_ac1_at_one() -> None:
    found = report(judged([[2, 2, 2], [2, 2, 2]], categories=3)).coefficients
    assert found["alpha_nominal"].value is None
    assert found["alpha_nominal"].note.startswith("all answers are alike")
    assert found["ac1"].value == 1.0


def test_what_hangs_on_one_person_gets_no_interval() -> None:
    found = report(judged([[2, 2, 2], [2, 2, 2], [2, 2, 1]], categories=3)).coefficients["alpha_ordinal"]
    assert found.value is not None
    assert (found.interval, found.note) == (None, "it hangs on a single person or track: no interval")


def test_one_track_gets_a_value_for_exactly_this_track_only() -> None:
    judgements = judged([[1, 2, 3], [1, 3, 3], [1, 2, 2], [2, 2, 3]], categories=3, units_per_track=3)
    assert report(judgements).coefficients["raw"].note == "one participant or one track: no interval"
    assert report(judgements, estimand="new_participants").coefficients["raw"].interval is not None


def test_people_who_never_met_the_same_thing_cannot_agree() -> None:
    apart = report_agreement(judged([[1, None], [None, 2]], categories=3))
    nothing = np.empty(0, dtype=np.intp)
    empty = report_agreement(Judgements(nothing, nothing, nothing, nothing, 3))
    assert apart == NotFitted("nobody judged what another person judged")
    assert empty == NotFitted("no answers")


def test_profiles_by_hand() -> None:
    ballots = ballots_from_rows(
        [1, 0.5, 1, 0, 1], ["a", "a", "b", "b", "c"], ["x", "y", "x", "y", "z"], [True, False, False, False, True]
    )
    first, second, third = rater_profiles(ballots, ballots.track)
    assert (first.n_answers, first.rate_for_first, first.tie_share) == (2, 0.75, 0.5)
    assert (first.slot_a_share, second.slot_a_share) == ((1 + 0.5) / 2, (0 + 1) / 2)
    assert (first.alike, second.alike) == (0.5, 0.5)
    assert third.alike is None
    assert rater_profiles(ballots_from_rows([], [], [], []), np.empty(0, dtype=np.intp)) == []


def test_repeats_by_hand() -> None:
    said = [(2, 2), (2, 1), (-1, 2), (0, 0), (0, 1)]
    repeats = [Repeat(before, again, str(n % 2), str(n)) for n, (before, again) in enumerate(said)]
    found = report_repeats(repeats, estimand=BOTH, level=0.95)
    assert (found.n_pairs, found.same_side, found.identical, found.reversed, found.moved) == (5, 3, 2, 1, 1)
    assert found.consistency.rate == 3 / 5
    # Before: 1 second, 2 none, 2 first; again: 0, 1, 4.
    assert found.by_chance == pytest.approx((1 * 0 + 2 * 1 + 2 * 4) / 25)


def test_without_repeats_there_is_nothing_to_say() -> None:
    found = report_repeats([], estimand=BOTH, level=0.95)
    assert (found.n_pairs, found.by_chance, found.consistency.notes) == (0, None, ("no answers yet",))
