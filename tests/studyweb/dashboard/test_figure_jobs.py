"""The forest plot as a job: same data, same job, same bytes; withdrawn people take it along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studyweb.dashboard.figure_jobs import request_forest_figure
from studyweb.dashboard.results import results_of
from studyweb.export.outdated import figure_folder
from studyweb.jobs.models import Job
from studyweb.trials.your_data import withdraw_and_erase
from tests.studyweb.answering import small_study, somebody, unblinded, with_answers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_same_data_are_drawn_once() -> None:
    study = small_study()
    somebody(study)
    somebody(study, with_answers(final_choice="a_slightly"))
    study = unblinded(study)
    first, second = (request_forest_figure(study, results_of(study)) for _ in range(2))
    assert first.pk == second.pk
    assert Job.objects.filter(kind="figure").count() == 1


def test_other_data_are_another_figure(django_capture_on_commit_callbacks: Any) -> None:
    study = small_study()
    people = [somebody(study, with_answers(final_choice=choice)) for choice in ("a_slightly", "b_clearly")]
    study = unblinded(study)
    before = request_forest_figure(study, results_of(study))
    figure_folder(before.pk).mkdir(parents=True)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_and_erase(people[0])
    assert not figure_folder(before.pk).exists()
    assert not Job.objects.filter(pk=before.pk).exists()
    assert request_forest_figure(study, results_of(study)).payload != before.payload


def test_a_simulated_study_is_marked_on_its_figures() -> None:
    study = small_study(simulated=True)
    somebody(study)
    study = unblinded(study)
    assert request_forest_figure(study, results_of(study)).payload["is_simulated"] is True
