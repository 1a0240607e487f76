"""Advice from outside: read by the same reader as any other, all problems at once, nothing stored when one is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyweb.studies.advices import read_advice
from studyweb.studies.command_files import AdviceFileError, read_advice_file
from studyweb.studies.models import Advice, Study

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of advice; its path."""

    def to_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def run_import(path: Path, system: str = "engineer") -> str:
    out = StringIO()
    call_command("advice", "import", str(path), "--study", "example", "--system", system, stdout=out)
    return out.getvalue()


def test_the_list_of_waiting_items_can_be_filled_in_and_imported(study: Study, write: Write) -> None:
    out = StringIO()
    call_command("advice", "list", "--study", "example", "--system", "engineer", stdout=out)
    header, *rows = out.getvalue().splitlines()
    assert header == "item,track,start_s,length_s,brief,text"
    assert len(rows) == 4
    filled = "\n".join([header, *(f'{row}"Vocals down 2 dB, please."' for row in rows)])
    assert "4 advice(s) of engineer imported" in run_import(write("advice.csv", filled))
    advice = Advice.objects.filter(system__key="engineer").first()
    assert advice is not None
    assert (advice.text, advice.changes) == ("Vocals down 2 dB, please.", {"vocals": -2.0})


def test_json_lines_name_items_by_track_and_start(study: Study, write: Write) -> None:
    rows = [{"track": f"study-0000{number}", "start_s": 1, "text": "Leave it."} for number in (1, 2, 3, 5)]
    run_import(write("advice.jsonl", "\n".join(json.dumps(row) for row in rows)))
    assert Advice.objects.filter(system__key="engineer").count() == 4


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("vocals 0.5", None),
        ("Vocals −3 dB", {"vocals": -3.0}),
        ("Lower the vocals by 1,5 dB", {"vocals": -1.5}),
        ("Raise the vocals by 60 dB", None),
        ("Vocals -inf dB", None),
        ("Vocals by NaN dB", None),
        ("Leave it as it is.", {}),
        ("<script>alert(1)</script> vocals down 3 dB", {"vocals": -3.0}),
    ],
)
def test_free_text_is_read_or_not_actionable_and_never_guessed(
    study: Study, text: str, changes: dict[str, float] | None
) -> None:
    result = read_advice(text, study.items.get(position=0), kind="human")
    assert result.changes_db == changes
    assert result.text == text
    assert bool(result.not_actionable) == (changes is None)


def test_all_problems_are_named_and_nothing_is_stored(study: Study, write: Write) -> None:
    item = study.items.get(position=0).public_id
    check = study.items.get(role="check").public_id
    path = write(
        "advice.csv", f"item,text\n{item},Leave it.\n{item},Again.\nnobody,Leave it.\n{check},Leave it.\n{item},\n"
    )
    with pytest.raises(CommandError) as caught:
        run_import(path)
    assert str(caught.value).splitlines()[1:] == [
        f"line 3: item {item} was already given in line 2",
        "line 4: no item 'nobody' waits for advice of engineer",
        f"line 5: no item '{check}' waits for advice of engineer",
        f"line 6: item {item} was already given in line 2",
        "line 6: the text is empty",
    ]
    assert not Advice.objects.filter(system__key="engineer").exists()


@pytest.mark.parametrize(
    ("system", "message"),
    [("oracle", "advice is imported for kinds imported and human"), ("nobody", "the study has no system 'nobody'")],
)
def test_a_system_that_takes_no_import_is_refused(study: Study, write: Write, system: str, message: str) -> None:
    path = write("advice.csv", f"item,text\n{study.items.get(position=0).public_id},Leave it.\n")
    with pytest.raises(CommandError, match=message):
        run_import(path, system)


@pytest.mark.parametrize(
    ("text", "is_json", "message"),
    [
        ("item,text\na,b,c\n", False, "another number of fields"),
        ("text\nLeave it.\n", False, "line 2: names no item"),
        ('{"item": ', True, "line 1: is not JSON"),
        ("[1]", True, "line 1: must be an object"),
        ("track,start_s,text\nstudy-00001,twenty,Leave it.\n", False, "line 2: start_s must be a number of seconds"),
        ("track,start_s,text\nstudy-00001,2,Leave it.\n", False, "line 2: 0 items are at 2 s of 'study-00001'"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(study: Study, text: str, is_json: bool, message: str) -> None:
    with pytest.raises(AdviceFileError, match=message):
        read_advice_file(text, study, is_json=is_json)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"item": "x", "text": "y"\n[1, 2]\n', ["line 1: is not JSON", "line 2: must be an object with"]),
        (
            "a.jsonl",
            '{"track": "study-00001", "start_s": {}, "text": "y"}',
            ["line 1: start_s must be a number of sec"],
        ),
        ("a.jsonl", '{"track": ["a"], "start_s": 1, "text": "y"}', ["line 1: 0 items are at 1 s"]),
        ("a.jsonl", '{"track": "study-00001", "start_s": 1, "text": 5}', ["line 1: text must be text, not 5"]),
        ("a.jsonl", "[" * 100_000, ["line 1: is not JSON"]),
        ("a.jsonl", '{"track": "study-00001", "start_s": 1, "text": "a\\u0000b"}', ["line 1: text holds a NUL"]),
        ("a.csv", "track,start_s,text\nstudy-00001,soon,y\n", ["line 2: start_s must be a number of seconds, not 'so"]),
        ("a.csv", 'track,start_s,text\nx\nstudy-00001,1,"y', ["line 2: has another number", "is not CSV"]),
    ],
)
def test_rows_of_another_shape_are_named_and_nothing_is_stored(
    study: Study, write: Write, name: str, text: str, said: list[str]
) -> None:
    with pytest.raises(CommandError) as refused:
        run_import(write(name, text))
    for part in said:
        assert part in str(refused.value)
    assert not Advice.objects.filter(system__key="engineer").exists()
