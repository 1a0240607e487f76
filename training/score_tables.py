"""The scores as Markdown tables: the same text on the terminal and in the model card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datagen.disturbances import MAGNITUDES_DB as DISTURBANCES_DB
from training.metrics import MAGNITUDES_DB, ROUNDS
from training.score_rows import Row

Cell = Mapping[str, Any]
NOTHING = "–"
FIRST_COLUMN = "trained on / shown / reference"


def score_tables(scores: Mapping[str, Any]) -> str:
    """Every table of a set of scores, with its headings."""
    parts = [
        ("Every condition", main_table(scores["rows"])),
        ("By the size of the change", size_table(scores["rows"])),
        ("By stem", stem_table(scores["rows"])),
        ("Advice applied and asked for again", rounds_table(scores["rows"])),
    ]
    if scores["spreads"]:
        parts.append(("At other balance spreads", spread_table(scores["spreads"])))
    return "\n".join(f"### {title}\n{table}\n" for title, table in parts)


def main_table(rows: Sequence[Row]) -> str:
    """One row a condition: the headline scores, with intervals for the first four and the imbalance."""
    heads = [
        FIRST_COLUMN, "found ≥ 3 dB", "false alarms", "dB error", "specificity", "exact set",
        "two changes: found", "false alarms there", "unreadable", "imbalance left, dB",
    ]  # fmt: skip
    return _table(heads, [[row["condition"], *_main_cells(row["scores"])] for row in rows])


def _main_cells(scores: Mapping[str, Cell]) -> list[str]:
    return [
        share_with_interval(scores["found"]),
        share_with_interval(scores["false_alarms"]),
        db_with_interval(scores["error_db"]),
        share_with_interval(scores["specificity"]),
        share(scores["exact"]),
        share_with_interval(scores["found_of_two"]),
        share_with_interval(scores["false_alarms_of_two"]),
        share(scores["unreadable"]),
        db_with_interval(scores["residual_db"]),
    ]


def size_table(rows: Sequence[Row]) -> str:
    """Share of changes found at each size, and the 50 % threshold."""
    sizes = [f"{size:g}" for size in MAGNITUDES_DB]
    heads = [FIRST_COLUMN, *(f"{size} dB" for size in sizes), "half are found at", "found of the largest"]
    body = [[row["condition"], *(share(row["found_by_size"][size]) for size in sizes), *_curve(row)] for row in rows]
    return _table(heads, body)


def _curve(row: Row) -> list[str]:
    curve = row["psychometric"]
    if curve is None:
        return [NOTHING, NOTHING]
    return [threshold_text(curve), percent(1.0 - curve["lapse"]) if curve["threshold_db"] is not None else NOTHING]


def threshold_text(curve: Mapping[str, Any]) -> str:
    """The 50 % threshold in words: 0.85 dB [0.7, 1.0], or that it is above the largest size or below the smallest."""
    if curve["threshold_db"] is None:
        return f"not at {max(DISTURBANCES_DB):g} dB"
    if curve["threshold_db"] < min(DISTURBANCES_DB):
        return f"below {min(DISTURBANCES_DB):g} dB"
    text = f"{curve['threshold_db']:.2f} dB"
    if curve["interval_db"] is None:
        return text
    low, high = curve["interval_db"]
    return f"{text} [{low:.2f}, {'above 12' if high is None else f'{high:.2f}'}]"


def stem_table(rows: Sequence[Row]) -> str:
    """Per stem: found at 3 dB and more, false alarms, and dB error."""
    stems = list(dict.fromkeys(stem for row in rows for stem in row["found_by_stem"]))
    heads = [FIRST_COLUMN, *(f"{stem}: found, false alarms, dB error" for stem in stems)]
    return _table(heads, [[row["condition"], *(_stem_cell(row, stem) for stem in stems)] for row in rows])


def _stem_cell(row: Row, stem: str) -> str:
    cells = [row[name].get(stem) for name in ("found_by_stem", "false_alarms_by_stem", "error_db_by_stem")]
    return NOTHING if None in cells else f"{share(cells[0])}, {share(cells[1])}, {db(cells[2])}"


def rounds_table(rows: Sequence[Row]) -> str:
    """What is left of the imbalance after each round, and how many items ended with "nothing to change"."""
    names = [f"residual_{number + 1}_db" for number in range(ROUNDS)]
    heads = [
        FIRST_COLUMN,
        *(f"imbalance left after round {number + 1}, dB" for number in range(ROUNDS)),
        "ended with nothing to change",
    ]
    with_rounds = [row for row in rows if row["scores"]["stopped"]["value"] is not None]
    return _table(
        heads,
        [
            [row["condition"], *(db_with_interval(row["scores"][n]) for n in names), share(row["scores"]["stopped"])]
            for row in with_rounds
        ],
    )


def spread_table(spreads: Sequence[Mapping[str, Any]]) -> str:
    """One row a condition and spread: the headline scores."""
    heads = [FIRST_COLUMN, "balance spread", "found ≥ 3 dB", "false alarms", "dB error", "specificity"]
    conditions = list(dict.fromkeys(row["condition"] for spread in spreads for row in spread["rows"]))
    body = [
        [condition, f"{spread['spread_db']:g} dB", *_main_cells(row["scores"])[:4]]
        for condition in conditions
        for spread in spreads
        for row in spread["rows"]
        if row["condition"] == condition
    ]
    return _table(heads, body)


def share(cell: Cell) -> str:
    """A share in per cent."""
    return percent(cell["value"])


def percent(value: float | None) -> str:
    """A number between 0 and 1 in per cent."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def db(cell: Cell) -> str:
    """A number of dB."""
    return NOTHING if cell["value"] is None else f"{cell['value']:.2f}"


def share_with_interval(cell: Cell) -> str:
    """A share in per cent with its interval."""
    return _with_interval(cell, share(cell), lambda end: f"{100 * end:.1f}")


def db_with_interval(cell: Cell) -> str:
    """A number of dB with its interval."""
    return _with_interval(cell, db(cell), lambda end: f"{end:.2f}")


def _with_interval(cell: Cell, text: str, written: Callable[[float], str]) -> str:
    if cell["value"] is None or cell["low"] is None:
        return text
    return f"{text} [{written(cell['low'])}, {written(cell['high'])}]"


def _table(heads: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *body]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
