"""The commands that score: evaluate, compare, probe, card."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.comparison import compare_conditions
from training.conditions import CONDITIONS, Condition
from training.evaluate import EvaluationSettings
from training.model_card import write_model_card
from training.probe import PROBE_FILE, probe_base
from training.recipe_scores import keep_evaluation, score_recipes
from training.score_check import Difference, are_exact, differences
from training.score_files import read_kept, read_scores, write_kept
from training.score_pictures import comparison_picture, psychometric_picture
from training.score_rows import SCORES_FILE
from training.score_tables import main_table, score_tables
from training.weights import WeightsError

TABLES_FILE, COMPARISON_FILE, PSYCHOMETRIC_FILE = "scores.md", "conditions.svg", "psychometric.svg"


class ScoresDifferError(ValueError):
    """Scores measured again are not those that were kept."""


def evaluate_command(options: argparse.Namespace) -> None:
    """Score some systems on a few songs, or on a file of recipes, and print the main table."""
    if options.recipes is not None:
        scores = score_recipes(options.recipes, adapter_conditions(options.systems), weights=options.weights)
        if options.keep:
            keep_evaluation(scores, options.weights)
        print(main_table(scores["rows"]))
        return
    settings = EvaluationSettings(split=options.split, songs=options.songs)
    scores = compare_conditions(
        options.weights,
        settings=settings,
        conditions=chosen_conditions(options.systems),
        spreads=False,
        processes=options.processes,
    )
    print(main_table(scores["rows"]))


def compare_command(options: argparse.Namespace) -> None:
    """Score every condition, write and print the tables, and keep the scores or check them against the kept ones.

    Raises ScoresDifferError with every cell that differs by more than the tolerance.
    """
    started = time.monotonic()
    scores = compare_conditions(
        options.weights,
        conditions=chosen_conditions(options.only),
        strict=options.strict,
        processes=options.processes,
    )
    write_comparison(scores, options.output)
    print(score_tables(scores))
    for label in scores["skipped"]:
        print(f"skipped, its adapter is not there: {label}")
    print(f"{time.monotonic() - started:.0f} s; tables, pictures and scores are in {options.output}")
    kept_path = options.weights / SCORES_FILE
    if options.keep:
        write_kept(scores, kept_path)
        print(f"kept as {kept_path}")
    else:
        print(checked(read_scores(kept_path), scores))


def chosen_conditions(systems: Sequence[str] | None) -> tuple[Condition, ...]:
    """The conditions of some systems, or some rows by name; all when none is named. Raises WeightsError for unknown
    ones."""
    known = list(dict.fromkeys(condition.system for condition in CONDITIONS))
    rows = {condition.label for condition in CONDITIONS}
    unknown = [name for name in systems or () if name not in known and name not in rows]
    if unknown:
        raise WeightsError(
            f"no condition is of {', '.join(unknown)}; expected some of {', '.join(known)}, or a row's whole name"
        )
    return tuple(c for c in CONDITIONS if not systems or c.system in systems or c.label in systems)


def adapter_conditions(systems: Sequence[str] | None) -> tuple[Condition, ...]:
    """Those of the conditions that an adapter answers by what it hears, greedily. Raises WeightsError."""
    chosen = chosen_conditions(systems)
    return tuple(c for c in chosen if c.adapter and not c.control and c.decoding == "greedy")


def write_comparison(scores: Mapping[str, Any], folder: Path) -> None:
    """Write scores, tables and pictures to a folder."""
    write_kept(scores, folder / SCORES_FILE)
    (folder / TABLES_FILE).write_text(score_tables(scores), encoding="utf-8")
    (folder / COMPARISON_FILE).write_text(comparison_picture(scores["rows"]), encoding="utf-8")
    (folder / PSYCHOMETRIC_FILE).write_text(psychometric_picture(scores["rows"]), encoding="utf-8")


def checked(kept: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    """What the check says when all is well. Raises ScoresDifferError with every cell that is not."""
    different = differences(kept, measured)
    if different:
        raise ScoresDifferError(_listed(different))
    return "the kept scores, exactly" if are_exact(kept, measured) else "the kept scores, within the tolerance"


def _listed(different: Sequence[Difference]) -> str:
    lines = "\n".join(f"- {each}" for each in different)
    return f"{len(different)} cells differ from the kept scores:\n{lines}"


def probe_command(options: argparse.Namespace) -> None:
    """Probe the base and print what was found; with --keep beside the weights, otherwise beside what was kept."""
    probe = probe_base(options.weights)
    kept = read_kept(options.weights, PROBE_FILE)
    for place, of in probe["places"].items():
        for name, cell in of.items():
            before = f", kept {kept['places'][place][name]['error_db']:.2f}" if kept else ""
            print(f"{place}, {name}: R² {cell['r2']:.3f}, mean error {cell['error_db']:.2f} dB{before}")
    if options.keep:
        write_kept(probe, options.weights / PROBE_FILE)


def card_command(options: argparse.Namespace) -> None:
    """Write the model card and its pictures."""
    write_model_card(options.weights, card=options.card)
