"""The sections of the model card that are prose around figures; every figure comes from data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.prompts import PROMPT_VERSION
from training.score_rows import Row
from training.score_tables import (
    NOTHING,
    db_with_interval,
    main_table,
    percent,
    share,
    share_with_interval,
    threshold_text,
)
from training.weights import Manifest, WeightsError

DIFFERENTIAL = "stems_ref / stems_ref / same_passage"
BASELINE = "mix / mix / none"

HEADER = """# Model card: the embedded demonstration models

Written by `python -m training card` from `training/shipped/`; do not edit by hand.

**What this is.** A tiny base of the real `Qwen2AudioForConditionalGeneration` class, pre-trained here from random
weights, and LoRA adapters on its language model:
{systems}

They make the whole path from stems to statistics run on a laptop without downloads. **They are a demonstration**:
trained on procedurally generated songs only, they say nothing about what 7B models reach on real music, and no claim
about mixing advice should rest on them.

**Licence.** MIT, like the code. No third-party audio or weights went in.
"""

HOW = """## How an answer is made
Clips are heard at {rate} kHz as log-mel (Whisper's formula, {bands} bands, frames of {hop_ms} ms, no normalisation:
+g dB shifts every value by g/40), {tokens} audio tokens for a clip of up to {window_s} s; shorter clips are repeated
to fill the window, longer ones are refused. Problem and reference clips are interleaved per stem. The model first
writes a *finding* (what it hears, and per stem how much louder (+) or softer (−) it is than it should be), then the
*advice*, the only text a producer sees. Both are shown as they are decoded; nothing corrects them. The wording is drawn
by seed and item, alike for all adapters. Decoding is greedy; rows marked *sampled* draw from the model's own
distribution by seed, leaving out tokens below a fifth of the likeliest one's probability.
"""

LEGEND = """Rows are named by what the adapter was trained on, what it is shown, and the kind of reference it gets.

- **found**: changed stems (3 dB or more) that are named with the right direction.
- **false alarms**: unchanged stems that are named. **specificity**: clean items for which nothing is advised.
- **dB error**: mean over all changed stems; a missed or unreadable one counts as 0 dB advised.
- **exact set**: items whose set of stems and directions is exactly right.
- **imbalance left**: RMS in dB over the audible stems once the advice is applied, after any common gain is removed;
  mean over all items. The row of the constant answer is what there was to begin with.
- **half are found at**: where a logistic curve over the size of all changes (its guess rate half the false alarms, its
  lapse fitted) reaches 50 %; *found of the largest* is what it levels off at.
- In brackets: 95 % intervals by resampling whole songs.
- `same_passage` has heard the answer: it is a ceiling, not a result that can be deployed.
- *reference shuffled*: the reference's audio is another song's. *trained shuffled*: in training too. *text only*: all
  clips are silent, in training too. `untuned`: the base without an adapter, which was never taught to advise.
