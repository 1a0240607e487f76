"""The figures of a report about recipes: each a chart, a caption that says what to see, and a table of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from datagen.excerpt_facts import ACTIVE_ABOVE_LUFS, MIN_ACTIVE_SHARE, MIN_LEVEL_LU
from datagen.recipe_counts import RecipeCounts, gain_counts, level_differences, level_table
from datagen.recipe_table import TableInfo
from datagen.report_page import db_text, share_text, stem_name, table
from datagen.svg_bars import bar_chart, column_chart

KIND_MEANING: Mapping[str, str] = {
    "same_passage": "the excerpt itself, balanced: the answer, so a ceiling",
    "other_passage": "another passage of the same song, balanced",
    "previous_version": "the excerpt in an earlier approved balance",
    "other_song": "a finished song of the same genre",
    "none": "no reference",
}
MOST_ROWS = 12
"""A chart of texts shows this many; the rest are one row."""
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Figure:
    """One figure; without a chart its caption says everything."""

    title: str
    says: str
    chart: str = ""
    numbers: str = ""
    """The table below it, as HTML."""


def figures_html(figures: Iterable[Figure]) -> str:
    """Figures side by side, numbered, and below them what needs no chart."""
    charts: list[str] = []
    plain: list[str] = []
    for figure in figures:
        if not figure.chart:
            plain.append(f"<p><strong>{escape(figure.title)}.</strong> {escape(figure.says)}</p>")
            continue
        number = len(charts) + 1
        charts.append(
            f"<figure>{figure.chart}<figcaption><strong>Figure {number}. {escape(figure.title)}.</strong> "
            f'{escape(figure.says)}</figcaption><details class="figure-table"><summary>Numbers of figure {number}'
            f"</summary>{figure.numbers}</details></figure>"
        )
    return f'<div class="charts">{"".join(charts)}</div>{"".join(plain)}'


def recipe_figures(counts: RecipeCounts, info: TableInfo) -> tuple[Figure, ...]:
    """Every figure of a file of recipes, in reading order."""
    return (
        gains_figure(counts, info),
        changed_figure(counts, info),
        stems_figure(counts, info),
        audible_figure(counts, info),
        levels_figure(counts),
        kinds_figure(counts, info),
        text_figure("Genre", "genre", counts.texts["genre"]),
        text_figure("Section", "section", counts.texts["section"]),
        text_figure("What should lead", "leading stem", _spoken(counts.texts["lead"])),
    )


def gains_figure(counts: RecipeCounts, info: TableInfo) -> Figure:
    """Size and direction of the disturbance."""
    title, gains = "Size and direction of the disturbance", gain_counts(counts)
    total = counts.gains.total()
    if not total:
        return Figure(title, "No stem of any recipe was changed.")
    sizes_db = sorted(abs(gain_db) for gain_db in counts.gains.elements())
    louder = sum(n for gain_db, n in gains.items() if gain_db > 0)
    says = (
        f"{total:,} stems were changed, each by one of these gains; {share_text(louder, total)} were made louder"
        f"{_asked(info, 'up_share')}. Half of the changes are {sizes_db[total // 2]:g} dB or smaller. "
        "Changes of both directions should be equally likely at every size, unless the settings say otherwise."
    )
    labels = {("0" if gain_db == 0 else f"{gain_db:+g}".replace("-", "−")): float(n) for gain_db, n in gains.items()}
    chart = column_chart(title, labels, x_label="gain of the disturbance, dB", y_label="changed stems")
    rows = [
        (f"{gain_db:g} dB", f"{gains[-gain_db]:,}", f"{gains[gain_db]:,}", f"{gains[-gain_db] + gains[gain_db]:,}")
        for gain_db in gains
        if gain_db > 0
    ]
    head = ("Size", "Quieter", "Louder", "Both")
    return Figure(title, says, chart, table(head, rows, label=title, numbers=(0, 1, 2, 3)))


def changed_figure(counts: RecipeCounts, info: TableInfo) -> Figure:
    """How many stems a recipe changes."""
    title = "Stems changed in a recipe"
    names = {0: "none (clean)", 1: "1 stem"}
    bars = {names.get(n, f"{n} stems"): counts.n_changed[n] for n in range(max(counts.n_changed) + 1)}
    says = (
        f"{share_text(counts.n_changed[0], info.count)} of the recipes are clean{_asked(info, 'clean_share')}. Clean "
        "recipes teach when to leave a mix alone. An excerpt with fewer than three audible stems is always clean, and "
        "two stems are changed only where four or more are audible: otherwise the label would not be unique."
    )
    return Figure(title, says, *_bars_and_table(title, bars, info.count, head="Changed"))


def stems_figure(counts: RecipeCounts, info: TableInfo) -> Figure:
    """Which stems are changed, and which way."""
    title, changed = "Which stem was changed, and which way", counts.changed
    if not changed:
        return Figure(title, "No stem of any recipe was changed.")
    bars = {stem_name(stem): (counts.quieter[stem], counts.louder[stem]) for stem in info.stems}
    shares = [100 * changed[stem] / counts.audible[stem] for stem in info.stems if counts.audible[stem]]
    says = (
        f"A stem is changed in {min(shares):.1f} to {max(shares):.1f} % of the recipes in which it can be heard. "
        "A stem changed much more often than the others, or mostly one way, could be guessed without listening."
    )
    chart = bar_chart(title, bars, series=("made quieter", "made louder"), total=info.count)
    rows = [
        (
            stem_name(stem),
            f"{counts.quieter[stem]:,}",
            f"{counts.louder[stem]:,}",
            f"{changed[stem]:,}",
            share_text(changed[stem], counts.audible[stem]),
        )
        for stem in info.stems
    ]
    head = ("Stem", "Quieter", "Louder", "Changed", "Of audible")
    return Figure(title, says, chart, table(head, rows, label=title, numbers=(1, 2, 3, 4)))


def audible_figure(counts: RecipeCounts, info: TableInfo) -> Figure:
    """Which stems can be heard."""
    title = "Which stems can be heard"
    number = ", ".join(
        f"{n} of {len(info.stems)} in {share_text(counts.n_audible[n], info.count)}"
        for n in sorted(counts.n_audible, reverse=True)
    )
    says = (
        f"Audible means: above {ACTIVE_ABOVE_LUFS:g} LUFS in at least {100 * MIN_ACTIVE_SHARE:g} % of the excerpt's "
        f"400 ms blocks, and at most {-MIN_LEVEL_LU:g} LU below the whole mix. Only audible stems are changed or "
        f"advised on. Audible stems: {number} of the recipes."
    ).replace("above -", "above −")
    bars = {stem_name(stem): counts.audible[stem] for stem in info.stems}
    return Figure(title, says, *_bars_and_table(title, bars, info.count, head="Stem"))


def levels_figure(counts: RecipeCounts) -> Figure:
    """Whether the common level gives the answer away."""
    title = "Problem level minus reference level"
    levels = level_table(counts)
    if not len(levels):
        return Figure(title, "No recipe has a reference, so there are no levels to compare.")
    problem, reference = np.repeat(levels[:, :2], levels[:, 2].astype(int), axis=0).T
    correlation = _correlation(problem, reference)
    says = (
        f"Common levels only, in columns of 1 dB; {len(problem):,} recipes with a reference. On average "
        f"{np.mean(problem - reference):+.2f} dB; the two levels correlate by {correlation}. They are drawn "
        "independently, so that being louder or quieter as a whole says nothing about the balance: expect a triangle "
        "around 0 and a correlation near 0."
    ).replace("-", "−")
    labels = {_signed(d): float(n) for d, n in level_differences(counts).items()}
    chart = column_chart(title, labels, x_label="difference, dB", y_label="recipes")
    rows = [
        _spread(*row) for row in (("Problem", problem), ("Reference", reference), ("Difference", problem - reference))
    ]
    head = ("Level", "Mean", "SD", "Least", "Most")
    return Figure(title, says, chart, table(head, rows, label=title, numbers=(1, 2, 3, 4)))


def kinds_figure(counts: RecipeCounts, info: TableInfo) -> Figure:
    """What the problem is compared with."""
    title, drawn = "Reference kind", counts.texts["reference_kind"]
    asked = dict(info.config.get("recipes", {}).get("reference_kinds", []))
    weights = sum(asked.values())
    kinds = [kind for kind in KIND_MEANING if drawn[kind] or asked.get(kind)]
    says = (
        "What the problem is compared with. A system that is shown the same passage has heard the answer. Where an "
        "excerpt cannot offer a kind, as in a song too short for another passage, the other kinds take its share."
    )
    rows = [
        (
            f"{_plain(kind)}: {KIND_MEANING[kind]}",
            f"{drawn[kind]:,}",
            share_text(drawn[kind], info.count),
            share_text(asked.get(kind, 0), weights),
        )
        for kind in kinds
    ]
    head = ("Kind", "Recipes", "Share", "Asked for")
    numbers = table(head, rows, label=title, numbers=(1, 2, 3))
    return Figure(title, says, bar_chart(title, {_plain(k): [drawn[k]] for k in kinds}, total=info.count), numbers)


def text_figure(title: str, what: str, counter: Counter[str]) -> Figure:
    """Recipes by genre, section or leading stem; a sentence where there is only one value."""
    total = counter.total()
    if len(counter) == 1:
        (only,) = counter
        if not only:
            return Figure(title, f"The sources name no {what}; the briefs of all {total:,} recipes do without one.")
        return Figure(title, f"The {what} of all {total:,} recipes is {_plain(only)}.")
    bars = {_plain(name) or NOT_KNOWN: n for name, n in counter.most_common(MOST_ROWS)}
    rest = dict(counter.most_common()[MOST_ROWS:])
    known = total - counter[""]
    values = len(counter) - ("" in counter)
    where = "every recipe" if known == total else f"{share_text(known, total)} of the recipes"
    says = f"Named in the brief of {where}; {values} different ones."
    chart, _ = _bars_and_table(
        title, bars | ({f"{len(rest)} others": sum(rest.values())} if rest else {}), total, head=""
    )
    _, numbers = _bars_and_table(
        title, {_plain(k) or NOT_KNOWN: n for k, n in counter.most_common()}, total, head=title
    )
    return Figure(title, says, chart, numbers)


def _bars_and_table(title: str, bars: Mapping[str, int], total: int, *, head: str) -> tuple[str, str]:
    rows = [(name, f"{n:,}", share_text(n, total)) for name, n in bars.items()]
    chart = bar_chart(title, {name: [n] for name, n in bars.items()}, total=total)
    return chart, table((head, "Recipes", "Share"), rows, label=title, numbers=(1, 2))


def _asked(info: TableInfo, setting: str) -> str:
    share = info.config.get("recipes", {}).get("disturbance", {}).get(setting)
    return "" if share is None else f" (asked for: {100 * share:g} %)"


def _correlation(first: np.ndarray, second: np.ndarray) -> str:
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return "nothing, as one of them is always the same"
    return f"{np.corrcoef(first, second)[0, 1]:+.3f}"


def _spread(name: str, levels_db: np.ndarray) -> Sequence[str]:
    least, most = db_text(float(levels_db.min().round(1))), db_text(float(levels_db.max().round(1)))
    return name, f"{levels_db.mean():+.2f} dB".replace("-", "−"), f"{levels_db.std():.2f} dB", least, most


def _signed(difference_db: int) -> str:
    return f"{difference_db:+d}".replace("-", "−") if difference_db else "0"


def _spoken(leads: Counter[str]) -> Counter[str]:
    return Counter({stem_name(lead) if lead else "": n for lead, n in leads.items()})


def _plain(name: str) -> str:
    return name.replace("_", " ")
