"""A judge's items and verdicts: what `python -m training judge` reads and writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studyweb.dashboard.pair_trials import chosen
from studyweb.dashboard.results import PRIMARY_QUESTION, MaskedError, pair_data_of
from studyweb.dashboard.sections.section import PairData
from studyweb.export.ids import track_id
from studyweb.stats.ballots import dense_codes
from studyweb.stats.intervals import Interval
from studyweb.stats.judge import JudgedChoices, JudgeReport, consistency, report_judge
from studyweb.studies.masking import is_hidden
from studyweb.studies.models import Advice, Item, Study

WINNERS = {"first": 1, "tie": 0, "second": -1}


class VerdictFileError(ValueError):
    """Verdicts that do not belong to the study; the message names every line."""


@dataclass(frozen=True)
class Verdict:
    """One verdict, by the advice ids it is about."""

    first: str
    second: str
    winner: int | None
    """1: first, -1: second, 0: neither; None where the judge failed."""
    orders: tuple[int, ...]
    """What each order said, where both were asked and read."""

    def for_first(self, first: str) -> int | None:
        """The winner as preference for the advice `first`."""
        return self.winner if self.winner is None or first == self.first else -self.winner


@dataclass(frozen=True)
class PairJudged:
    """A judge beside people on one pair of systems."""

    data: PairData
    report: JudgeReport | None
    """None where no item of the pair was judged."""
    consistent: tuple[float, Interval | None] | None
    """None where the judge was not asked in both orders."""
    missing: int


def judge_items(study: Study) -> Iterator[dict[str, Any]]:
    """The scored items with their advices, nameless and in the order of their random ids.

    Raises MaskedError while the study is masked: corrections and ids of advice would tell its arms.
    """
    _require_shown(study)
    items = study.items.filter(role=Item.Role.SCORED).prefetch_related("advices", "stems")
    for item in items.order_by("public_id"):
        yield {
            "item_id": item.public_id,
            "track_id": track_id(item.track_id),
            "brief": item.brief,
            "correction_db": item.correction,
            "stems": item.recipe.get("audible") or [stem.stem for stem in item.stems.all()],
            "levels": item.facts,
            "advices": [
                {"advice_id": advice.public_id, "text": advice.text, "changes_db": advice.changes}
                for advice in sorted(item.advices.all(), key=lambda advice: advice.public_id)
                if advice.text
            ],
        }


def _require_shown(study: Study) -> None:
    if is_hidden(study):
        raise MaskedError(f"{study.slug} is masked: a judge is asked before it opens, or once it is unblinded")


def read_verdicts(text: str, study: Study) -> dict[frozenset[str], Verdict]:
    """{both advice ids: verdict}. Raises VerdictFileError naming every line that is wrong."""
    known = set(Advice.objects.filter(item__study=study).values_list("public_id", flat=True))
    verdicts: dict[frozenset[str], Verdict] = {}
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                verdict = _verdict(json.loads(line), known)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                problems.append(f"line {number}: {f'{error} is missing' if isinstance(error, KeyError) else error}")
                continue
            if verdicts.setdefault(frozenset({verdict.first, verdict.second}), verdict) is not verdict:
                problems.append(f"line {number}: these two advices were judged before in this file")
    if problems or not verdicts:
        raise VerdictFileError("\n".join(problems) or "the file holds no verdict")
    return verdicts


def _verdict(row: Mapping[str, Any], known: set[str]) -> Verdict:
    first, second, winner = row["first"], row["second"], row["winner"]
    unknown = [str(name) for name in (first, second) if name not in known]
    if unknown or first == second:
        raise ValueError(f"no two advices of this study: {', '.join(unknown) or first}")
    if winner is not None and winner not in WINNERS:
        raise ValueError(f"winner is {winner!r:.40}, expected {', '.join(WINNERS)} or null")
    said = [order["winner"] for order in row.get("orders") or []]
    orders = tuple(WINNERS[each] for each in said) if len(said) == 2 and None not in said else ()
    return Verdict(first, second, None if winner is None else WINNERS[winner], orders)


def judged_pairs(study: Study, verdicts: Mapping[frozenset[str], Verdict]) -> list[PairJudged]:
    """Every declared pair with the judge beside people. Raises MaskedError while the study is masked."""
    _require_shown(study)
    return [_judged(data, verdicts) for data in pair_data_of(study)]


def _judged(data: PairData, verdicts: Mapping[frozenset[str], Verdict]) -> PairJudged:
    of_item = _verdicts_of_items(data, verdicts)
    read = {item: (value, track) for item, (verdict, value, track) in of_item.items() if value is not None}
    orders = [(verdict.orders, track) for verdict, _, track in of_item.values() if verdict.orders]
    return PairJudged(
        data=data,
        report=report_judge(_choices(data, read), level=data.level) if read else None,
        consistent=consistency([(o[0], o[1]) for o, _ in orders], [track for _, track in orders]) if orders else None,
        missing=len(of_item) - len(read),
    )


def _verdicts_of_items(
    data: PairData, verdicts: Mapping[frozenset[str], Verdict]
) -> dict[int, tuple[Verdict, int | None, int]]:
    """{item: (verdict, as preference for the pair's first system, track)}."""
    ids: dict[int, dict[int, str]] = {}
    tracks: dict[int, int] = {}
    found = Advice.objects.filter(item__study=data.study, system__in=[data.first, data.second]).select_related("item")
    for advice in found.order_by("item_id"):
        ids.setdefault(advice.item_id, {})[advice.system_id] = advice.public_id
        tracks[advice.item_id] = advice.item.track_id
    judged = {}
    for item, both in ids.items():
        verdict = verdicts.get(frozenset(both.values())) if len(both) == 2 else None
        if verdict is not None:
            judged[item] = (verdict, verdict.for_first(both[data.first.pk]), tracks[item])
    return judged


def _choices(data: PairData, read: Mapping[int, tuple[int, int]]) -> JudgedChoices:
    trials = [trial for trial in chosen(data.kept) if trial.item in read]
    values, tracks = (np.array(column, dtype=np.intp) for column in zip(*read.values(), strict=True))
    people = {person: code for code, person in enumerate(sorted({trial.participant for trial in trials}))}
    all_tracks = {track: code for code, track in enumerate(sorted(set(tracks.tolist())))}
    choices = [int(np.sign(trial.preference(PRIMARY_QUESTION) or 0)) for trial in trials]
    return JudgedChoices(
        choice=np.array(choices, dtype=np.intp),
        verdict=np.array([read[trial.item][0] for trial in trials], dtype=np.intp),
        item=dense_codes(np.array([trial.item for trial in trials], dtype=np.intp)),
        participant=np.array([people[trial.participant] for trial in trials], dtype=np.intp),
        track=np.array([all_tracks[trial.track] for trial in trials], dtype=np.intp),
        every_verdict=values,
        every_track=np.array([all_tracks[track] for track in tracks.tolist()], dtype=np.intp),
    )
