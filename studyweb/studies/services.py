"""A study's life: created, prepared, opened, closed, unblinded. Every step is logged with who took it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from studyweb.jobs.models import Job
from studyweb.jobs.queue import retry_job
from studyweb.studies.advices import DeliveredAdvice, import_advice
from studyweb.studies.creation import create_study
from studyweb.studies.freezing import frozen_hash
from studyweb.studies.log import StudyRefusedError, log_action, require_state
from studyweb.studies.models import Study
from studyweb.studies.selectors import Preparation, preparation_of, restricted_tracks, waiting_for_delivery

__all__ = [
    "DeliveredAdvice",
    "StudyRefusedError",
    "close_study",
    "create_study",
    "import_advice",
    "log_action",
    "open_study",
    "retry_preparation",
    "unblind_study",
]


@transaction.atomic
def open_study(study: Study, *, actor: str) -> Study:
    """Freeze the study and let participants in. Raises StudyRefusedError with everything that is missing."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    require_state(study, Study.State.DRAFT, to="open")
    reasons = list(reasons_not_to_open(study))
    if reasons:
        raise StudyRefusedError(reasons)
    study.frozen_sha256 = frozen_hash(study)
    study.state, study.opened_at = Study.State.OPEN, timezone.now()
    study.save(update_fields=["frozen_sha256", "state", "opened_at"])
    detail = {
        "file_sha256": study.file_sha256,
        "frozen_sha256": study.frozen_sha256,
        "restricted_tracks": [track.key for track in restricted_tracks(study)],
        "statement_of_right": study.plan["excerpts"]["statement_of_right"],
    }
    log_action(study, actor=actor, action="opened", detail=detail)
    return study


@transaction.atomic
def close_study(study: Study, *, actor: str) -> Study:
    """Let no more answers in. Results stay masked until someone unblinds the study."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    require_state(study, Study.State.OPEN, to="close")
    study.state, study.closed_at = Study.State.CLOSED, timezone.now()
    study.save(update_fields=["state", "closed_at"])
    log_action(study, actor=actor, action="closed")
    return study


@transaction.atomic
def unblind_study(study: Study, *, actor: str, reason: str) -> Study:
    """Show which system is which, from now on and for the record. Raises StudyRefusedError before closing."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    require_state(study, Study.State.CLOSED, to="unblind")
    if study.unblinded_at is not None:
        raise StudyRefusedError([f"the study was already unblinded on {study.unblinded_at:%Y-%m-%d}"])
    if not reason.strip():
        raise StudyRefusedError(["unblinding needs a reason; it is kept in the study's log"])
    study.unblinded_at = timezone.now()
    study.save(update_fields=["unblinded_at"])
    log_action(study, actor=actor, action="unblinded", detail={"reason": reason.strip()})
    return study


def retry_preparation(study: Study, *, actor: str) -> int:
    """Queue the failed jobs of a study's preparation again; how many."""
    count = sum(retry_job(job) for job in preparation_of(study).failed)
    if count:
        log_action(study, actor=actor, action="preparation retried", detail={"jobs": count})
    return count


def reasons_not_to_open(study: Study) -> Iterator[str]:
    """Everything that is missing before a study can open, in the order of its preparation."""
    preparation = preparation_of(study)
    failed = Counter((job.kind, _first_line(job)) for job in preparation.failed)
    yield from (f"{count} {kind} job(s) failed: {reason}" for (kind, reason), count in failed.items())
    yield from _missing(study, preparation)
    restricted = restricted_tracks(study)
    if restricted and not study.plan["excerpts"]["statement_of_right"].strip():
        names = ", ".join(f"{track.title} ({track.licence})" for track in restricted[:5])
        more = f" and {len(restricted) - 5} more" if len(restricted) > 5 else ""
        yield f"excerpts.statement_of_right is empty, but the licence does not allow participants to hear {names}{more}"


def _missing(study: Study, preparation: Preparation) -> Iterator[str]:
    waiting = Counter(each.system.key for each in waiting_for_delivery(study))
    for key, count in waiting.items():
        yield f"{key}: {count} advice(s) to import (manage.py advice import FILE --study {study.slug} --system {key})"
    computed = preparation.advices_total - preparation.advices_ready - sum(waiting.values())
    if computed:
        yield f"{computed} of {preparation.advices_total} advices are not written yet; is a worker running?"
    if preparation.stimuli_ready < preparation.stimuli_total:
        yield f"audio is ready for {preparation.stimuli_ready} of {preparation.stimuli_total} items"


def _first_line(job: Job) -> str:
    return (job.error.splitlines() or ["no reason was recorded"])[0]
