"""Answer codes: what each is worth, and that an unknown one raises."""

import pytest

from studyweb.stats.codes import CHOICES, UnknownAnswerError, preference_for_first, score_of_preference


def test_a_clear_choice_of_b_counts_for_the_system_in_b():
    assert preference_for_first("b_clearly", first_is_a=False) == 2
    assert preference_for_first("b_clearly", first_is_a=True) == -2


def test_every_kind_of_no_preference_is_worth_one_half():
    assert score_of_preference(preference_for_first("no_preference", first_is_a=True)) == 0.5


@pytest.mark.parametrize("code", ["", "A", "a", "tie", "A_clearly", "both"])
def test_an_unknown_choice_raises_and_never_becomes_a_tie(code):
    with pytest.raises(UnknownAnswerError, match="expected one of"):
        preference_for_first(code, first_is_a=True)


def test_swapping_the_sides_turns_the_preference_round():
    assert [preference_for_first(c, first_is_a=True) for c in CHOICES] == [
        -preference_for_first(c, first_is_a=False) for c in CHOICES
    ]