"""

ROLES: Mapping[str, str] = {
    "stems_ref": "the differential multi-track model",
    "mix": "the MixAssist-style baseline",
    "stems": "stems without a reference",
    "mix_ref": "mix and reference mix",
    "text_only": "control: hears nothing",
    "stems_ref_shuffled": "control: its references were other items'",
}
SEED_SCORES: tuple[tuple[str, str, bool], ...] = (
    ("found", "found ≥ 3 dB", True),
    ("false_alarms", "false alarms", True),
    ("error_db", "dB error", False),
    ("specificity", "specificity", True),
    ("found_of_two", "two changes: found", True),
    ("false_alarms_of_two", "two changes: false alarms", True),
)


def system_list(adapters: Sequence[Manifest]) -> str:
    """What each adapter is."""
    ordered = sorted(adapters, key=lambda adapter: list(ROLES).index(adapter.name) if adapter.name in ROLES else 99)
    return "\n".join(f"- `{adapter.name}`: {ROLES.get(adapter.name, 'an adapter')}" for adapter in ordered)


def data_section(base: Manifest, scores: Mapping[str, Any]) -> str:
    """What the models were trained and scored on."""
    songs, task = base.training["config"]["songs"]["train"], scores["task"]
    lines = [
        "## Data",
        f"Songs of the procedural generator, version {base.generator_version}; balances vary from song to song as",
        f"`datagen/generator/levels.py` states. Training songs {songs}, two passages each; prompts of version",
        f"`{PROMPT_VERSION}`. The scores are of {scores['songs']} songs of the `{scores['split']}` split that no",
        f"training saw, {scores['items']} items a condition: {percent(task['clean_share'])} clean, otherwise one or",
        f"{task['max_stems']} of four stems changed by {task['smallest_db']:g} to {task['largest_db']:g} dB, problem",
        f"and reference at independent common levels of ±{task['level_range_db']:g} dB. All conditions get the same",
        "items.",
        *(_spread_line(spread) for spread in scores["spreads"]),
    ]
    return "\n".join([*lines, ""])


def _spread_line(spread: Mapping[str, Any]) -> str:
    return (
        f"- balance spread {spread['spread_db']:g} dB: the generator's factor {spread['factor']:g}, measured "
        f"{spread['measured_db']:g} dB on these {spread['songs']} songs; {spread['items']} items."
    )


def seeds_section(scores: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> str:
    """The range of the differential over runs that differ in their seed alone; empty where there are no others."""
    if not others:
        return ""
    runs = [scores, *others]
    rows = [row for run in runs for row in run["rows"] if row["condition"] == DIFFERENTIAL]
    seeds = [run["training_seeds"].get("stems_ref") for run in runs]
    if len(rows) != len(runs) or len(set(seeds)) != len(seeds):
        raise WeightsError(f"the scores of seeds {seeds} need one row each of {DIFFERENTIAL}, and seeds that differ")
    heads = ["score", *(f"seed {seed}" for seed in seeds), "range"]
    body = [_seed_row(rows, name, title, is_share=is_share) for name, title, is_share in SEED_SCORES]
    body.append(["half are found at", *(threshold_text(row["psychometric"]) for row in rows), NOTHING])
    table = "\n".join(f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *body])
    title = f"### The differential with {len(runs)} seeds\n`{DIFFERENTIAL}`; the first seed is the shipped one."
    return f"{title}\n\n{table}\n"


def _seed_row(rows: Sequence[Row], name: str, title: str, *, is_share: bool) -> list[str]:
    values = [row["scores"][name]["value"] for row in rows]
    if None in values:
        return [title, *([NOTHING] * len(values)), NOTHING]
    ends = min(values), max(values)
    written = [percent(value) if is_share else f"{value:.2f}" for value in (*values, *ends)]
    return [title, *written[: len(values)], " to ".join(written[len(values) :])]


def real_songs_section(kept: Mapping[str, Any] | None) -> str:
    """Every evaluation on recorded songs, in order; empty where nothing was kept."""
    if kept is None:
        return ""
    lines = ["### On recorded songs", "Every evaluation there was, oldest first; none of these songs chose anything."]
    for each in kept["evaluations"]:
        lines += [
            "",
            f"{each['when']}: `{each['recipes']}`, {'; '.join(each['tracks'])}.",
            "",
            main_table(each["rows"]),
        ]
    return "\n".join([*lines, ""])


def trials_section(trials: Mapping[str, Any] | None) -> str:
    """What was tried for every adapter, and how its full run went; empty where nothing was kept."""
    if trials is None:
        return ""
    rates = sorted({trial["learning_rate"] for trial in trials["trials"]})
    steps = sorted({trial["steps"] for trial in trials["trials"]})
    lines = [
        "### What was tried",
        f"Every adapter got the same {len(rates)} trials of {' or '.join(map(str, steps))} steps, scored by the",
        "loss on validation songs; losses of different adapters are of different answers and do not compare.",
        "",
        f"| adapter | {' | '.join(f'learning rate {rate:g}' for rate in rates)} |",
        "|---" * (len(rates) + 1) + "|",
    ]
    lines += [
        f"| `{name}` | {' | '.join(_last_loss(trials['trials'], name, rate) for rate in rates)} |"
        for name in dict.fromkeys(trial["adapter"] for trial in trials["trials"])
    ]
    return "\n".join([*lines, "", *_full_runs(trials["curves"])])


def _last_loss(trials: Sequence[Mapping[str, Any]], name: str, rate: float) -> str:
    return next(f"{t['curve'][-1][1]:.4f}" for t in trials if (t["adapter"], t["learning_rate"]) == (name, rate))


def _full_runs(curves: Mapping[str, Sequence[Sequence[float]]]) -> list[str]:
    if not curves:
        return []
    steps = sorted({int(step) for curve in curves.values() for step, _ in curve})
    slowest = max(curves, key=lambda name: 1 - curves[name][-1][1] / curves[name][-2][1])
    share_left = 1 - curves[slowest][-1][1] / curves[slowest][-2][1]
    lines = [
        f"All take {steps[-1]} steps. The slowest, `{slowest}`, gained {100 * share_left:.1f} % in the last "
        f"{steps[-1] - steps[-2]} of them. Validation loss by step:",
        "",
        f"| adapter | {' | '.join(map(str, steps))} |",
        "|---" * (len(steps) + 1) + "|",
    ]
    for name, curve in curves.items():
        losses = {int(step): loss for step, loss in curve}
        cells = [f"{losses[step]:.4f}" if step in losses else NOTHING for step in steps]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return [*lines, ""]


def probe_section(probe: Mapping[str, Any] | None, base: Manifest) -> str:
    """What a linear probe reads from the base; empty where it was not measured on this base."""
    if probe is None:
        return ""
    if probe["base"] != base.weights_sha256:
        raise WeightsError("probe.json is of another base; make it again with `python -m training probe --keep`")
    lines = [
        "### What a linear probe reads",
        f"Ridge regression on mean-pooled outputs, fitted on {probe['fitted_songs']} training songs, scored on "
        f"{probe['held_out_songs']} others: the level of a clip (dB re full scale), and how much louder one of a pair",
        "is than the other.",
        "",
        "| outputs of | what | R² | mean error, dB | error of the mean alone, dB |",
        "|---|---|---|---|---|",
    ]
    lines += [_probe_row(place, name, cell) for place, of in probe["places"].items() for name, cell in of.items()]
    return "\n".join([*lines, ""])


def _probe_row(place: str, name: str, cell: Mapping[str, Any]) -> str:
    interval = "" if cell["low"] is None else f" [{cell['low']:.2f}, {cell['high']:.2f}]"
    return f"| {place} | {name} | {cell['r2']:.3f} | {cell['error_db']:.2f}{interval} | {cell['guess_error_db']:.2f} |"


def limits_section(scores: Mapping[str, Any]) -> str:
    """What the figures do not say."""
    rows = {row["condition"]: row for row in scores["rows"]}
    lines = [
        "## Limits",
        "- Procedural songs only; four stems in a fixed order; the terse register only; the brief is not read.",
        "- Intervals cover songs and items, not training: runs with other seeds may differ by more.",
    ]
    lines += [_differential_limits(rows[DIFFERENTIAL])] if DIFFERENTIAL in rows else []
    lines += [_baseline_limits(rows[BASELINE])] if BASELINE in rows else []
    if scores["skipped"]:
        lines.append(f"- Not scored, for want of their adapters: {'; '.join(scores['skipped'])}.")
    return "\n".join([*lines, ""])


def _differential_limits(row: Row) -> str:
    cells = row["scores"]
    return (
        f"- The differential, given the answer, finds half of all changes at {threshold_text(row['psychometric'])}; "
        f"of items with two changed stems {share_with_interval(cells['found_of_two'])} are found."
    )


def _baseline_limits(row: Row) -> str:
    cells = row["scores"]
    return (
        f"- The baseline hears one mix: it finds {share(cells['found'])} and leaves an imbalance of "
        f"{db_with_interval(cells['residual_db'])} dB. It is an opponent of the same size and training, not an "
        "estimate of what a large single-mix model can do; even a perfect one could not know the intended balance."
    )
