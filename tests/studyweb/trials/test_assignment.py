"""Sessions drawn into the database: places, reservations, who counts, and replay."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from studyweb.studies.models import Study
from studyweb.trials.assignment import RESERVATION, StudyFullError, replay_session
from studyweb.trials.drawing import ALGORITHM
from studyweb.trials.item_choice import DrawError
from studyweb.trials.models import Participant, Trial
from studyweb.trials.session import join_study
from studyweb.trials.your_data import withdraw_and_erase
from tests.factories import AGREED, make_study

pytestmark = pytest.mark.django_db


def take_part(study: Study, name: str, *, is_test: bool = False) -> Participant:
    return join_study(study, token=name, consents=AGREED, recruiter={}, is_test=is_test).participant


def scored_totals(study: Study) -> list[int]:
    trials = Trial.objects.filter(participant__study=study, role="scored", participant__is_test=False)
    counts = Counter(trials.values_list("item_id", flat=True))
    return [counts[item.pk] for item in study.items.filter(role="scored")]


def go_silent(participant: Participant) -> None:
    """As if nothing had been heard of them for longer than a reservation lasts."""
    Participant.objects.filter(pk=participant.pk).update(
        last_seen_at=timezone.now() - RESERVATION - timedelta(minutes=1)
    )


def test_a_stored_session_is_what_replaying_its_draw_gives() -> None:
    study = make_study(audio=False)
    for name in "abc":
        participant = take_part(study, name)
        replayed = replay_session(participant)
        stored = list(participant.trials.order_by("position").select_related("item", "advice_a__system", "repeat_of"))
        assert len(stored) == len(replayed) == 9
        for trial, drawn in zip(stored, replayed, strict=True):
            first = trial.advice_a if drawn.first_in_a else trial.advice_b
            assert (trial.role, trial.item.position, first.system.key) == (drawn.role, drawn.item, drawn.pair[0])
            assert (trial.repeat_of is None) == (drawn.repeat_of is None)


def test_a_draw_is_replayed_by_the_algorithm_that_made_it() -> None:
    participant = take_part(make_study(audio=False), "a")
    assert participant.draw["algorithm"] == ALGORITHM
    replayed = replay_session(participant)
    participant.draw["algorithm"] = "session-1"
    assert replay_session(participant) == replayed  # with one item on each track the two draw alike
    participant.draw["algorithm"] = "session-0"
    with pytest.raises(DrawError, match="drawn by 'session-0'"):
        replay_session(participant)


def test_a_session_that_was_not_drawn_cannot_be_replayed() -> None:
    participant = take_part(make_study(audio=False), "a")
    participant.draw = {"place": 1}
    with pytest.raises(DrawError, match="no session has been drawn"):
        replay_session(participant)


def test_items_fill_evenly_over_sessions() -> None:
    study = make_study(audio=False)
    for number in range(7):
        take_part(study, str(number))
        totals = scored_totals(study)
        assert max(totals) - min(totals) <= 1


def test_sides_of_a_session_differ_by_at_most_one() -> None:
    study = make_study(audio=False)
    for number in range(6):
        trials = take_part(study, str(number)).trials.filter(role="scored").select_related("advice_a__system")
        in_a = sum(trial.advice_a.system.key == "differential" for trial in trials)
        assert in_a == 3


def test_a_study_is_full_once_every_place_is_taken_and_a_silent_one_gives_its_place_back() -> None:
    study = make_study(audio=False, recruitment={"target_participants": 2, "completion_url": ""})
    first, _second = take_part(study, "one"), take_part(study, "two")
    with pytest.raises(StudyFullError, match="all 2 places are taken"):
        take_part(study, "three")
    go_silent(first)
    assert take_part(study, "three").draw["place"] == first.draw["place"] == 1
    assert Participant.objects.filter(study=study).count() == 3


def test_a_refused_participant_leaves_nothing_behind() -> None:
    study = make_study(audio=False, recruitment={"target_participants": 1, "completion_url": ""})
    take_part(study, "one")
    with pytest.raises(StudyFullError):
        take_part(study, "two")
    assert Participant.objects.filter(study=study).count() == 1


def test_items_of_a_silent_session_are_given_away_again() -> None:
    study = make_study(audio=False)
    silent = take_part(study, "silent")
    go_silent(silent)
    second = take_part(study, "second")
    third = take_part(study, "third")
    held = Counter(
        Trial.objects.filter(participant__in=[second, third], role="scored").values_list("item_id", flat=True)
    )
    assert len(held) == 12


def test_trials_that_a_silent_session_completed_stay_counted() -> None:
    study = make_study(audio=False)
    silent = take_part(study, "silent")
    kept = silent.trials.filter(role="scored").first()
    Trial.objects.filter(pk=kept.pk).update(completed_at=timezone.now())
    go_silent(silent)
    second = take_part(study, "second")
    fills = {entry["item"]: entry["filled"] for entry in second.draw["inputs"]["scored_items"]}
    assert [item for item, filled in fills.items() if filled] == [kept.item.position]


def test_test_people_take_no_place_and_no_item() -> None:
    study = make_study(audio=False, recruitment={"target_participants": 1, "completion_url": ""})
    take_part(study, "preview", is_test=True)
    counted = take_part(study, "real")
    assert all(not entry["filled"] for entry in counted.draw["inputs"]["scored_items"])
    assert counted.draw["place"] == 1


def test_the_withdrawn_give_back_their_place_and_their_items() -> None:
    study = make_study(audio=False, recruitment={"target_participants": 1, "completion_url": ""})
    withdraw_and_erase(take_part(study, "gone"))
    counted = take_part(study, "next")
    assert all(not entry["filled"] for entry in counted.draw["inputs"]["scored_items"])


def test_only_items_with_audio_are_drawn() -> None:
    study = make_study(audio=False, items=8)
    study.items.filter(position__in=[0, 1]).update(stimulus_ready_at=None)
    drawn = take_part(study, "one").trials.filter(role="scored").values_list("item__position", flat=True)
    assert sorted(drawn) == [2, 3, 4, 5, 6, 7]


def test_simulated_sessions_are_drawn_alike_again() -> None:
    def draws() -> list[tuple[int, bool]]:
        study = make_study(audio=False, simulated=True)
        return [(trial.item, trial.first_in_a) for trial in replay_session(take_part(study, "bot"))]

    assert draws() == draws()


def test_real_sessions_have_secret_seeds() -> None:
    study = make_study(audio=False)
    assert take_part(study, "one").draw["seed"] != take_part(study, "two").draw["seed"]
