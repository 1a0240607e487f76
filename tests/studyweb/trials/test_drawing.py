"""Drawing sessions: balance over items, repeats, checks, and drawing again from what was stored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyweb.trials.drawing import (
    ALGORITHM,
    REPEAT_DISTANCE,
    DrawnTrial,
    SessionInputs,
    Wanted,
    draw_session,
    inputs_from_json,
    inputs_to_json,
    pair_name,
)
from studyweb.trials.item_choice import Candidate, DrawError
from studyweb.trials.minimisation import draw_minimised

PRIMARY, SECOND, CHECK = ("one", "two"), ("three", "two"), ("oracle", "nothing")
SEEDS = st.integers(0, 2**32).map(str)


def make_inputs(
    *, primary: int = 6, second: int = 2, tracks: int = 12, per_track: int = 1, meetings: int = 1, repeats: int = 1
) -> SessionInputs:
    pairs = [Wanted(PRIMARY, primary), *([Wanted(SECOND, second)] if second else [])]
    return SessionInputs(
        scored=tuple(pairs),
        checks=(Wanted(CHECK, 1, "oracle_against_nothing"),),
        practice=1,
        repeats=repeats,
        meetings_per_track=meetings,
        shares={"first_choice": 0.5, "scales": 0.5, "improvement": 0.5},
        scored_items=tuple(Candidate(item, item % tracks) for item in range(tracks * per_track)),
        check_items=(Candidate(1000, 1000),),
        practice_items=(Candidate(1001, 1001),),
    )


def filled_by(inputs: SessionInputs, session: list[DrawnTrial]) -> SessionInputs:
    """The inputs of the next session after this one."""
    meetings = {trial.item: pair_name(trial.pair) for trial in session if trial.role == "scored"}

    def count(candidate: Candidate) -> Candidate:
        pair = meetings.get(candidate.item)
        added = {pair: candidate.filled.get(pair, 0) + 1} if pair else {}
        return replace(candidate, filled={**candidate.filled, **added})

    return replace(inputs, scored_items=tuple(map(count, inputs.scored_items)))


@given(SEEDS, st.integers(1, 8), st.integers(0, 4), st.integers(0, 3))
def test_a_session_holds_what_the_design_asks_for(seed: str, primary: int, second: int, repeats: int) -> None:
    session = draw_session(make_inputs(primary=primary, second=second, repeats=repeats), seed=seed)
    roles = Counter(trial.role for trial in session)
    assert (roles["practice"], roles["check"], roles["scored"]) == (1, 1, primary + second)
    assert Counter(trial.pair for trial in session if trial.role == "scored")[PRIMARY] == primary
    assert session[0].role == "practice"
    scored_items = [trial.item for trial in session if trial.role == "scored"]
    assert len(set(scored_items)) == len(scored_items)


@given(SEEDS, st.integers(4, 12), st.integers(0, 3))
def test_repeats_are_swapped_and_far_from_their_first_showing(seed: str, primary: int, repeats: int) -> None:
    session = draw_session(make_inputs(primary=primary, second=0, repeats=repeats), seed=seed)
    for place, trial in enumerate(session):
        if trial.role != "repeat":
            continue
        assert trial.repeat_of is not None
        source = session[trial.repeat_of]
        assert source.role == "scored"
        assert place - trial.repeat_of >= REPEAT_DISTANCE
        assert (source.item, source.pair, source.asked) == (trial.item, trial.pair, trial.asked)
        assert source.first_in_a != trial.first_in_a
    assert sum(trial.role == "repeat" for trial in session) == repeats


@given(SEEDS)
def test_checks_come_neither_first_nor_last(seed: str) -> None:
    session = draw_session(make_inputs(repeats=0), seed=seed)[1:]
    assert session[0].role == session[-1].role == "scored"


@given(SEEDS)
def test_the_share_of_trials_that_ask_a_part_is_exact(seed: str) -> None:
    scored = [trial for trial in draw_session(make_inputs(), seed=seed) if trial.role == "scored"]
    for part in ("first_choice", "scales", "improvement"):
        assert sum(getattr(trial.asked, part) for trial in scored) == 4


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.sampled_from([(12, 1, 1, 6, 2), (6, 2, 1, 3, 1), (3, 4, 2, 4, 2), (1, 8, 8, 5, 0), (5, 3, 1, 4, 0)]))
def test_item_totals_differ_by_at_most_one_after_every_session(seed: str, shape: tuple[int, ...]) -> None:
    tracks, per_track, meetings, primary, second = shape
    inputs = make_inputs(tracks=tracks, per_track=per_track, meetings=meetings, primary=primary, second=second)
    for number in range(12):
        inputs = filled_by(inputs, draw_session(inputs, seed=f"{seed} {number}"))
        totals = [candidate.total for candidate in inputs.scored_items]
        assert max(totals) - min(totals) <= 1


def with_items_of_tracks(inputs: SessionInputs, sizes: Sequence[int]) -> SessionInputs:
    """The inputs with scored items of tracks of these sizes."""
    tracks = [track for track, size in enumerate(sizes) for _ in range(size)]
    return replace(inputs, scored_items=tuple(Candidate(item, track) for item, track in enumerate(tracks)))


def gaps_over_sessions(inputs: SessionInputs, *, sessions: int, seed: str, algorithm: str = ALGORITHM) -> list[int]:
    """The largest less the smallest item total after each session."""
    gaps = []
    for number in range(sessions):
        inputs = filled_by(inputs, draw_session(inputs, seed=f"{seed} {number}", algorithm=algorithm))
        totals = [candidate.total for candidate in inputs.scored_items]
        gaps.append(max(totals) - min(totals))
    return gaps


@st.composite
def tracks_that_can_keep_up(draw: st.DrawFn) -> tuple[list[int], int, int]:
    """(items of each track, meetings per track, trials of a session), no track with more than its meetings allow."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=10).filter(lambda sizes: len(set(sizes)) > 1))
    meetings = draw(st.integers(1, 2))
    most = min(sum(sizes), meetings * sum(sizes) // max(sizes), 12)
    return sizes, meetings, draw(st.integers(max(1, most - 2), most))


@settings(max_examples=80, deadline=None)
@given(SEEDS, tracks_that_can_keep_up(), st.integers(0, 1))
def test_totals_differ_by_at_most_one_wherever_tracks_of_unequal_sizes_can_keep_up(
    seed: str, shape: tuple[list[int], int, int], repeats: int
) -> None:
    sizes, meetings, trials = shape
    second = trials // 3
    inputs = make_inputs(primary=trials - second, second=second, meetings=meetings, repeats=repeats)
    assert max(gaps_over_sessions(with_items_of_tracks(inputs, sizes), sessions=16, seed=seed)) <= 1


@pytest.mark.parametrize("sizes", [[1] * 6 + [2] * 6, [2] * 7 + [1] * 3, [1] * 4 + [2] * 8 + [3] * 2])
def test_the_first_algorithm_left_gaps_of_two_where_the_present_one_leaves_one(sizes: list[int]) -> None:
    inputs = with_items_of_tracks(make_inputs(), sizes)
    old, new = (
        [gap for seed in "abc" for gap in gaps_over_sessions(inputs, sessions=24, seed=seed, algorithm=algorithm)]
        for algorithm in ("session-1", ALGORITHM)
    )
    assert (max(old), max(new)) == (2, 1)


def test_a_track_that_cannot_keep_up_is_met_in_every_session() -> None:
    inputs = with_items_of_tracks(make_inputs(), [4] + [1] * 10)
    for number in range(10):
        session = draw_session(inputs, seed=str(number))
        assert sum(trial.item < 4 for trial in session if trial.role == "scored") == 1
        inputs = filled_by(inputs, session)


def test_items_met_today_are_left_in_the_next_round_as_well() -> None:
    # Found by search: counting only what may still be met today ends a round with too few tracks here.
    inputs = with_items_of_tracks(make_inputs(primary=8, second=3, meetings=2), [1, 2, 3, 3, 3, 3, 3])
    assert max(gap for seed in "abcdefgh" for gap in gaps_over_sessions(inputs, sessions=40, seed=seed)) == 1


def test_pairs_meet_every_item_about_equally_often() -> None:
    inputs = make_inputs()
    for number in range(24):
        inputs = filled_by(inputs, draw_session(inputs, seed=str(number)))
    for pair, trials in ((PRIMARY, 6), (SECOND, 2)):
        counts = [candidate.filled.get(pair_name(pair), 0) for candidate in inputs.scored_items]
        assert sum(counts) == trials * 24
        assert max(counts) - min(counts) <= 2


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.lists(st.integers(0, 9), min_size=12, max_size=12))
def test_a_gap_only_shrinks(seed: str, uneven: list[int]) -> None:
    inputs = make_inputs()
    items = tuple(
        replace(each, filled={pair_name(PRIMARY): count})
        for each, count in zip(inputs.scored_items, uneven, strict=True)
    )
    inputs, gap = replace(inputs, scored_items=items), max(uneven) - min(uneven)
    for number in range(6):
        inputs = filled_by(inputs, draw_session(inputs, seed=f"{seed} {number}"))
        totals = [candidate.total for candidate in inputs.scored_items]
        assert max(totals) - min(totals) <= max(gap, 1)
        gap = max(totals) - min(totals)


