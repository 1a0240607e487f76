"""Opening, closing, unblinding: what is refused and why, what is frozen, and that every step is logged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from studyweb.jobs.models import Job
from studyweb.studies.creation import create_study
from studyweb.studies.freezing import frozen_hash
from studyweb.studies.log import StudyRefusedError
from studyweb.studies.models import Advice, Study
from studyweb.studies.services import close_study, open_study, retry_preparation, unblind_study
from studyweb.studies.stems_study import STATEMENT, stems_study_file
from tests.studyweb.studies.preparing import prepare


@pytest.fixture
def prepared(study: Study) -> Study:
    """The example with all its advice and audio."""
    return prepare(study)


def test_a_prepared_study_opens_frozen_and_logged(prepared: Study) -> None:
    study = open_study(prepared, actor="researcher")
    assert (study.state, len(study.frozen_sha256)) == ("open", 64)
    line = study.log.last()
    assert line is not None
    assert (line.actor, line.action) == ("researcher", "opened")
    assert line.detail["frozen_sha256"] == study.frozen_sha256


def test_the_frozen_hash_covers_advice_items_and_audio(prepared: Study) -> None:
    before = frozen_hash(prepared)
    assert frozen_hash(prepared) == before
    for change in ({"text_sha256": "0" * 64}, {"changes": {"drums": 1.0}}, {"trim_db": 9.0}):
        kept = Advice.objects.filter(item__study=prepared).values_list("pk", *change)[0]
        Advice.objects.filter(pk=kept[0]).update(**change)
        assert frozen_hash(prepared) != before
        Advice.objects.filter(pk=kept[0]).update(**dict(zip(change, kept[1:], strict=True)))
    assert frozen_hash(prepared) == before


def test_opening_is_refused_with_everything_that_is_missing(study: Study) -> None:
    with pytest.raises(StudyRefusedError) as caught:
        open_study(study, actor="researcher")
    assert caught.value.reasons == (
        "engineer: 4 advice(s) to import (manage.py advice import FILE --study example --system engineer)",
        "10 of 15 advices are not written yet; is a worker running?",
        "audio is ready for 0 of 5 items",
    )
    study.refresh_from_db()
    assert (study.state, study.frozen_sha256) == ("draft", "")


def test_failed_jobs_are_named_once_with_their_number_and_can_be_tried_again(study: Study) -> None:
    Job.objects.filter(kind="advice").update(state="failed", error="WeightsError: no weights\nmore")
    with pytest.raises(StudyRefusedError, match=r"10 advice job\(s\) failed: WeightsError: no weights;"):
        open_study(study, actor="researcher")
    assert retry_preparation(study, actor="researcher") == 10
    assert Job.objects.filter(kind="advice", state="queued").count() == 10


def test_restricted_audio_opens_only_with_a_statement_of_right(owner: User, hq_track: Path, tmp_path: Path) -> None:
    shutil.copytree(hq_track, tmp_path / "music" / "test" / "Nobody - Unknown")
    text = stems_study_file(tmp_path / "music", slug="restricted")
    study = create_study(text, owner=owner)
    study.plan["excerpts"]["statement_of_right"] = ""
    study.save()
    with pytest.raises(StudyRefusedError, match="statement_of_right is empty, but the licence does not allow"):
        open_study(study, actor="researcher")
    study.plan["excerpts"]["statement_of_right"] = STATEMENT
    study.save()
    with pytest.raises(StudyRefusedError) as caught:
        open_study(study, actor="researcher")
    assert "statement_of_right" not in str(caught.value)


def test_a_study_goes_its_way_once_and_in_order(prepared: Study) -> None:
    with pytest.raises(StudyRefusedError, match="the study is draft; to close it, it has to be open"):
        close_study(prepared, actor="researcher")
    study = open_study(prepared, actor="researcher")
    with pytest.raises(StudyRefusedError, match="the study is open; to unblind it, it has to be closed"):
        unblind_study(study, actor="researcher", reason="curious")
    study = close_study(study, actor="researcher")
    with pytest.raises(StudyRefusedError, match="to open it, it has to be draft"):
        open_study(study, actor="researcher")
    assert study.is_masked
    with pytest.raises(StudyRefusedError, match="needs a reason"):
        unblind_study(study, actor="researcher", reason="  ")
    study = unblind_study(study, actor="researcher", reason="data collection is over")
    assert not study.is_masked
    with pytest.raises(StudyRefusedError, match="already unblinded"):
        unblind_study(study, actor="researcher", reason="again")
    actions = list(study.log.values_list("action", flat=True))
    assert [action for action in actions if action != "advice imported"] == ["created", "opened", "closed", "unblinded"]
    assert study.log.get(action="unblinded").detail == {"reason": "data collection is over"}
