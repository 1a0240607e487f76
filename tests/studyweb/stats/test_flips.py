"""What hearing changed: first choice against final choice."""

from studyweb.stats.flips import count_flips


def test_a_flip_is_only_between_opposite_sides() -> None:
    report = count_flips([(1, -2), (-1, 1), (1, 2), (0, 0), (1, 0), (0, -1)])
    assert (report.flips, report.flipped_to_first, report.flipped_to_second) == (2, 1, 1)
    assert (report.kept, report.undecided, report.decided_for_first, report.decided_for_second) == (2, 1, 0, 1)


def test_the_kinds_of_change_add_up_to_the_trials() -> None:
    every = [(first, final) for first in range(-2, 3) for final in range(-2, 3)]
    report = count_flips(every)
    parts = (report.kept, report.flips, report.decided_for_first, report.decided_for_second, report.undecided)
    assert sum(parts) == report.n_trials == 25


def test_no_trial_with_both_choices_is_all_zeros() -> None:
    assert count_flips([]).n_trials == 0
