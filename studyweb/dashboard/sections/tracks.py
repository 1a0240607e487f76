"""Every track by itself: as answered, and what a careful guess makes of so few answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from studyweb.dashboard.figures.shapes import CurveFigure, CurvePoint, CurveSeries, Figure, IntervalFigure, IntervalRow
from studyweb.dashboard.pair_trials import chosen
from studyweb.dashboard.sections.amounts import counted, percent
from studyweb.dashboard.sections.primary import ties_of
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.codes import score_of_preference
from studyweb.stats.mixed_logit import MixedLogit
from studyweb.stats.not_fitted import NotFitted

ORDINARY, SHRUNKEN = "as answered", "shrunken towards the average (mixed logit)"
Line = tuple[str, float, int, float | None]
"""Name, rate, answers, and a second rate."""
MOST_ROWS = 60
"""More tracks than this are drawn as a curve by rank, and the table holds the two ends."""


def track_section(data: PairData, model: MixedLogit | NotFitted) -> Section:
    """Every track's rate as answered and shrunken."""
    titles = dict(data.study.tracks.values_list("pk", "title"))
    rates = _rates(data)
    shrunken = _shrunken(data, model)
    lines = sorted(((titles[int(key)], *rates[key], shrunken.get(key)) for key in rates), key=lambda line: -line[1])
    if not lines:
        return Section("tracks", "By track", "No track has an answer yet.", (), ())
    ahead = sum(rate > 0.5 for _, rate, *_ in lines)
    return Section(
        key="tracks",
        title="By track",
        sentence=f"{data.first.label} is ahead on {ahead} of {counted(len(lines), 'track')} that were met.",
        header=("Track", "Rate as answered", "Shrunken", "Answers"),
        rows=ends_of(
            [(name, percent(rate), "" if also is None else percent(also), str(n)) for name, rate, n, also in lines]
        ),
        figure=one_by_one(data, "Preference rate by track", also_label=SHRUNKEN, lines=lines),
        notes=("Few answers on a track scatter by chance: the shrunken rate is the better guess for the track.",),
    )


def _rates(data: PairData) -> dict[str, tuple[float, int]]:
    """{track: (mean score, answers)}, counted as the plan counts ties."""
    scores: dict[str, list[float]] = defaultdict(list)
    for trial in chosen(data.kept):
        preference = trial.preference("final_choice") or 0
        if preference or ties_of(data) == "half":
            scores[str(trial.track)].append(score_of_preference(preference))
    return {key: (sum(values) / len(values), len(values)) for key, values in scores.items()}


def _shrunken(data: PairData, model: MixedLogit | NotFitted) -> Mapping[str, float]:
    """{track: rate} of the mixed logit of decided answers, whose tracks are in the order of their keys as text."""
    if isinstance(model, NotFitted):
        return {}
    decided = sorted({str(trial.track) for trial in chosen(data.kept) if trial.preference("final_choice")})
    return dict(zip(decided, (float(rate) for rate in model.track_rates), strict=True))


def ends_of(rows: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """All rows, or the two ends of a table that would be too long."""
    if len(rows) <= MOST_ROWS:
        return tuple(rows)
    half, width = MOST_ROWS // 2, len(rows[0])
    between = (f"… {len(rows) - 2 * half} more, in the export …", *("" for _ in range(width - 1)))
    return (*rows[:half], between, *rows[-half:])


def one_by_one(data: PairData, title: str, *, also_label: str, lines: Sequence[Line]) -> Figure:
    """A row for each track or participant, their rate and a second one; by rank where there are too many for rows."""
    if len(lines) <= MOST_ROWS:
        return IntervalFigure(
            title=title,
            axis="share of final choices",
            left=f"{data.second.label} preferred",
            right=f"{data.first.label} preferred",
            rows=tuple(IntervalRow(name, rate, n_answers=n, also=also) for name, rate, n, also in lines),
            value_label=ORDINARY,
            also_label=also_label,
        )
    points = [CurvePoint(rank, rate, n_answers=n) for rank, (_, rate, n, _) in enumerate(lines, start=1)]
    others = [CurvePoint(rank, also) for rank, (*_, also) in enumerate(lines, start=1) if also is not None]
    return CurveFigure(
        title=title,
        x_axis="rank",
        y_axis="share of final choices",
        series=(CurveSeries(ORDINARY, tuple(points)), CurveSeries(also_label, tuple(others))),
    )
