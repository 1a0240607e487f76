"""`manage.py plan FILE`: what interval and what power a study file's design would give, by simulation."""

from __future__ import annotations

from argparse import SUPPRESS
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyweb.stats.answer_model import AnswerModel, AnswerModelError
from studyweb.stats.planning import STUDIES, Plan, PlanLine, plan_study
from studyweb.studies.command_files import read_text_file
from studyweb.studies.planned_design import planned_design, tracks_of_file
from studyweb.studies.problems import StudyFileError
from studyweb.studies.study_file import read_study_file

ASSUMPTIONS = {
    "rate": "preference rate that is assumed to be true, ties as half",
    "participant_sd": "how much people differ: standard deviation on the logit scale",
    "track_sd": "how much tracks differ: standard deviation on the logit scale",
    "tie_rate": "share of ties",
    "side_log_odds": "how much slot A attracts, on the logit scale",
}
DEFAULTS = AnswerModel(rate=0.6)
SIZES = {"participants": "people who start", "tracks": "tracks", "trials_each": "trials of the pair per person"}


class Command(BaseCommand):
    help = "Simulate a study file's design: precision first, then power, then the ceiling that its tracks set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        for name, what in ASSUMPTIONS.items():
            default = getattr(DEFAULTS, name)
            parser.add_argument(_flag(name), type=float, default=default, help=f"{what} (default: {default:g})")
        for name, what in SIZES.items():
            parser.add_argument(_flag(name), type=int, default=SUPPRESS, help=f"{what}, instead of the file's")
        parser.add_argument("--completion", type=float, default=1.0, help="share of people who complete (default: 1)")
        parser.add_argument("--studies", type=int, default=STUDIES, help=f"simulated studies a line ({STUDIES})")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same lines (default: 1)")

    def handle(self, *_args: Any, file: Path, studies: int, seed: int, **options: Any) -> None:
        if studies < 1 or seed < 0:
            raise CommandError("--studies must be at least 1 and --seed at least 0")
        try:
            content = read_study_file(read_text_file(file)).plan
            sizes = {name: options[name] for name in (*SIZES, "completion") if name in options}
            design = replace(planned_design(content, tracks=tracks_of_file(content)), **sizes)
            model = AnswerModel(**{name: options[name] for name in ASSUMPTIONS})
            primary, level = content["analysis"]["primary"], float(content["analysis"]["level"])
            plan = plan_study(design, model, estimand=primary["estimand"], level=level, studies=studies, seed=seed)
        except (StudyFileError, AnswerModelError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for line in plan_lines(plan):
            self.stdout.write(line)


def plan_lines(plan: Plan) -> list[str]:
    """A plan as text: its assumptions, a table, its notes."""
    model, planned = plan.model, plan.planned
    assumed = (
        f"Assumed: rate {model.rate:g}, SD of people {model.participant_sd:g} and of tracks {model.track_sd:g} "
        f"(logit), ties {model.tie_rate:g}, pull of slot A {model.side_log_odds:g}. Estimand {planned.estimand}, "
        f"{100 * planned.level:g} % interval, {planned.studies} simulated studies a line."
    )
    head = f"{'':24} {'people':>7} {'tracks':>7} {'half width':>11} {'(9 of 10)':>10} {'power':>6}"
    return [assumed, head, *(_row(title, line) for title, line in plan.lines), *plan.notes]


def _row(title: str, line: PlanLine) -> str:
    sizes = f"{line.design.participants:>7} {line.design.tracks:>7}"
    return f"{title:25}{sizes} {line.half_width:>11.3f} {line.half_width_90:>10.3f} {100 * line.power:>4.0f} %"


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
