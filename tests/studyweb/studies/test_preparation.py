"""Advice and audio of a study: when the audio is due, what it carries, and that late results change nothing."""

from __future__ import annotations

import hashlib

import pytest
from django.conf import settings

from datagen.requests import AdviceResult, to_json
from studyweb.jobs.kinds import find_kind
from studyweb.jobs.models import Job
from studyweb.jobs.queue import claim_job
from studyweb.studies.advices import request_advice, store_advice
from studyweb.studies.log import StudyRefusedError
from studyweb.studies.models import Advice, Study
from studyweb.studies.selectors import preparation_of
from studyweb.studies.services import open_study
from tests.studyweb.studies.preparing import deliver_everything, prepare, run_jobs

NOTHING = AdviceResult("Leave it as it is.", "", {}, "", {})
UNREADABLE = AdviceResult("It feels a little distant.", "", None, "no gain change is stated", {})


def test_audio_is_due_when_the_last_advice_is_there(study: Study) -> None:
    deliver_everything(study)
    assert not Job.objects.filter(kind="stimulus").exists()
    assert run_jobs(study, "advice") == 10
    assert Job.objects.filter(kind="stimulus").count() == 5


def test_a_prepared_item_has_its_stems_levels_and_waveform(study: Study) -> None:
    item = prepare(study).items.get(position=0)
    assert preparation_of(study).is_complete
    assert [stem.stem for stem in item.stems.all()] == ["drums", "bass", "other", "vocals"]
    for stem in item.stems.all():
        data = (settings.MEDIA_ROOT / stem.path).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (stem.sha256, stem.size_bytes)
        assert not any(word in stem.path for word in ("drums", "vocals", "study", "oracle"))
    assert item.frames == 4 * 44_100
    assert item.waveform is not None
    assert max(item.waveform) == 255
    assert all(advice.trim_db is not None for advice in item.advices.all())


def test_preparing_again_asks_for_nothing_twice(study: Study) -> None:
    prepare(study)
    before = Job.objects.count()
    request_advice(study)
    assert Job.objects.count() == before
    assert preparation_of(study).is_complete


def test_a_changed_advice_makes_the_audio_due_again_and_removes_the_old_files(study: Study) -> None:
    item = prepare(study).items.get(position=0)
    former = [settings.MEDIA_ROOT / stem.path for stem in item.stems.all()]
    store_advice(item, study.systems.get(key="nothing"), NOTHING)
    assert preparation_of(study).stimuli_ready == 4
    assert run_jobs(study, "stimulus") == 1
    assert preparation_of(study).is_complete
    assert not any(path.exists() for path in former)


def test_audio_measured_for_an_advice_that_changed_meanwhile_is_not_kept(study: Study) -> None:
    deliver_everything(study)
    run_jobs(study, "advice")
    item = study.items.get(position=0)
    old = Job.objects.get(kind="stimulus", key=f"stimulus:{item.pk}:1")
    job = claim_job(old.pk, queues=(), worker="a test")
    assert job is not None
    store_advice(item, study.systems.get(key="nothing"), NOTHING)
    assert find_kind("stimulus").store(job, None) == {"superseded": True}
    item.refresh_from_db()
    assert item.stimulus_ready_at is None


def test_an_advice_that_cannot_be_read_is_kept_with_its_reason_and_not_auditioned(study: Study) -> None:
    item = study.items.get(position=0)
    store_advice(item, study.systems.get(key="nothing"), UNREADABLE)
    deliver_everything(study)
    run_jobs(study, "advice")
    kept = Advice.objects.get(item=item, system__key="nothing")
    assert kept.changes == {"vocals": 3.0}  # the worker's answer came last
    store_advice(item, study.systems.get(key="nothing"), UNREADABLE)
    run_jobs(study, "stimulus")
    kept.refresh_from_db()
    assert (kept.changes, kept.not_actionable, kept.trim_db) == (None, "no gain change is stated", None)


def test_nothing_of_an_open_study_can_be_changed_by_a_late_result(study: Study) -> None:
    open_study(prepare(study), actor="a test")
    item = study.items.get(position=0)
    with pytest.raises(StudyRefusedError, match="the study is open"):
        store_advice(item, study.systems.get(key="nothing"), NOTHING)


def test_requests_survive_being_stored_as_json(study: Study) -> None:
    from datagen.requests import advice_request_from_json

    job = Job.objects.filter(kind="advice").first()
    assert job is not None
    request = find_kind("advice").load(job)
    assert advice_request_from_json(to_json(request)) == request


def test_a_system_without_reference_is_given_none(study: Study) -> None:
    kinds = {}
    for job in Job.objects.filter(kind="advice"):
        request = find_kind("advice").load(job)
        kinds[request.system["key"]] = request.reference_excerpt is not None
    assert kinds == {"oracle": True, "nothing": False}
