"""An export is what is stored: rows, code book, checksums, texts that survive every reader."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from studyweb.export.columns import TABLES, columns_of
from studyweb.export.scope import Scope
from studyweb.export.services import archive_path
from studyweb.jobs.models import Job
from studyweb.studies.models import Study
from studyweb.trials.answers import store_answers
from studyweb.trials.models import Answer, Trial
from tests.factories import post, submission
from tests.studyweb.answering import (
    answer,
    clear_choice,
    exported,
    read_archive,
    rows_in,
    small_study,
    somebody,
    unblinded,
    with_answers,
)

pytestmark = pytest.mark.django_db

NASTY = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "'quoted",
    "NA",
    "None",
    "1e5",
    "007",
    "TRUE",
    'comma, "quotes"\nand a line break',
    "emoji 🎚 and \u2028 a line separator",
    "<b>bold</b>",
)


@pytest.fixture
def study() -> Study:
    """Two people who answered everything, unblinded."""
    made = small_study()
    for _ in range(2):
        somebody(made)
    return unblinded(made)


@pytest.fixture
def nasty() -> Study:
    """Comments that break careless readers, one a trial."""
    made = small_study(items=12, design={"trials": [{"pair": ["differential", "baseline"], "count": 12}]})
    texts = iter(NASTY)
    somebody(
        made,
        lambda trial, question: next(texts) if question["name"] == "comment" else clear_choice(trial, question),
    )
    return unblinded(made)


def test_answer_rows_are_the_stored_answers(study: Study) -> None:
    rows = rows_in(read_archive(exported(study))["answers.csv"])
    stored = Answer.objects.order_by("id").values_list("participant__public_id", "trial__public_id", "step", "value")
    assert [(row["participant_id"], row["trial_id"], row["step"], row["value"]) for row in rows] == list(stored)


def test_row_counts_of_the_job_are_those_of_the_files(study: Study) -> None:
    job = exported(study)
    files = read_archive(job)
    assert job.result is not None
    counted = {name: len(rows_in(files[f"{name}.csv"])) for name in TABLES}
    assert job.result["rows"] == counted
    assert all(f"`{name}`: {count} rows" in files["README.md"] for name, count in counted.items())


def test_every_file_has_its_checksum(study: Study) -> None:
    job = exported(study)
    with zipfile.ZipFile(archive_path(job.pk)) as archive:
        lines = archive.read("SHA256SUMS").decode().splitlines()
        sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
        assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
        for name, digest in sums.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest, name
    assert job.result is not None
    assert hashlib.sha256(archive_path(job.pk).read_bytes()).hexdigest() == job.result["sha256"]


@pytest.mark.parametrize("masked", [True, False])
def test_the_code_book_covers_every_column(masked: bool) -> None:
    made = small_study()
    somebody(made)
    files = read_archive(exported(made if masked else unblinded(made)))
    book = json.loads(files["codebook.json"])
    tables = {name.removesuffix(".csv") for name in files if name.endswith(".csv")} - {"codebook"}
    assert set(book) == tables
    flat = {(row["table"], row["column"]) for row in rows_in(files["codebook.csv"])}
    for table in tables:
        header = files[f"{table}.csv"].splitlines()[0].split(",")
        assert [column["name"] for column in book[table]] == header
        assert {(table, name) for name in header} <= flat
        assert all(column["meaning"] and f"| `{column['name']}` |" in files["codebook.md"] for column in book[table])


def test_the_first_column_is_named_exactly_participant_id(study: Study) -> None:
    with zipfile.ZipFile(archive_path(exported(study).pk)) as archive:
        assert archive.read("data/table-answers_data.csv").startswith(b"participant_id,")


def test_the_same_data_give_the_same_tables(study: Study) -> None:
    first, second = (read_archive(exported(study)) for _ in range(2))
    changing = {"looks.csv", "SHA256SUMS", "README.md"}  # the first export is itself a line of the log
    assert {name: text for name, text in first.items() if name not in changing} == {
        name: text for name, text in second.items() if name not in changing
    }


def test_preference_is_the_choice_with_its_side_undone(study: Study) -> None:
    rows = [row for row in rows_in(read_archive(exported(study))["answers.csv"]) if row["step"] == "final_choice"]
    scored = [row for row in rows if row["role"] == "scored"]
    assert {(row["first_system"], row["second_system"]) for row in scored} == {("differential", "baseline")}
    assert {row["preference"] for row in scored} == {"2"}
    assert {row["first_system_slot"] for row in scored} == {"A", "B"}
    assert all(row["value"] == f"{row['first_system_slot'].lower()}_clearly" for row in scored)


def test_an_answer_says_about_whose_advice_it_is_and_what_could_be_heard(study: Study) -> None:
    files = read_archive(exported(study))
    systems = {row["advice_id"]: row["system"] for row in rows_in(files["advices.csv"])}
    kept = [row for row in rows_in(files["answers.csv"]) if row["step"].startswith("keep.")]
    assert kept
    for row in kept:
        assert systems[row["advice_id"]] == row["system"]
        assert row["value"] == ("yes" if row["system"] in ("differential", "oracle") else "no")
        assert set(json.loads(row["gains_db"])) == {"A", "B"}
        assert (row["heard_problem_s"], row["switches"], row["gate_met"]) == ("4.0", "2", "true")


def test_a_corrected_answer_leaves_its_old_value_in_revisions() -> None:
    made = small_study()
    person = somebody(made, trials=0)
    trial = person.trials.order_by("position")[0]
    store_answers(trial, submission(post("describes.A", "6")))
    store_answers(trial, submission(post("describes.A", "1", revision=2)))
    files = read_archive(exported(made))
    current = [row for row in rows_in(files["answers.csv"]) if row["step"] == "describes.A"]
    old = rows_in(files["revisions.csv"])
    assert [(row["value"], row["revision"]) for row in current] == [("1", "2")]
    assert [(row["step"], row["revision"]) for row in old] == [("describes.A", "1")]
    assert old[0]["hash"] != current[0]["hash"]


def test_formulas_are_inert_and_the_original_text_is_kept(nasty: Study) -> None:
    files = read_archive(exported(nasty))
    cells = [row["value"] for row in rows_in(files["answers.csv"]) if row["step"] == "comment"]
    assert len(cells) == len(NASTY)
    assert not [cell for cell in cells if cell[0] in "=+-@"]
    originals = [json.loads(line)["value"] for line in files["texts.jsonl"].split("\n") if line]
    assert originals == list(NASTY)


def test_a_guarded_cell_is_one_row_in_the_file_whatever_it_holds(nasty: Study) -> None:
    files = read_archive(exported(nasty))
    assert len(rows_in(files["answers.csv"])) == Answer.objects.count()


def test_pandas_reads_the_same_rows(nasty: Study, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    with zipfile.ZipFile(archive_path(exported(nasty).pk)) as archive:
        archive.extractall(tmp_path / "export")
    plain = pandas.read_csv(tmp_path / "export" / "data" / "table-answers_data.csv")
    assert len(plain) == Answer.objects.count()
    assert plain.columns[0] == "participant_id"
    scored = plain[(plain.step == "final_choice") & (plain.role == "scored")]
    assert scored.preference.tolist() == [2] * 12


def test_the_reader_in_the_archive_gives_types_and_texts_back(
    nasty: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pandas")
    folder = tmp_path / "export"
    with zipfile.ZipFile(archive_path(exported(nasty).pk)) as archive:
        archive.extractall(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "read_export", raising=False)
    import read_export  # type: ignore[import-not-found]

    answers = read_export.read_table("answers", folder)
    comments = answers[answers.step == "comment"].value.tolist()
    assert comments == [text.replace("\u2028", "\n") for text in NASTY]
    assert str(answers.received_at.dtype).startswith("datetime64")
    assert answers.gate_met.tolist() == [True] * len(answers)
    assert set(answers[answers.step == "final_choice"].preference.dropna()) == {2}
    for name in TABLES:
        text = (folder / "data" / f"table-{name}_data.csv").read_text()
        assert len(read_export.read_table(name, folder)) == len(rows_in(text)), name


def test_what_a_page_claims_to_have_noted_is_only_taken_as_a_number() -> None:
    made = small_study()
    person = somebody(made, trials=0)
    trial = person.trials.order_by("position")[0]
    lies = {"heard_s": {"A": "=1+1", "B": [], "problem": True}, "switches": "many", "gate_met": "yes", "ms_on_step": {}}
    store_answers(trial, submission(post("describes.A", "1"), **lies))
    row = rows_in(read_archive(exported(made))["answers.csv"])[0]
    names = ("heard_a_s", "heard_b_s", "heard_problem_s", "switches", "gate_met", "ms_on_step")
    assert [row[name] for name in names] == [""] * len(names)


def test_every_answers_trial_and_every_trials_participant_is_in_the_export() -> None:
    made = small_study()
    somebody(made, trials=2)
    somebody(made)
    files = read_archive(exported(made))
    trials = {row["trial_id"]: row["participant_id"] for row in rows_in(files["trials.csv"])}
    people = {row["participant_id"] for row in rows_in(files["participants.csv"])}
    assert all(trials[row["trial_id"]] == row["participant_id"] for row in rows_in(files["answers.csv"]))
    assert set(trials.values()) == people


def test_a_repeat_names_the_trial_it_repeats() -> None:
    made = small_study(
        items=5, design={"trials": [{"pair": ["differential", "baseline"], "count": 5}], "repeats": 1, "checks": []}
    )
    somebody(made)
    rows = rows_in(read_archive(exported(unblinded(made)))["trials.csv"])
    repeat = next(row for row in rows if row["role"] == "repeat")
    first = next(row for row in rows if row["trial_id"] == repeat["repeat_of"])
    assert (repeat["advice_a"], repeat["advice_b"]) == (first["advice_b"], first["advice_a"])


def test_a_simulated_study_says_so_in_its_export() -> None:
    made = small_study(simulated=True)
    assert "SIMULATED DATA" in read_archive(exported(made))["README.md"]


def test_a_participants_own_words_and_consents_are_in_the_export(study: Study) -> None:
    person = study.participants.first()
    assert person is not None
    person.background = {"years_mixing": "3_to_5", "role": "producer", "listening": "headphones", "device": "=HD 600"}
    person.closing = {"task_clear": "6", "comment": "fine"}
    person.save()
    row = rows_in(read_archive(exported(study))["participants.csv"])[0]
    assert (row["years_mixing"], row["device"], row["task_clear"]) == ("3_to_5", "'=HD 600", "6")
    assert json.loads(row["consents"]) == {"take_part": True, "publish_answers": True}
    assert row["completion_code"] == person.completion_code


def test_a_failed_write_leaves_no_file_behind(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    from studyweb.export import rows
    from studyweb.export.services import request_export
    from tests.studyweb.answering import run

    def broken(_scope: Scope) -> Any:
        raise ValueError("the row is broken")

    monkeypatch.setattr(rows, "CHUNKS", {**rows.CHUNKS, "trials": broken})
    job = run(request_export(study, actor="tester"))
    assert (job.state, job.error) == (Job.State.FAILED, "ValueError: the row is broken")
    assert list(archive_path(job.pk).parent.iterdir()) == []


def test_no_column_is_described_twice_and_every_masked_table_keeps_its_key() -> None:
    for name, columns in TABLES.items():
        names = [column.name for column in columns]
        assert len(set(names)) == len(names), name
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", each) for each in names)
    assert [column.name for column in columns_of("trials", masked=True)][:2] == ["participant_id", "trial_id"]


def test_an_answer_of_an_unfinished_trial_is_exported_too() -> None:
    made = small_study()
    person = somebody(made, trials=1)
    second = Trial.objects.get(participant=person, position=2)
    answer(second, with_answers())
    rows = rows_in(read_archive(exported(made))["answers.csv"])
    assert {row["position"] for row in rows} == {"1", "2"}
