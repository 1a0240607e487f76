"""Every rater in one line: how often they answered, whom they preferred, which side, how like the others, how fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from uuid import UUID

import numpy as np

from studyweb.dashboard.pair_trials import ballots_of, chosen
from studyweb.dashboard.sections.amounts import counted, percent
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.dashboard.sections.tracks import ends_of, one_by_one
from studyweb.stats.ballots import dense_codes
from studyweb.stats.raters import RaterProfile, rater_profiles
from studyweb.trials.models import Participant, Trial

KEY, TITLE = "raters", "Raters in numbers"


def raters_section(data: PairData) -> Section:
    """Profiles of everybody who counts. They describe: nobody is left out because of one."""
    trials = chosen(data.kept)
    if not trials:
        return Section(KEY, TITLE, f"Nobody has compared {data.first.label} with {data.second.label} yet.", (), ())
    units = dense_codes(np.array([trial.item for trial in trials], dtype=np.intp))
    profiles = rater_profiles(ballots_of(trials), units)
    people = sorted({trial.participant for trial in trials}, key=str)
    names = dict(Participant.objects.filter(study=data.study).values_list("pk", "public_id"))
    minutes = _minutes(data)
    raters = sorted(
        (
            (names[people[profile.participant]], profile, minutes.get(people[profile.participant]))
            for profile in profiles
        ),
        key=lambda rater: (rater[1].rate_for_first, rater[0]),
    )
    return Section(
        key=KEY,
        title=TITLE,
        sentence=_sentence(data, profiles),
        header=(
            *("Participant", "Answers", f"{data.first.label} preferred", "No preference", "Slot A preferred"),
            *("Like the others", "Minutes a trial"),
        ),
        rows=ends_of([_row(*rater) for rater in raters]),
        figure=one_by_one(
            data,
            "Preference rate and side, by participant",
            also_label="slot A preferred",
            lines=[(name, each.rate_for_first, each.n_answers, each.slot_a_share) for name, each, _ in raters],
        ),
        notes=(
            "No preference as half, in both rates. Like the others: of other people's answers about the same advices, "
            "the share on the same side. Minutes: median, breaks included.",
            "Nobody is left out because of these numbers; only rules declared in the study file do that.",
        ),
        numbers=_spread(profiles),
    )


def _minutes(data: PairData) -> dict[UUID, float]:
    """{participant: median time of their scored trials of this pair}."""
    systems = [data.first, data.second]
    rows = Trial.objects.filter(
        participant__study=data.study,
        role=Trial.Role.SCORED,
        started_at__isnull=False,
        completed_at__isnull=False,
        advice_a__system__in=systems,
        advice_b__system__in=systems,
    ).values_list("participant_id", "started_at", "completed_at")
    times: dict[UUID, list[float]] = defaultdict(list)
    for participant, started, completed in rows.order_by().iterator(5_000):
        if started is not None and completed is not None:
            times[participant].append((completed - started).total_seconds() / 60)
    return {participant: median(each) for participant, each in times.items()}


def _row(name: str, profile: RaterProfile, minutes: float | None) -> tuple[str, ...]:
    rates = (profile.rate_for_first, profile.tie_share, profile.slot_a_share, profile.alike)
    shown = ("" if rate is None else percent(rate) for rate in rates)
    return name, str(profile.n_answers), *shown, "" if minutes is None else f"{minutes:.1f}"


def _spread(profiles: Sequence[RaterProfile]) -> dict[str, float]:
    rates = [profile.rate_for_first for profile in profiles]
    low, middle, high = np.quantile(rates, [0.25, 0.5, 0.75])
    above = sum(rate > 0.5 for rate in rates)
    return {
        "n_raters": float(len(rates)),
        "rater_rate_quarter": float(low),
        "rater_rate_median": float(middle),
        "rater_rate_three_quarters": float(high),
        "raters_for_first": float(above),
        "raters_for_second": float(sum(rate < 0.5 for rate in rates)),
    }


def _sentence(data: PairData, profiles: Sequence[RaterProfile]) -> str:
    spread, answers = _spread(profiles), [profile.n_answers for profile in profiles]
    many = f"{min(answers)} to {max(answers)}" if min(answers) < max(answers) else f"{max(answers)}"
    return (
        f"Of {counted(len(profiles), 'participant')} with {many} answers each, {spread['raters_for_first']:.0f} "
        f"preferred {data.first.label} more often than not and {spread['raters_for_second']:.0f} {data.second.label}; "
        f"the middle half of their rates lies between {percent(spread['rater_rate_quarter'])} and "
        f"{percent(spread['rater_rate_three_quarters'])}."
    )
