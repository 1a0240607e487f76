"""While a study is masked nothing names a system or lets it be inferred; and the check can fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studyweb.dashboard import items as items_page
from studyweb.dashboard.report_jobs import request_report
from studyweb.export import columns
from studyweb.export.columns import tables_of
from studyweb.export.csv_text import csv_lines
from studyweb.export.rows import rows_of
from studyweb.export.scope import project_scope
from studyweb.export.services import request_export
from studyweb.studies.models import Advice, Study, System
from studyweb.studies.services import close_study, unblind_study
from studyweb.trials.models import Trial
from tests.studyweb.answering import Choose, body, exported, read_archive, researcher, run, small_study, somebody

pytestmark = pytest.mark.django_db

PLANTED: tuple[dict[str, Any], ...] = (
    {
        "key": "zebra-one",
        "label": "Zebra Runner 9000",
        "kind": "model",
        "adapter": "quagga-weights",
        "trained_on": "stems_ref",
        "shown": "stems_ref",
        "reference_kind": "same_passage",
    },
    {"key": "okapi-two", "label": "Okapi Plain", "kind": "model", "adapter": "tapir", "trained_on": "mix"},
    {"key": "gnu-three", "label": "Gnu Alone", "kind": "model", "adapter": "gnu", "trained_on": "stems"},
    {"key": "yak-oracle", "label": "Yak the Knowing", "kind": "oracle"},
    {"key": "wombat-still", "label": "Wombat Still", "kind": "constant"},
)
NAMES = (
    "zebra-one",
    "Zebra Runner 9000",
    "quagga-weights",
    "okapi-two",
    "Okapi Plain",
    "tapir",
    "gnu-three",
    "Gnu Alone",
)
NAMES += ("yak-oracle", "Yak the Knowing", "wombat-still", "Wombat Still", "oracle_against_nothing", "same_passage")


def fails_some(trial: Trial, question: Any) -> str | None:
    """Chooses slot A and rates it higher, whatever stands there; comments without a name."""
    fixed = {"heard_more": "a", "comment": "nice", "final_choice": "a_clearly", "first_choice": "b_slightly"}
    if question["name"] in fixed:
        return fixed[question["name"]]
    return {"rating": "5", "keep": "partly"}.get(question["kind"])


@pytest.fixture
def study(settings: Any, tmp_path: Path) -> Study:
    """Two pairs that share a system, a check that somebody fails, an import in the log."""
    settings.MEDIA_ROOT = tmp_path
    made = small_study(
        systems=PLANTED,
        items=6,
        design={
            "trials": [
                {"pair": ["zebra-one", "okapi-two"], "count": 3},
                {"pair": ["gnu-three", "okapi-two"], "count": 2},
            ],
            "checks": [{"kind": "oracle_against_nothing", "pair": ["yak-oracle", "wombat-still"], "count": 1}],
        },
        analysis={
            "primary": {"pair": ["zebra-one", "okapi-two"], "estimand": "new_participants_and_tracks"},
            "ties": "half",
            "level": 0.95,
        },
        exclusions=[{"rule": "failed_checks", "at_least": 1}],
    )
    made.log.create(actor="tester", action="advice imported", detail={"system": "okapi-two", "count": 6})
    choose: Choose = fails_some
    for _ in range(2):
        somebody(made, choose)
    return made


def pages_of(study: Study) -> Iterator[tuple[str, str]]:
    """(address, text) of every page and API answer of a study; the page of its systems' names apart."""
    client = researcher(study)
    page, api = f"/research/{study.slug}", f"/api/studies/{study.slug}"
    for path in (
        "/research/",
        *(f"{page}/{name}/" for name in ("items", "results", "exports", "exports/list", "progress")),
    ):
        yield path, body(client, path)
    yield f"{page}/", without_systems_table(body(client, f"{page}/"))
    for path in ("/api/studies/", f"{api}/", f"{api}/progress/", f"{api}/codebook/", f"{api}/exports/"):
        yield path, body(client, path)
    for table in tables_of(masked=True):
        yield f"{api}/{table}.csv", body(client, f"{api}/{table}.csv")