@given(SEEDS)
def test_a_stored_session_is_drawn_again_alike(seed: str) -> None:
    inputs = make_inputs()
    stored = json.loads(json.dumps(inputs_to_json(inputs)))
    assert draw_session(inputs_from_json(stored), seed=seed) == draw_session(inputs, seed=seed)


def stored_by_the_first_algorithm() -> SessionInputs:
    shape = [(0, 2), (1, 1), (2, 1), (3, 2), (3, 1), (4, 1), (4, 2), (5, 1), (5, 1)]
    items = (Candidate(item, track, {pair_name(PRIMARY): met}) for item, (track, met) in enumerate(shape))
    return replace(make_inputs(primary=3, second=1), scored_items=tuple(items))


def test_a_session_of_the_first_algorithm_is_drawn_as_it_was_then() -> None:
    session = draw_session(stored_by_the_first_algorithm(), seed="stored", algorithm="session-1")
    assert [(trial.role, trial.item, trial.first_in_a) for trial in session] == [
        ("practice", 1001, True),
        ("scored", 2, True),
        ("scored", 1, False),
        ("check", 1000, False),
        ("scored", 8, True),
        ("scored", 5, False),
        ("repeat", 2, False),
    ]


def test_a_minimised_session_of_the_first_algorithm_is_drawn_as_it_was_then() -> None:
    counts = {"role": {"0": [3, 1], "4": [0, 2]}}
    inputs = stored_by_the_first_algorithm()
    session, _ = draw_minimised(inputs, seed="stored", counts=counts, algorithm="session-1")
    assert [(trial.role, trial.item, trial.first_in_a) for trial in session] == [
        ("practice", 1001, False),
        ("scored", 5, True),
        ("scored", 2, False),
        ("scored", 1, False),
        ("check", 1000, False),
        ("repeat", 5, False),
        ("scored", 7, True),
    ]


@given(SEEDS)
def test_with_one_item_on_each_track_both_algorithms_draw_alike(seed: str) -> None:
    inputs = make_inputs()
    assert draw_session(inputs, seed=seed, algorithm="session-1") == draw_session(inputs, seed=seed)


def test_an_unknown_algorithm_is_a_named_error() -> None:
    with pytest.raises(DrawError, match="drawn by 'session-0'; this version replays session-1, session-2"):
        draw_session(make_inputs(), seed="x", algorithm="session-0")


def test_too_few_tracks_are_a_named_error() -> None:
    with pytest.raises(DrawError, match="8 trials are asked for, but only 3 items can be met"):
        draw_session(make_inputs(tracks=3, per_track=4), seed="x")


def test_a_missing_check_item_is_a_named_error() -> None:
    with pytest.raises(DrawError, match="no item for check oracle_against_nothing"):
        draw_session(replace(make_inputs(), check_items=()), seed="x")
