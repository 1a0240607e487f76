"""`manage.py judge STUDY`: write the items a judge is asked about, and print what its verdicts are worth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyweb.dashboard.judge_rows import PairJudged, VerdictFileError, judge_items, judged_pairs, read_verdicts
from studyweb.dashboard.results import MaskedError
from studyweb.stats.agreement import AgreementReport
from studyweb.stats.intervals import Interval
from studyweb.stats.judge import AltTest, JudgeReport, PoweredEstimate
from studyweb.stats.not_fitted import NotFitted
from studyweb.studies.command_files import read_text_file, study_by_slug
from studyweb.studies.models import Study


class Command(BaseCommand):
    help = "A judge beside people: items for `python -m training judge`, and a report on its verdicts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--items", type=Path, metavar="FILE", help="write the scored items, advices nameless")
        what.add_argument("--verdicts", type=Path, metavar="FILE", help="compare verdicts with people's choices")

    def handle(self, *_args: Any, slug: str, items: Path | None, verdicts: Path | None, **_options: Any) -> None:
        study = study_by_slug(slug)
        try:
            if items is not None:
                self._write_items(study, items)
            if verdicts is not None:
                self._report(study, verdicts)
        except (MaskedError, VerdictFileError) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _write_items(self, study: Study, path: Path) -> None:
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in judge_items(study)]
        path.write_text("".join(lines), encoding="utf-8")
        self.stdout.write(f"{path}: {len(lines)} items")

    def _report(self, study: Study, path: Path) -> None:
        pairs = judged_pairs(study, read_verdicts(read_text_file(path), study))
        if study.is_simulated:
            self.stdout.write("SIMULATED: bots gave the answers.")
        for pair in pairs:
            self.stdout.write("\n".join(report_lines(pair)))


def report_lines(pair: PairJudged) -> Iterator[str]:
    """One pair's report as text."""
    data = pair.data
    yield f"{data.first.key} against {data.second.key}: the judge beside people, never pooled with them"
    if pair.consistent is not None:
        yield f"  same verdict in both orders  {_value(*pair.consistent)}"
    yield f"  missing verdicts             {pair.missing}"
    if pair.report is None:
        yield "  no item of this pair has a verdict"
        return
    yield from _beside_people(pair.report)


def _beside_people(report: JudgeReport) -> Iterator[str]:
    yield f"  items judged, choices        {report.n_items}, {report.n_choices}"
    for name, agreement in (("ties counted", report.with_ties), ("ties dropped", report.without_ties)):
        yield from _agreement_lines(name, agreement)
    yield f"  alt-test                     {_alt_test(report.alt_test)}"
    yield f"  prediction-powered rate      {_powered(report.powered)}"


def _agreement_lines(name: str, report: AgreementReport | NotFitted) -> Iterator[str]:
    if isinstance(report, NotFitted):
        yield f"  agreement, {name}      {report.reason}"
        return
    for label, key in (("agreement", "raw"), ("AC1", "ac1")):
        found = report.coefficients[key]  # type: ignore[index]
        value = found.note if found.value is None else _value(found.value, found.interval)
        yield f"  {f'{label}, {name}':28} {value} ({report.n_units} choices)"


def _alt_test(found: AltTest | NotFitted) -> str:
    if isinstance(found, NotFitted):
        return found.reason
    outcome = "passed" if found.passes else "not passed"
    return (
        f"{outcome}: stands in for {found.winning_rate:.0%} of {found.people} people, epsilon {found.epsilon:g}, "
        f"advantage {found.judge_advantage:.3f}"
    )


def _powered(found: PoweredEstimate | NotFitted) -> str:
    if isinstance(found, NotFitted):
        return found.reason
    return f"{_value(found.rate, found.interval)}; the judge alone {found.judge_rate:.3f} {found.note}".rstrip()


def _value(value: float, interval: Interval | None) -> str:
    return f"{value:.3f}" + (f" [{interval.low:.3f}, {interval.high:.3f}]" if interval else " (no interval)")
