"""manage.py plan, as it is typed."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyweb.studies.planned_design import planned_design, primary_trials, tracks_of_file
from studyweb.studies.stems_study import demo_file
from studyweb.studies.study_file import read_study_file
from tests.studyweb.studies.example import EXAMPLE


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example as a file."""
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def plan(*arguments: object) -> list[str]:
    out = StringIO()
    call_command("plan", *map(str, arguments), "--studies", "40", stdout=out)
    return out.getvalue().splitlines()


def test_sizes_come_from_the_file() -> None:
    listed, by_rule = (read_study_file(text).plan for text in (EXAMPLE, demo_file("demo")))
    assert (tracks_of_file(listed), primary_trials(listed)) == (3, 2)
    design = planned_design(by_rule, tracks=tracks_of_file(by_rule))
    assert (design.participants, design.tracks, design.trials_each) == (24, 12, 6)


def test_it_prints_assumptions_lines_and_the_ceiling(example: Path) -> None:
    printed = plan(example, "--rate", 0.7)
    assert printed[0].startswith("Assumed: rate 0.7")
    assert printed[2].split()[:4] == ["This", "study", "12", "3"]
    assert [line.split()[0] for line in printed[2:8]] == ["This", "More", "More", "More", "More", "Many"]
    assert printed[-1].startswith("3 tracks are a ceiling")
    assert plan(example, "--rate", 0.7) == printed


def test_other_sizes_can_be_tried(example: Path) -> None:
    line = plan(example, "--participants", 30, "--tracks", 8, "--trials-each", 5, "--completion", 0.9)[2]
    assert line.split()[2:4] == ["30", "8"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rate", "1.2"), "the rate lies between"),
        (("--tracks", "1"), "at least two participants, two tracks"),
        (("--seed", "-1"), "--seed at least 0"),
    ],
)
def test_what_cannot_be_planned_is_refused(example: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        plan(example, *arguments)
