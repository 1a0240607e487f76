"""How far a program's reading of advice is from people's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyweb.stats.reading_error import CodedAdvice, reading_error

MOVES = st.none() | st.dictionaries(
    st.sampled_from(["drums", "bass", "vocals"]), st.integers(-24, 24).filter(bool).map(lambda n: n / 2)
)


def test_every_kind_of_error_is_counted_where_it_belongs() -> None:
    found = reading_error(
        [
            CodedAdvice(1, {"drums": -3.0}, {"drums": -3.0}),  # exact
            CodedAdvice(1, {"drums": 3.0}, {"drums": -3.0}),  # the other direction
            CodedAdvice(2, {"bass": -2.0}, {"bass": -3.5, "vocals": 1.0}),  # 1.5 dB off, one missed
            CodedAdvice(2, {"vocals": 2.0}, None),  # invented
            CodedAdvice(3, None, None),  # nothing to read for both
        ]
    )
    shares = (found.exact, found.flipped, found.missed, found.invented, found.error_db)
    assert [(share.count, share.of) for share in shares] == [(2, 5), (1, 4), (1, 4), (1, 4), (1.5, 2)]
    assert (found.n_advices, found.n_tracks) == (5, 3)


def test_nothing_to_change_is_not_the_same_as_not_actionable() -> None:
    assert reading_error([CodedAdvice(1, {}, None)]).exact.value == 0.0
    assert reading_error([CodedAdvice(1, {}, {})]).exact.value == 1.0


def test_the_interval_is_that_of_a_ratio_over_tracks() -> None:
    """By hand: tracks with 1 of 2, 2 of 2 and 0 of 1 exact; residuals -.2, .8, -.6; V = 3/2 * 1.04 / 25."""
    exact, wrong = {"drums": -3.0}, {"drums": -1.0}
    coded = [(1, exact), (1, wrong), (2, exact), (2, exact), (3, wrong)]
    found = reading_error([CodedAdvice(track, {"drums": -3.0}, moves) for track, moves in coded], level=0.5).exact
    assert found.value == pytest.approx(0.6)
    assert found.interval is not None
    reach = 0.816496580927726 * (1.5 * 1.04 / 25) ** 0.5  # t with 2 degrees of freedom at .75 is sqrt(2/3)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.6 - reach, 0.6 + reach))


def test_without_an_error_the_interval_is_exact_over_tracks() -> None:
    found = reading_error([CodedAdvice(track, {}, {}) for track in range(10)]).exact
    assert found.interval is not None
    assert found.interval.low == pytest.approx(0.025**0.1)
    assert found.interval.method == "exact binomial on 10 tracks"


def test_one_track_has_no_interval() -> None:
    found = reading_error([CodedAdvice(1, {}, {}), CodedAdvice(1, {}, None)]).exact
    assert found.interval is None
    assert found.note == "one track: no interval"


@given(st.lists(st.tuples(st.integers(0, 3), MOVES, MOVES), max_size=12))
def test_shares_stay_within_bounds_whatever_was_read(
    rows: list[tuple[int, dict[str, float] | None, dict[str, float] | None]],
) -> None:
    found = reading_error([CodedAdvice(*row) for row in rows])
    for share in (found.exact, found.flipped, found.missed, found.invented):
        assert share.value is None or 0.0 <= share.value <= 1.0
        assert share.interval is None or 0.0 <= share.interval.low <= share.interval.high <= 1.0
    assert (found.error_db.value is None) == (found.error_db.of == 0)
