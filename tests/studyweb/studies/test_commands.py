"""manage.py study, as it is typed."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from studyweb.studies.models import Study
from tests.studyweb.studies.example import changed, on_tracks_at
from tests.studyweb.studies.preparing import prepare


@pytest.fixture
def study_file(tmp_path: Path, tracks: Path) -> Path:
    """The example as a file."""
    path = tmp_path / "example.yaml"
    path.write_text(on_tracks_at(tracks), encoding="utf-8")
    return path


def study(*arguments: str) -> str:
    out = StringIO()
    call_command("study", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_lint_prints_warnings_and_passes(study_file: Path) -> None:
    printed = study("lint", str(study_file))
    assert "warning: excerpts.list: with fewer than 10 tracks every interval is marked indicative" in printed
    assert printed.splitlines()[-1].endswith("no errors, 2 warning(s)")


def test_lint_prints_every_error_and_fails(study_file: Path) -> None:
    study_file.write_text(changed("pair: [oracle, sabotaged]", "pair: [oracle, nobody]"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"1 error\(s\)"):
        study("lint", str(study_file))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"title: \xff\xfe", "is not UTF-8 text (byte 7)"), (b"a: [", "this is not YAML"), (None, "No such file")],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "study.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as caught:
        study("lint", str(path))
    assert message in str(caught.value)


def test_create_needs_somebody_to_own_the_study(study_file: Path, transactional_db: None) -> None:
    with pytest.raises(CommandError, match="there is no superuser yet"):
        study("create", str(study_file))
    User.objects.create_superuser("root")
    with pytest.raises(CommandError, match="there is no user 'nobody'"):
        study("create", str(study_file), "--owner", "nobody")
    assert "created example: 5 items of 5 tracks" in study("create", str(study_file))
    assert Study.objects.get().owner.get_username() == "root"


def test_a_relative_root_starts_at_the_file(tmp_path: Path, tracks: Path, owner: User) -> None:
    (tmp_path / "music").symlink_to(tracks)
    path = tmp_path / "example.yaml"
    path.write_text(on_tracks_at("music"), encoding="utf-8")
    assert "created example" in study("create", str(path), "--owner", owner.get_username())


def test_a_study_is_opened_closed_and_unblinded_at_the_command_line(study_file: Path, owner: User) -> None:
    study("create", str(study_file), "--owner", owner.get_username())
    with pytest.raises(CommandError, match="engineer: 4 advice"):
        study("open", "example")
    found = prepare(Study.objects.get())
    assert "advice 15/15, audio 5/5" in study("status", "example")
    assert f"participants: /join/{found.public_id}/" in study("open", "example")
    assert "stay masked" in study("close", "example")
    assert "is unblinded" in study("unblind", "example", "--reason", "over")
    actors = set(found.log.exclude(action="created").exclude(action="advice imported").values_list("actor", flat=True))
    assert len(actors) == 1
    assert actors.pop().startswith("shell:")


def test_an_unknown_study_is_named_with_those_there_are(owner: User, study_file: Path) -> None:
    study("create", str(study_file), "--owner", owner.get_username())
    with pytest.raises(CommandError, match="there is no study 'exmaple'; there are: example"):
        study("open", "exmaple")


def test_waiting_without_a_worker_ends_with_a_failure(owner: User, study_file: Path) -> None:
    study("create", str(study_file), "--owner", owner.get_username())
    with pytest.raises(CommandError, match="the preparation is not complete"):
        study("status", "example", "--wait", "0.1")
    with pytest.raises(CommandError, match="is a worker running"):
        study("export", "example", "--wait", "0.1")
