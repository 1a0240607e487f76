"""Is there no difference, but for a margin that the study file declares?"""

from __future__ import annotations

from studyweb.dashboard.pair_trials import ballots_of
from studyweb.dashboard.sections.amounts import basis, ends, in_brackets, percent, rate_span
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.equivalence import EquivalenceTest, equivalence_of
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import PreferenceEstimate, estimate_preference


def equivalence_sections(data: PairData) -> list[Section]:
    """Two one-sided tests of the primary rate; nothing for other pairs or where the study file declares no margin."""
    analysis = data.study.plan["analysis"]
    margin = analysis.get("equivalence_margin")
    if margin is None or {data.first.key, data.second.key} != set(analysis["primary"]["pair"]):
        return []
    ballots = ballots_of(data.kept)
    if analysis["ties"] == "excluded":
        ballots = ballots.subset(ballots.score != 0.5)
    estimate = estimate_preference(ballots, estimand=data.estimand, level=data.level)
    found = equivalence_of(estimate, margin=float(margin), level=data.level)
    is_tested = isinstance(found, EquivalenceTest)
    return [
        Section(
            key="equivalence",
            title="No difference, within the declared margin?",
            sentence=_sentence(data, estimate, found, margin=float(margin)),
            header=("Margin", "Rate", "Interval", "p (larger of both tests)") if is_tested else (),
            rows=(_row(found),) if isinstance(found, EquivalenceTest) else (),
            notes=(
                "Two one-sided t tests (Schuirmann 1987) with the rate's clustered variance, each at "
                f"{1 - data.level:.3g}. An interval that leaves the margin means unclear, not different.",
            ),
            numbers={"margin": float(margin), **_numbers(found)},
        )
    ]


def _row(found: EquivalenceTest) -> tuple[str, ...]:
    p_value = "< 0.001" if found.p_value < 0.001 else f"{found.p_value:.3f}"
    return _within(found.margin), percent(found.rate), rate_span(found.interval), p_value


def _numbers(found: EquivalenceTest | NotFitted) -> dict[str, float]:
    if isinstance(found, NotFitted):
        return {}
    return ends("equivalence_rate", found.rate, found.interval) | {"equivalence_p": found.p_value}


def _within(margin: float) -> str:
    return f"{percent(0.5 - margin)} to {percent(0.5 + margin)}"


def _sentence(
    data: PairData, estimate: PreferenceEstimate, found: EquivalenceTest | NotFitted, *, margin: float
) -> str:
    if isinstance(found, NotFitted):
        return f"Whether the rate lies within {_within(margin)} cannot be tested: {found.reason}."
    span = in_brackets(found.interval.level, rate_span(found.interval))
    people = basis(estimate.n_answers, estimate.n_participants, estimate.n_tracks)
    verdict = (
        f"{data.first.label} and {data.second.label} are equivalent"
        if found.is_equivalent
        else f"That {data.first.label} and {data.second.label} are equivalent is not shown"
    )
    return (
        f"{verdict} within the declared margin, {_within(margin)}: the rate is {percent(found.rate)} {span}, {people}."
    )