def without_systems_table(page: str) -> str:
    """A study's page without the table of its systems, which repeats the researcher's own file."""
    stripped, count = re.subn(r"<h2>Systems</h2>.*?</table>", "", page, flags=re.DOTALL)
    assert count == 1
    return stripped


def archive_of(study: Study) -> Iterator[tuple[str, str]]:
    """(name, text) of every file of a fresh export, the researcher's own study file apart."""
    yield from ((name, text) for name, text in read_archive(exported(study)).items() if name != "study.yaml")


def told(texts: Iterator[tuple[str, str]], words: tuple[str, ...]) -> set[tuple[str, str]]:
    """(where, word) of every word that is found."""
    return {(where, word) for where, text in texts for word in words if word.lower() in text.lower()}


@pytest.mark.parametrize("state", ["open", "closed"])
def test_no_page_and_no_api_answer_names_a_system(study: Study, state: str) -> None:
    if state == "closed":
        study = close_study(study, actor="tester")
    assert told(pages_of(study), NAMES) == set()


def test_no_file_of_an_export_names_a_system(study: Study) -> None:
    assert told(archive_of(study), NAMES) == set()


def test_no_id_of_an_advice_is_given_away(study: Study) -> None:
    """An id that meets two others on one item belongs to the system that both pairs share."""
    ids = tuple(Advice.objects.filter(item__study=study).values_list("public_id", flat=True))
    assert told(pages_of(study), ids) == set()
    assert told(archive_of(study), ids) == set()


def test_exchanging_two_systems_changes_nothing_that_is_given_out(study: Study) -> None:
    def given_out() -> dict[str, list[str]]:
        masked = {name: columns.columns_of(name, masked=True) for name in tables_of(masked=True)}
        return {name: list(csv_lines(shown, rows_of(name, project_scope(study)))) for name, shown in masked.items()}

    before = given_out()
    first, second = (System.objects.get(study=study, key=key) for key in ("zebra-one", "okapi-two"))
    System.objects.filter(pk=first.pk).update(key="passing", position=99)
    System.objects.filter(pk=second.pk).update(key=first.key, position=first.position)
    System.objects.filter(pk=first.pk).update(key=second.key, position=second.position)
    assert given_out() == before


def test_results_figures_and_telling_tables_are_refused(study: Study) -> None:
    client = researcher(study)
    assert client.get(f"/api/studies/{study.slug}/results/").status_code == 403
    for table in ("systems", "advices", "exclusions"):
        assert client.get(f"/api/studies/{study.slug}/{table}.csv").status_code == 404


@pytest.mark.parametrize("column", ["system_a", "check_kind", "advice_a", "draw"])
def test_a_column_that_is_not_marked_is_caught(study: Study, monkeypatch: pytest.MonkeyPatch, column: str) -> None:
    unmarked = tuple(replace(each, arm=each.arm and each.name != column) for each in columns.TABLES["trials"])
    monkeypatch.setattr(columns, "TABLES", {**columns.TABLES, "trials": unmarked})
    ids = tuple(Advice.objects.filter(item__study=study).values_list("public_id", flat=True))
    assert told(archive_of(study), (*NAMES, *ids)) != set()


def test_a_page_that_shows_advices_is_caught(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items_page, "is_hidden", lambda _study: False)
    assert told(pages_of(study), NAMES) != set()


def test_once_unblinded_everything_is_there(study: Study) -> None:
    study = unblind_study(close_study(study, actor="tester"), actor="tester", reason="the end")
    client = researcher(study)
    run(request_report(study))
    for path in ("items/", "results/"):
        assert "Zebra Runner 9000" in body(client, f"/research/{study.slug}/{path}")
    assert "zebra-one" in body(client, f"/api/studies/{study.slug}/trials.csv")
    assert {"system_a", "exclusions"} <= {word for _, text in archive_of(study) for word in re.split(r"[,\s`]", text)}


def test_an_export_asked_for_while_masked_stays_masked(study: Study) -> None:
    job = request_export(study, actor="tester")
    unblind_study(close_study(study, actor="tester"), actor="tester", reason="the end")
    files = read_archive(run(job))
    assert "systems.csv" not in files
    assert "zebra" not in files["trials.csv"]
