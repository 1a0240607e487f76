"""What must not leave: withdrawn, test and unconsenting people, moments, names, unreleased texts. In any format."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

import pytest
from pyarrow import parquet

from studyweb.export.columns import TABLES
from studyweb.export.rows import rows_of
from studyweb.export.scope import Scope, project_scope, public_scope
from studyweb.export.services import archive_path, comments_to_release
from studyweb.export.training_rows import training_rows
from studyweb.export.training_votes import training_data
from studyweb.jobs.models import Job
from studyweb.studies.log import StudyRefusedError
from studyweb.studies.models import Study
from studyweb.trials.models import Event, Participant
from studyweb.trials.your_data import withdraw_and_erase
from tests.studyweb.answering import exported, read_archive, rows_in, small_study, somebody, unblinded, with_answers
from tests.studyweb.export.unpacking import agree

pytestmark = pytest.mark.django_db

OWN = ("device", "hearing", "closing", "payload")
"""What everybody tells or does that could tell who they are; each person's carries their mark."""


def marked(study: Study, mark: str, *, is_test: bool = False, **consents: bool) -> Participant:
    """Somebody who answered everything and left a mark in every free text and field of their own."""
    person = somebody(study, with_answers(comment=f"comment-{mark}"), is_test=is_test)
    agree(person, **consents)
    person.background = {
        "years_mixing": "3_to_5",
        "role": f"role-{mark}",
        "device": f"device-{mark}",
        "hearing": f"hearing-{mark}",
    }
    person.closing = {"task_clear": "6", "comment": f"closing-{mark}"}
    person.recruiter = {"pid": f"recruiter-{mark}"}
    person.save()
    Event.objects.filter(participant=person).delete()
    trial = person.trials.order_by("position")[0]
    fields = {"kind": "play", "client_ms": 5, "payload": {"agent": f"payload-{mark}"}}
    Event.objects.create(participant=person, trial=trial, client_uuid=person.pk, **fields)
    return person


@pytest.fixture
def study() -> Study:
    """One who agreed to all, one to publication alone, one to training alone, one to nothing, one who left, a test."""
    made = small_study()
    marked(made, "yesyes", publish_answers=True, train_models=True)
    marked(made, "publish", publish_answers=True, train_models=False)
    marked(made, "train", publish_answers=False, train_models=True)
    marked(made, "none")
    withdraw_and_erase(marked(made, "gone", publish_answers=True, train_models=True))
    marked(made, "preview", is_test=True, publish_answers=True, train_models=True)
    return unblinded(made)


def everything_in(job: Job) -> dict[str, str]:
    """{file: all it says}, Parquet decoded."""
    with zipfile.ZipFile(archive_path(job.pk)) as archive:
        return {name: _text(name, archive.read(name)) for name in archive.namelist()}


def _text(name: str, data: bytes) -> str:
    if not name.endswith(".parquet"):
        return data.decode()
    file = parquet.ParquetFile(io.BytesIO(data))
    return repr(file.read().to_pylist())


def said(job: Job) -> str:
    """Everything an archive says."""
    return "\n".join(everything_in(job).values())


def ids_of(person: Participant) -> Iterator[str]:
    """What a person could be found by."""
    yield from (person.public_id, str(person.pk), person.pk.hex, person.completion_code)
    yield from person.trials.values_list("public_id", flat=True)
    yield from (value for value in person.answers.values_list("hash", flat=True) if value)


def with_mark(study: Study, mark: str) -> Participant:
    """The participant of a mark; those who left have lost theirs."""
    if mark == "gone":
        return study.participants.get(state=Participant.State.WITHDRAWN)
    return study.participants.get(background__device=f"device-{mark}")


@pytest.mark.parametrize("profile", ["project", "public"])
@pytest.mark.parametrize("mark", ["gone", "preview"])
def test_the_withdrawn_and_test_people_are_in_no_file(study: Study, profile: str, mark: str) -> None:
    text = said(exported(study, profile=profile, comments_up_to=10**9))
    assert f"-{mark}" not in text
    assert not [each for each in ids_of(with_mark(study, mark)) if each in text]


@pytest.mark.parametrize("mark", ["train", "none"])
def test_who_did_not_agree_to_publication_is_in_no_public_file(study: Study, mark: str) -> None:
    job = exported(study, profile="public", comments_up_to=10**9)
    assert f"-{mark}" not in said(job)
    assert len(rows_in(read_archive(job)["participants.csv"])) == 2
    assert "2 who count in the study's own results did not agree" in read_archive(job)["README.md"]


def test_a_public_export_holds_nothing_of_a_persons_own(study: Study) -> None:
    text = said(exported(study, profile="public"))
    for mark in ("yesyes", "publish"):
        assert not re.search(rf"(comment|device|hearing|closing|payload|role|recruiter)-{mark}", text)
        assert not [each for each in ids_of(with_mark(study, mark)) if each in text]
    assert not [name for name in (study.owner.get_username(), "tester") if name in text.replace(study.file_text, "")]


