"""An export opens in other tools: the Frictionless validator, Parquet readers, Hugging Face datasets, Psych-DS."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import frictionless
import pandas
import pytest
from datasets import load_dataset
from pyarrow import parquet

from studyweb.export.columns import TABLES, columns_of
from studyweb.export.csv_text import cell, plain, unguarded
from studyweb.studies.models import Study
from studyweb.trials.answers import store_answers
from tests.factories import post, submission
from tests.studyweb.answering import answer, clear_choice, exported, small_study, somebody, unblinded, with_answers
from tests.studyweb.export.unpacking import agree, mixed_minds, unpacked

pytestmark = pytest.mark.django_db

ALL = {"publish_answers": True, "train_models": True}
KINDS = ("preference", "kto", "audio", "arena")


@pytest.fixture
def study() -> Study:
    """Six people who agreed to all, most of one mind, one of them with a comment that breaks careless readers."""
    made = small_study(items=8, design={"trials": [{"pair": ["differential", "baseline"], "count": 8}]})
    for choose in (clear_choice, clear_choice, clear_choice, mixed_minds(1), mixed_minds(2)):
        agree(somebody(made, choose), **ALL)
    agree(somebody(made, with_answers(comment="=1+1, \"so\"\r\nand 'so'")), **ALL)
    return unblinded(made)


@pytest.fixture(params=["project", "public"])
def folder(request: Any, study: Study, tmp_path: Path) -> Path:
    """The unpacked export of either profile."""
    return unpacked(exported(study, profile=request.param), tmp_path / "export")


def test_the_frictionless_validator_accepts_the_data_package(folder: Path) -> None:
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["resourceName", "fieldName", "message"])
    assert {task.name for task in report.tasks} == set(TABLES)


def test_the_validator_sees_a_wrong_type_and_a_lost_trial(folder: Path) -> None:
    path = folder / "data" / "table-answers_data.csv"
    rows = list(csv.reader(path.open(newline="", encoding="utf-8")))
    rows[1][rows[0].index("switches")] = "many"
    rows[2][rows[0].index("trial_id")] = "no-such-trial"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert {error[0] for error in report.flatten(["type"])} == {"type-error", "foreign-key"}


def test_a_masked_export_is_a_valid_data_package_too(tmp_path: Path) -> None:
    made = small_study()
    somebody(made)
    report = frictionless.validate(str(unpacked(exported(made), tmp_path) / "datapackage.json"))
    assert report.valid, report.flatten(["resourceName", "fieldName", "message"])


def test_parquet_holds_the_rows_of_the_csv_with_types_and_without_guards(folder: Path) -> None:
    for table in TABLES:
        rows = list(csv.DictReader((folder / "data" / f"table-{table}_data.csv").open(newline="", encoding="utf-8")))
        typed = parquet.read_table(folder / "parquet" / f"{table}.parquet").to_pylist()
        assert [{name: _shown(value) for name, value in row.items()} for row in typed] == [
            {name: _bare(text) for name, text in row.items()} for row in rows
        ], table


def _shown(value: object) -> str:
    """A typed value as the CSV would show it, without a guard."""
    return plain(value) if isinstance(value, str) else cell(value)


def _bare(text: str) -> str:
    return text if re.fullmatch(r"-?[\d.]+(e-?\d+)?", text) else unguarded(text)


def test_parquet_columns_have_the_types_of_the_code_book(study: Study, tmp_path: Path) -> None:
    folder = unpacked(exported(study), tmp_path / "export")
    names = {"integer": "int64", "number": "double", "boolean": "bool", "datetime": "timestamp[us, tz=UTC]"}
    for table in TABLES:
        schema = parquet.read_schema(folder / "parquet" / f"{table}.parquet")
        expected = {each.name: names.get(each.type, "string") for each in columns_of(table, masked=False)}
        assert {field.name: str(field.type) for field in schema} == expected
    answers = pandas.read_parquet(folder / "parquet" / "answers.parquet")
    assert answers["received_at"].max().to_pydatetime() <= datetime.now(UTC)


def test_names_and_variables_are_those_that_psych_ds_asks_for(folder: Path) -> None:
    described = json.loads((folder / "dataset_description.json").read_text())
    assert {"name", "description", "variableMeasured"} <= set(described)
    assert (described["@type"], described["@context"]) == ("Dataset", "https://schema.org/")
    known = {variable["name"] for variable in described["variableMeasured"]}
    files = sorted((folder / "data").iterdir())
    assert len(files) == len(TABLES)
    for path in files:
        assert re.fullmatch(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv", path.name)
        assert set(path.read_text(encoding="utf-8").splitlines()[0].split(",")) <= known


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_trl_finds_its_columns(folder: Path, tmp_path: Path, form: str) -> None:
    suffix = "jsonl" if form == "json" else form
    for kind, columns in (("preference", ("prompt", "chosen", "rejected")), ("kto", ("prompt", "completion", "label"))):
        files = {split: str(folder / "training" / kind / f"{split}.{suffix}") for split in ("train", "test")}
        loaded = load_dataset(form, data_files=files, cache_dir=str(tmp_path / "cache"))
        for split in ("train", "test"):
            assert set(columns) <= set(loaded[split].column_names)
            first = loaded[split][0]
            assert first["prompt"][0]["role"] == "user"
            texts = [first[name] for name in columns[1:] if name != "label"]
            assert all([turn["role"] for turn in text] == ["assistant"] for text in texts)
        assert kind == "preference" or set(loaded["train"]["label"]) == {True, False}


def test_no_song_is_in_both_splits(folder: Path) -> None:
    for kind in KINDS:
        tracks = {
            split: {row["track_id"] for row in _lines(folder / "training" / kind / f"{split}.jsonl")}
            for split in ("train", "test")
        }
        assert tracks["train"]
        assert tracks["test"]
        assert not tracks["train"] & tracks["test"], kind


def test_preferences_are_the_majorities_of_the_votes(folder: Path) -> None:
    votes: dict[str, list[str]] = {}
    for row in _rows_of(folder, "arena"):
        winner = row["model_a"] if row["winner"] == "model_a" else row["model_b"] if row["winner"] == "model_b" else ""
        votes.setdefault(row["question_id"], []).append(winner)
    decided = {item: (won.count("differential"), won.count("baseline"), won.count("")) for item, won in votes.items()}
    rows = {row["item_id"]: row for row in _rows_of(folder, "preference")}
    assert set(rows) == {item for item, (first, second, _) in decided.items() if first != second}
    for item, row in rows.items():
        first, second, ties = decided[item]
        assert row["chosen_system"] == ("differential" if first > second else "baseline")
        assert row["n_votes"] == first + second + ties == 6
        assert row["chosen_share"] == pytest.approx((max(first, second) + ties / 2) / 6, abs=1e-6)
        assert row["chosen"] != row["rejected"]


def test_votes_are_one_row_each_with_the_columns_of_the_arena(folder: Path) -> None:
    rows = _rows_of(folder, "arena")
    assert len(rows) == 48
    names = (
        "question_id",
        "model_a",
        "model_b",
        "winner",
        "judge",
        "conversation_a",
        "conversation_b",
        "turn",
        "anony",
    )
    assert {*names, "language", "tstamp"} <= set(rows[0])
    assert {row["winner"] for row in rows} <= {"model_a", "model_b", "tie", "both_bad"}


def test_audio_rows_have_one_place_for_audio_and_name_no_file_that_is_there(folder: Path) -> None:
    for row in _rows_of(folder, "audio"):
        assert row["conversations"][0]["value"].count("<audio>") == len(row["audios"]) == 1
        assert not (folder / row["audios"][0]).exists()
        assert row["chosen"]["from"] == row["rejected"]["from"] == "gpt"


def _rows_of(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [row for split in ("train", "test") for row in _lines(folder / "training" / kind / f"{split}.jsonl")]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_corrected_judgement_trains_as_it_stands_now(tmp_path: Path) -> None:
    made = small_study()
    person = agree(somebody(made, trials=0), **ALL)
    trial = person.trials.order_by("position").filter(role="scored")[0]
    answer(trial, with_answers(**{"keep.A": "yes", "keep.B": "no"}))
    store_answers(trial, submission(post("keep.A", "partly", revision=2)))
    rows = _kept(unpacked(exported(unblinded(made)), tmp_path))
    assert [(row["system"], row["label"]) for row in rows] == [(trial.advice_b.system.key, False)]


def _kept(folder: Path) -> list[dict[str, Any]]:
    return [row for path in folder.glob("training/kto/*.jsonl") for row in _lines(path)]
