"""A judge beside people: nameless items out, verdicts in, a report that is refused while the study is masked."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from studyweb.dashboard.judge_rows import VerdictFileError, judge_items, judged_pairs, read_verdicts
from studyweb.dashboard.results import MaskedError
from studyweb.studies.models import Advice, Study
from tests.studyweb.answering import small_study, somebody, unblinded

pytestmark = pytest.mark.django_db


def verdict_lines(study: Study, *, winner: str, orders: tuple[str, str] | None = None) -> str:
    """One verdict for every item of the primary pair, for the system that `winner` names; or `tie`, or `missing`."""
    lines = []
    for item in study.items.filter(role="scored"):
        ids = {advice.system.key: advice.public_id for advice in Advice.objects.filter(item=item)}
        # Written with the baseline first, so that the sides have to be turned.
        row: dict[str, Any] = {"first": ids["baseline"], "second": ids["differential"]}
        row["winner"] = {"differential": "second", "baseline": "first", "tie": "tie", "missing": None}[winner]
        if orders:
            row["orders"] = [{"winner": each} for each in orders]
        lines.append(json.dumps(row))
    return "\n".join(lines)


def test_items_name_no_system() -> None:
    study = unblinded(small_study())
    rows = list(judge_items(study))
    assert len(rows) == study.items.filter(role="scored").count()
    text = json.dumps(rows)
    assert not any(f'"{system.key}"' in text or system.label in text for system in study.systems.all())
    assert all(row["advices"] == sorted(row["advices"], key=lambda advice: advice["advice_id"]) for row in rows)


def test_agreement_is_whole_where_everybody_and_the_judge_choose_the_same() -> None:
    study = small_study()
    for _ in range(2):
        somebody(study)
    lines = verdict_lines(study, winner="differential", orders=("second", "second"))
    pair = judged_pairs(unblinded(study), read_verdicts(lines, study))[0]
    assert pair.report is not None
    assert pair.report.without_ties.coefficients["raw"].value == 1.0  # type: ignore[union-attr]
    assert pair.report.powered.rate == pytest.approx(1.0)  # type: ignore[union-attr]
    assert pair.consistent == (1.0, None)


def test_a_judge_that_prefers_the_other_system_disagrees_and_people_correct_its_rate() -> None:
    study = small_study()
    for _ in range(2):
        somebody(study)
    pair = judged_pairs(unblinded(study), read_verdicts(verdict_lines(study, winner="baseline"), study))[0]
    assert pair.report is not None
    assert pair.report.with_ties.coefficients["raw"].value == 0.0  # type: ignore[union-attr]
    assert pair.report.powered.judge_rate == 0.0  # type: ignore[union-attr]
    assert pair.report.powered.rate == pytest.approx(1.0)  # type: ignore[union-attr]


def test_missing_verdicts_are_counted_and_compared_with_nobody() -> None:
    study = small_study()
    somebody(study)
    pair = judged_pairs(unblinded(study), read_verdicts(verdict_lines(study, winner="missing"), study))[0]
    assert pair.report is None
    assert pair.missing == study.items.filter(role="scored").count()


def test_a_masked_study_is_refused() -> None:
    study = small_study()
    verdicts = read_verdicts(verdict_lines(study, winner="tie"), study)
    with pytest.raises(MaskedError):
        judged_pairs(study, verdicts)
    with pytest.raises(MaskedError):
        list(judge_items(study))


def test_every_bad_line_is_named() -> None:
    study = small_study()
    good = verdict_lines(study, winner="tie").split("\n")[0]
    row = json.loads(good)
    bad = [good, good, json.dumps({**row, "first": "nobody"}), json.dumps({**row, "winner": "A"}), "{}"]
    with pytest.raises(VerdictFileError) as refused:
        read_verdicts("\n".join(bad), study)
    assert [f"line {number}:" in str(refused.value) for number in range(1, 6)] == [False, True, True, True, True]


def test_the_command_writes_items_and_prints_the_report(tmp_path: Path) -> None:
    study = small_study()
    somebody(study)
    items, verdicts, shown = tmp_path / "items.jsonl", tmp_path / "verdicts.jsonl", StringIO()
    verdicts.write_text(verdict_lines(study, winner="differential", orders=("second", "tie")), encoding="utf-8")
    for name, path in (("items", items), ("verdicts", verdicts)):
        with pytest.raises(CommandError, match="masked"):
            call_command("judge", study.slug, f"--{name}", str(path))
    unblinded(study)
    call_command("judge", study.slug, items=items, stdout=shown)
    assert len(items.read_text().splitlines()) == study.items.filter(role="scored").count()
    call_command("judge", study.slug, verdicts=verdicts, stdout=shown)
    assert "same verdict in both orders  0.000" in shown.getvalue()
    assert "the alt-test needs 3 people" in shown.getvalue()
