"""Computes the results of this study from the files beside it, as the results page states them.

    python reproduce.py > numbers.csv

One line a number: first_system, second_system, quantity, value. Rates are for the first system. Needs pandas and scipy.
Variance: Cameron, Gelbach & Miller 2011, two-way by participant and track, each term with its factor G/(G-1), never
below either one-way variance; t with min(G) - 1 degrees of freedom; on the logit where an end would leave 0..1.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pandas
from read_export import read_table  # type: ignore[import-not-found]  # it lies beside this file in an export
from scipy import stats

Numbers = Iterator[tuple[str, float]]
TINY = 1e-15
FOR_A = {"a_clearly": 1.0, "a_slightly": 1.0, "no_preference": 0.5, "b_slightly": 0.0, "b_clearly": 0.0}
FOLDER = Path(__file__).parent


def one_way(residuals: pandas.Series, *groups: pandas.Series) -> float:
    """Variance of a mean whose rows are clustered."""
    sums = residuals.groupby(list(groups)).sum()
    return 0.0 if len(sums) < 2 else len(sums) / (len(sums) - 1) * (sums**2).sum() / len(residuals) ** 2


def variance_of(values: pandas.Series, rows: pandas.DataFrame, estimand: str) -> float:
    """The variance that the interval uses."""
    residuals = values - values.mean()
    people, tracks, cells = (
        one_way(residuals, *(rows[name] for name in names))
        for names in (["participant_id"], ["track_id"], ["participant_id", "track_id"])
    )
    used = people if estimand == "new_participants" else max(people + tracks - cells, people, tracks)
    for floor in (cells, values.var() / len(values) if len(values) > 1 else 0.0):
        used = floor if used <= TINY < floor else used
    return used


def interval_of(values: pandas.Series, rows: pandas.DataFrame, pair: Any, is_rate: bool) -> tuple[float, float]:
    """(low, high) of a mean, or two missing values where there can be none."""
    people, tracks = rows["participant_id"].nunique(), rows["track_id"].nunique()
    clusters = people if pair.estimand == "new_participants" else min(people, tracks)
    mean, tail = values.mean(), 0.5 + pair.level / 2
    if clusters < 2 or (values.nunique() == 1 and not (is_rate and mean in (0.0, 1.0))):
        return numpy.nan, numpy.nan
    if values.nunique() == 1:
        edge = float(stats.beta.ppf(1 - tail, people, 1))
        return (edge, 1.0) if mean == 1.0 else (0.0, 1.0 - edge)
    reach = stats.t.ppf(tail, clusters - 1) * numpy.sqrt(variance_of(values, rows, pair.estimand))
    if not is_rate or (mean - reach >= 0 and mean + reach <= 1):
        return mean - reach, mean + reach
    logit, reach = numpy.log(mean / (1 - mean)), reach / (mean * (1 - mean))
    return 1 / (1 + numpy.exp(reach - logit)), 1 / (1 + numpy.exp(-reach - logit))


def mean_of(name: str, values: pandas.Series, rows: pandas.DataFrame, pair: Any, is_rate: bool = True) -> Numbers:
    """A mean with its interval; nothing where nobody answered."""
    if len(values) == 0:
        return
    low, high = interval_of(values, rows, pair, is_rate)
    yield from ((name, values.mean()), (f"{name}.low", low), (f"{name}.high", high))


def scored_answers() -> pandas.DataFrame:
    """Answers in completed scored trials of participants whom no declared rule leaves out."""
    trials, people = read_table("trials", FOLDER), read_table("participants", FOLDER)
    completed = next(name for name in trials.columns if name.startswith("completed"))
    trials = trials[(trials["role"] == "scored") & trials[completed].notna()]
    trials = trials[trials["participant_id"].isin(people.loc[~people["excluded"], "participant_id"])]
    answers = read_table("answers", FOLDER)
    return answers.merge(trials[["trial_id", "advice_a", "advice_b", "system_a", "system_b"]], on="trial_id")


def of_pair(answers: pandas.DataFrame, pair: Any) -> pandas.DataFrame:
    """The answers in trials of a pair, with whether its first system was in slot A."""
    one, other = ((answers["system_a"] == name) & (answers["system_b"] == mate) for name, mate in both_ways(pair))
    rows = answers[one | other].assign(first_is_a=one[one | other].astype(bool))
    if pair.unreadable_advice == "excluded":
        advices = read_table("advices", FOLDER)
        unreadable = advices.loc[advices["not_actionable"].notna(), "advice_id"]
        rows = rows[~rows["advice_a"].isin(unreadable) & ~rows["advice_b"].isin(unreadable)]
    return rows


def both_ways(pair: Any) -> tuple[tuple[str, str], tuple[str, str]]:
    """The pair as it stands in slots A and B, and the other way round."""
    return (pair.first_system, pair.second_system), (pair.second_system, pair.first_system)


def numbers_of(answers: pandas.DataFrame, pair: Any) -> Numbers:
    """(quantity, value) of one pair."""
    rows = of_pair(answers, pair)
    choices = rows[rows["step"] == "final_choice"]
    for_a = choices["value"].map(FOR_A.__getitem__).astype(float)  # an unknown choice is an error, never a tie
    score = for_a.where(choices["first_is_a"], 1 - for_a)
    yield "n_answers", len(score)
    yield "n_participants", choices["participant_id"].nunique()
    yield "n_tracks", choices["track_id"].nunique()
    yield from (("wins", (score == 1).sum()), ("ties", (score == 0.5).sum()), ("losses", (score == 0).sum()))
    yield from mean_of("rate", score, choices, pair)
    yield from mean_of("decided_rate", score[score != 0.5], choices[score != 0.5], pair)
    yield from mean_of("tie_rate", (score == 0.5).astype(float), choices, pair)
    yield from mean_of("slot_a_rate", for_a, choices, pair)
    if len(score):
        yield "participant_weighted_rate", score.groupby(choices["participant_id"]).mean().mean()
    for name in rows.loc[rows["kind"] == "rating", "step"].str.removesuffix(".A").str.removesuffix(".B").unique():
        yield from mean_of(f"difference.{name}", *differences(rows, name), pair, is_rate=False)


def differences(rows: pandas.DataFrame, criterion: str) -> tuple[pandas.Series, pandas.DataFrame]:
    """First minus second system's rating in the trials in which both got a number, and those trials."""
    of_a, of_b = (
        pandas.to_numeric(rows[rows["step"] == f"{criterion}.{slot}"].set_index("trial_id")["value"], errors="coerce")
        for slot in "AB"
    )
    trials = rows.drop_duplicates("trial_id").set_index("trial_id")
    trials = trials.assign(difference=(of_a - of_b) * (2 * trials["first_is_a"] - 1)).dropna(subset=["difference"])
    return trials["difference"].astype(float), trials


def main() -> int:
    """Print every number of every pair."""
    answers = scored_answers()
    print("first_system,second_system,quantity,value")
    for pair in read_table("pairs", FOLDER).itertuples():
        for quantity, value in numbers_of(answers, pair):
            print(pair.first_system, pair.second_system, quantity, repr(float(value)), sep=",")
    return 0


if __name__ == "__main__":
    sys.exit(main())