def test_a_public_export_tells_no_moment(study: Study) -> None:
    files = everything_in(exported(study, profile="public"))
    for name, text in files.items():
        if name.startswith(("data/", "parquet/", "training/", "texts")):
            assert not re.search(r"20\d\d-\d\d-\d\d|datetime|\b1[789]\d{8}\b", text), name
    times = [float(row["received_s"]) for row in rows_in(files["data/table-answers_data.csv"])]
    assert times
    assert all(0 <= time < 60 for time in times)


def test_only_released_comments_are_public_and_corrected_ones_are_not(study: Study) -> None:
    shown = comments_to_release(study)
    assert {answer.value for answer in shown} == {"comment-yesyes", "comment-publish"}
    up_to = max(answer.pk for answer in shown if answer.value == "comment-yesyes")
    text = said(exported(study, profile="public", comments_up_to=up_to))
    assert "comment-yesyes" in text
    assert "comment-publish" not in text


@pytest.mark.parametrize(("profile", "judges"), [("project", {"yesyes", "train"}), ("public", {"yesyes"})])
def test_training_rows_are_of_those_who_agreed_to_training(study: Study, profile: str, judges: set[str]) -> None:
    files = everything_in(exported(study, profile=profile))
    rows = "".join(text for name, text in files.items() if name.startswith("training/arena"))
    found = set(re.findall(r'"judge": "([^"]+)"', rows))
    assert len(found) == len(judges)
    if profile == "project":
        assert found == {with_mark(study, mark).public_id for mark in judges}
    votes = re.findall(r'"n_votes": (\d+)', "".join(files[name] for name in files if "preference" in name))
    assert {int(count) for count in votes} == {len(judges)}


def test_nobody_who_agreed_to_nothing_leaves_no_training_files() -> None:
    made = small_study()
    somebody(made)
    files = everything_in(exported(unblinded(made)))
    assert not [name for name in files if name.startswith("training/")]


@pytest.mark.parametrize("answer", ["yes", 1, "true", None, [True]])
def test_a_consent_is_a_stored_yes_and_nothing_else(study: Study, answer: object) -> None:
    Participant.objects.update(consents={"take_part": True, "publish_answers": answer, "train_models": answer})
    files = everything_in(exported(study, profile="public"))
    assert rows_in(files["data/table-participants_data.csv"]) == []
    assert not [name for name in files if name.startswith("training/")]


def test_a_public_export_waits_for_the_unblinding() -> None:
    made = small_study()
    somebody(made)
    with pytest.raises(StudyRefusedError, match="unblind the study first"):
        exported(made, profile="public")


def test_a_masked_export_names_no_arm_in_any_format() -> None:
    made = small_study()
    agree(somebody(made), publish_answers=True, train_models=True)
    files = everything_in(exported(made))
    assert not [name for name in files if name.startswith("training/")]
    tables = {name: text for name, text in files.items() if name.startswith(("data/", "parquet/"))}
    assert tables
    for name, text in tables.items():
        assert not re.search(r"differential|baseline|oracle|advice_a|system_a|Turn \w+ by", text), name


def test_titles_of_tracks_that_may_not_be_published_stay_inside(study: Study) -> None:
    track = study.tracks.order_by("pk")[0]
    study.tracks.update(may_publish=True)
    study.tracks.filter(pk=track.pk).update(may_publish=False, title="Secret Client Song", attribution="Secret Credit")
    assert "Secret Client Song" in said(exported(study))
    text = said(exported(study, profile="public"))
    assert "Secret C" not in text
    others = study.tracks.exclude(pk=track.pk).values_list("title", flat=True)
    assert all(title in text for title in others)


def test_no_export_holds_audio(study: Study) -> None:
    with zipfile.ZipFile(archive_path(exported(study).pk)) as archive:
        heads = {name: archive.read(name)[:4] for name in archive.namelist()}
    assert not [name for name, head in heads.items() if head in (b"fLaC", b"RIFF", b"OggS")]
    assert not [name for name in heads if name.endswith((".wav", ".flac", ".mp3", ".mp4"))]


@pytest.mark.parametrize("make_scope", [project_scope, public_scope])
def test_who_withdraws_while_an_export_is_read_is_in_no_row_read_afterwards(
    study: Study, make_scope: Callable[[Study], Scope]
) -> None:
    scope = make_scope(study)
    leaving = with_mark(study, "yesyes")
    name = scope.people[leaving.pk].name
    training = training_data(scope)
    assert any(row.get("participant_id") == name for row in rows_of("answers", scope))
    withdraw_and_erase(leaving)
    for table in TABLES:
        assert not [row for row in rows_of(table, scope) if row.get("participant_id") == name], table
    assert not [row for _, _, row in training_rows(training) if row.get("judge") == name]
