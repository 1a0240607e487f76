"""Doing a study's jobs inside the test, by the functions that a worker would call; no torch is loaded."""

from __future__ import annotations

from datagen.explanations import write
from datagen.requests import AdviceRequest, AdviceResult
from datagen.stimuli import make_stimulus
from datagen.words import changes_from_mapping, mapping_from_changes
from studyweb.jobs.kinds import find_kind
from studyweb.jobs.models import Job
from studyweb.jobs.queue import claim_job, finish_job
from studyweb.studies.advices import DeliveredAdvice, import_advice
from studyweb.studies.models import Study
from studyweb.studies.selectors import waiting_for_delivery


def advise(request: AdviceRequest) -> AdviceResult:
    """Turn the vocals up by 3 dB, whatever is heard."""
    changes = changes_from_mapping({"vocals": 3.0})
    text = write(changes, reference=False).advice
    return AdviceResult(text, "", mapping_from_changes(changes), "", {"made_by": "a test"})


def run_jobs(study: Study, kind: str) -> int:
    """Run all due jobs of a kind; how many."""
    done = 0
    for job_id in list(Job.objects.filter(study_id=study.pk, kind=kind, state="queued").values_list("pk", flat=True)):
        job = claim_job(job_id, queues=(), worker="a test")
        assert job is not None
        module = find_kind(kind)
        request = module.load(job)
        result = advise(request) if kind == "advice" else make_stimulus(request, lambda _share, _message: None)
        finish_job(job, lambda module=module, job=job, result=result: module.store(job, result))  # type: ignore[misc]
        done += 1
    return done


def deliver_everything(study: Study, text: str = "Bring the vocals down 3 dB.") -> None:
    """Import the advice that people owe."""
    rows = [DeliveredAdvice(each.item.public_id, text, 2) for each in waiting_for_delivery(study)]
    if rows:
        import_advice(study, rows, system_key="engineer", actor="a test")


def prepare(study: Study) -> Study:
    """Everything that has to be there before a study opens."""
    deliver_everything(study)
    run_jobs(study, "advice")
    run_jobs(study, "stimulus")
    study.refresh_from_db()
    return study
