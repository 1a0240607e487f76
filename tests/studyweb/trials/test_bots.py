"""Simulated producers: the rule, and filling a study through the pages."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from studyweb.trials.bot_rule import BotSettings, Situation, choose, decide, preference_eta
from studyweb.trials.bots import NotSimulatedError, fill_with_bots, imbalance_left_db
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.scripted import DjangoTransport, ScriptedParticipant, seeded_rule
from tests.factories import make_study

SETTINGS = BotSettings()


def situation(*, after_a: float, after_b: float, first_in_a: bool = True, leaning: float = 0.0) -> Situation:
    return Situation(3.0, {"A": after_a, "B": after_b}, first_in_a, leaning, 0.0, 0.0)


def test_choices_follow_the_cumulative_logit() -> None:
    rng, eta, draws = random.Random(3), 0.8, 20_000
    counts = Counter(choose(eta, rng, SETTINGS) for _ in range(draws))

    def above(cut: float) -> float:
        return 1 / (1 + math.exp(cut - eta))

    assert counts["a_clearly"] / draws == pytest.approx(above(SETTINGS.clear), abs=0.01)
    assert (counts["a_clearly"] + counts["a_slightly"]) / draws == pytest.approx(above(SETTINGS.tie), abs=0.01)
    assert counts["no_preference"] / draws == pytest.approx(above(-SETTINGS.tie) - above(SETTINGS.tie), abs=0.01)


def test_without_side_bias_swapping_the_slots_swaps_the_predictor() -> None:
    settings = BotSettings(side=0.0)
    one = preference_eta(situation(after_a=1.0, after_b=2.5, first_in_a=True, leaning=0.3), settings, slope=0.5)
    other = preference_eta(situation(after_a=2.5, after_b=1.0, first_in_a=False, leaning=0.3), settings, slope=0.5)
    assert one == pytest.approx(-other)


def test_an_unknown_kind_of_question_is_an_error() -> None:
    with pytest.raises(ValueError, match="slider"):
        decide("x", "slider", (), situation(after_a=1, after_b=1), random.Random(1), SETTINGS)


@pytest.mark.django_db
def test_imbalance_left_is_zero_after_the_correction_and_unchanged_by_unreadable_advice() -> None:
    item = make_study(items=6, audio=False).items.first()
    oracle, unreadable = item.advices.get(system__key="oracle"), item.advices.get(system__key="nothing")
    unreadable.changes = None
    assert imbalance_left_db(item, oracle) == 0.0
    assert imbalance_left_db(item, unreadable) == imbalance_left_db(item, None) > 1.0


@pytest.mark.django_db
def test_bots_refuse_a_study_of_people() -> None:
    with pytest.raises(NotSimulatedError):
        fill_with_bots(make_study(items=6, audio=False), count=1, seed=1)


@pytest.mark.django_db
def test_bots_fill_a_simulated_study_and_go_on_after_an_interruption() -> None:
    study = make_study(items=6, audio=False, simulated=True, design={"trials": [_pair(2)], "repeats": 0})
    ScriptedParticipant(DjangoTransport(), load_audio=False, rule=seeded_rule(1), stop_after=1).complete(
        study.public_id
    )
    assert fill_with_bots(study, count=3, seed=5) == 3
    assert fill_with_bots(study, count=3, seed=5) == 0
    people = Participant.objects.filter(study=study)
    assert [person.state for person in people] == ["completed"] * 3
    assert not Trial.objects.filter(participant__in=people, completed_at=None).exists()


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_simulated_answers() -> None:
    def answers() -> list[tuple[str, str]]:
        study = make_study(items=6, audio=False, simulated=True, design={"trials": [_pair(2)], "repeats": 0})
        fill_with_bots(study, count=2, seed=9)
        return list(Answer.objects.filter(participant__study=study).order_by("id").values_list("step", "value"))

    assert answers() == answers()


def _pair(count: int) -> dict[str, object]:
    return {"pair": ["differential", "baseline"], "count": count}
