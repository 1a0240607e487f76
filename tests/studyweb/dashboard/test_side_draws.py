"""The stored draws of real sessions go into the randomisation test as the results count them."""

import pytest

from studyweb.dashboard.results import results_of
from studyweb.dashboard.side_draws import session_sides
from studyweb.stats.randomisation import RandomisationTest, randomisation_test
from studyweb.studies.models import Study
from tests.studyweb.answering import small_study, somebody, unblinded
from tests.studyweb.export.unpacking import mixed_minds

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    trials = [{"pair": ["differential", "baseline"], "count": 4}]
    made = small_study(items=12, tracks=6, design={"trials": trials, "meetings_per_track": 2})
    for number in range(5):
        somebody(made, mixed_minds(number))
    somebody(made, mixed_minds(9), trials=2)
    return unblinded(made)


def replayed(study: Study, *, turned: bool = False) -> RandomisationTest:
    result = results_of(study)[0]
    first, second = (result.second, result.first) if turned else (result.first, result.second)
    found = randomisation_test(session_sides(study, first, second, excluded=()), draws=499)
    assert isinstance(found, RandomisationTest)
    return found


def test_the_rate_is_that_of_the_results_page(study: Study) -> None:
    estimate = results_of(study)[0].with_ties
    assert replayed(study).rate == pytest.approx(estimate.rate)
    assert replayed(study).n_answers == estimate.n_answers


def test_asking_for_the_pair_the_other_way_mirrors_the_rate(study: Study) -> None:
    assert replayed(study, turned=True).rate == pytest.approx(1 - replayed(study).rate)


def test_whoever_is_excluded_takes_no_part(study: Study) -> None:
    somebody_else = study.participants.first()
    assert somebody_else is not None
    result = results_of(study)[0]
    everybody = session_sides(study, result.first, result.second, excluded=())
    others = session_sides(study, result.first, result.second, excluded=[somebody_else.pk])
    assert len(others) == len(everybody) - 1
