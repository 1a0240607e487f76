"""Strata: items and sides are more even than by chance in each level, foreseen by nobody, and drawn again alike."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from studyweb.studies.models import Study
from studyweb.trials.assignment import replay_session, sides_by_item
from studyweb.trials.drawing import draw_session
from studyweb.trials.minimisation import CANDIDATES, FOLLOWED, draw_minimised, imbalance_after
from studyweb.trials.models import Participant
from studyweb.trials.session import join_study, page_of, store_page
from studyweb.trials.side_counts import item_sides
from studyweb.trials.your_data import withdraw_and_erase
from tests.factories import AGREED, make_study
from tests.studyweb.answering import body, researcher
from tests.studyweb.trials.test_drawing import filled_by, make_inputs

DESIGN = {"strata": ["years", "listening"], "repeats": 0, "practice": 0, "checks": []}
Counts = dict[str, dict[str, list[int]]]


def after(counts: Counts, session: list[Any]) -> Counts:
    found: Counts = json.loads(json.dumps(counts))
    for of_level in found.values():
        for trial in session:
            of_level.setdefault(str(trial.item), [0, 0])[0 if trial.first_in_a else 1] += 1
    return found


def side_spread(seed: int, *, minimised: bool) -> float:
    """Mean |A - B| by item after ten people of one level and ten of another, who come in turn."""
    inputs, levels = make_inputs(second=0, repeats=0), [{"years": {}}, {"years": {}}]
    for number in range(20):
        counts, name = levels[number % 2], f"{seed} {number}"
        session = draw_minimised(inputs, seed=name, counts=counts)[0] if minimised else draw_session(inputs, seed=name)
        scored = [trial for trial in session if trial.role == "scored"]
        levels[number % 2], inputs = after(counts, scored), filled_by(inputs, session)
    return float(np.mean([abs(a - b) for of_level in levels for a, b in of_level["years"].values()]))


def test_sides_are_more_even_within_a_level_than_without_minimisation() -> None:
    with_it = [side_spread(seed, minimised=True) for seed in range(6)]
    without = [side_spread(seed, minimised=False) for seed in range(6)]
    assert np.mean(with_it) < 0.8 * np.mean(without)


def test_item_totals_still_differ_by_at_most_one() -> None:
    inputs, counts = make_inputs(second=0, repeats=0), {"years": {}}
    for number in range(9):
        session, _ = draw_minimised(inputs, seed=str(number), counts=counts)
        inputs = filled_by(inputs, session)
        totals = [candidate.total for candidate in inputs.scored_items]
        assert max(totals) - min(totals) <= 1


def test_the_most_even_candidate_is_taken_most_of_the_time_and_not_always() -> None:
    inputs = make_inputs(second=0, repeats=0)
    counts = {"years": {str(item): [3, 0] for item in range(12)}}
    best = 0
    for number in range(60):
        session, how = draw_minimised(inputs, seed=str(number), counts=counts)
        assert len(how["imbalances"]) == CANDIDATES
        assert how["imbalances"][how["chosen"]] == imbalance_after(session, counts)
        if how["roll"] < FOLLOWED:
            assert imbalance_after(session, counts) == min(how["imbalances"])
            best += 1
    assert 36 <= best < 60


def joined(study: Study, token: str, **background: str) -> Participant:
    person = join_study(study, token=token, consents=AGREED, recruiter={}).participant
    store_page(person, "background", {"years_mixing": "under_3", "listening": "monitors", **background})
    return Participant.objects.get(pk=person.pk)


@pytest.mark.django_db
def test_the_session_is_drawn_once_the_background_is_known_and_can_be_replayed() -> None:
    study = make_study(audio=False, design=DESIGN)
    for number in range(3):
        person = join_study(study, token=str(number), consents=AGREED, recruiter={}).participant
        assert (person.trials.count(), page_of(person), person.draw) == (0, "background", {"place": number + 1})
        listening = "monitors" if number else "headphones"
        store_page(person, "background", {"years_mixing": "under_3", "listening": listening})
        person.refresh_from_db()
        assert person.draw["strata"] == {"years": "under_3", "listening": listening}
        assert person.draw["place"] == number + 1
        stored = [(trial.item.position, trial.draw["first_in_a"]) for trial in person.trials.order_by("position")]
        assert stored == [(trial.item, trial.first_in_a) for trial in replay_session(person)]
    assert sum(map(sum, person.draw["counts"]["years"].values())) == 12
    assert sum(map(sum, person.draw["counts"]["listening"].values())) == 6


@pytest.mark.django_db
def test_sending_the_background_again_keeps_the_session() -> None:
    study = make_study(audio=False, design=DESIGN)
    person = joined(study, "one")
    before = list(person.trials.values_list("public_id", flat=True))
    store_page(person, "background", {"years_mixing": "over_20", "listening": "headphones"})
    assert list(person.trials.values_list("public_id", flat=True)) == before


@pytest.mark.django_db
def test_withdrawing_erases_the_stratum_and_its_trials_count_in_none() -> None:
    study = make_study(audio=False, design=DESIGN)
    person = withdraw_and_erase(joined(study, "one"))
    assert "strata" not in person.draw
    assert sides_by_item(study, years="under_3") == {}
    assert len(replay_session(person)) == 6


@pytest.mark.django_db
def test_a_session_that_cannot_be_drawn_any_more_stores_nothing_and_says_so(client: Client) -> None:
    study = make_study(audio=False, design=DESIGN)
    client.post(f"/join/{study.public_id}/", {"consent.take_part": "yes", "token": "form"})
    study.items.update(stimulus_ready_at=None)
    form = {"years": "under_3", "role": "producer", "listening": "monitors"}
    answer = client.post("/t/background/", form)
    assert answer.status_code == 409
    assert Participant.objects.get(study=study).pages_done == {}


@pytest.mark.django_db
def test_the_study_page_shows_items_and_sides_without_an_arm() -> None:
    study = make_study(audio=False, items=6, design=DESIGN)
    joined(study, "one")
    assert [each.total for each in item_sides(study)] == [1] * 6
    assert sum(each.in_a for each in item_sides(study)) == 3
    assert "First in A" in body(researcher(study), f"/research/{study.slug}/")
