"""The judge that needs no model: it reads the gain changes and knows the label."""

from __future__ import annotations

from datagen.corrections import residual_imbalance_db
from training.judge_items import JudgedAdvice, JudgeItem

TIE_WITHIN_DB = 0.5
"""Advices that leave the same imbalance within one step of the grid are as good as each other."""
RUBRIC_VERSION = "rubric-1"
_ROUNDING_DB = 1e-9


def imbalance_left_db(item: JudgeItem, advice: JudgedAdvice) -> float:
    """RMS over the audible stems after following the advice, any common gain taken off; unread advice moves nothing."""
    disturbance = {stem: -gain_db for stem, gain_db in item.correction_db.items()}
    applied = {stem: gain for stem, gain in (advice.changes_db or {}).items() if stem in item.stems}
    return float(residual_imbalance_db(disturbance, applied, item.stems))


def rubric_winner(item: JudgeItem, first: JudgedAdvice, second: JudgedAdvice) -> str:
    """`first`, `second` or `tie`: who leaves less imbalance, by more than TIE_WITHIN_DB."""
    lead_db = imbalance_left_db(item, second) - imbalance_left_db(item, first)
    if abs(lead_db) <= TIE_WITHIN_DB + _ROUNDING_DB:
        return "tie"
    return "first" if lead_db > 0 else "second"
