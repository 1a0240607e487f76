"""`--check`: a scripted participant completes a whole session over HTTP; the study is closed, unblinded, exported."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from studyweb.dashboard.results import results_of
from studyweb.demo.console import step
from studyweb.export.datapackage import table_path
from studyweb.export.services import request_export
from studyweb.jobs.models import Job
from studyweb.studies.models import Study
from studyweb.studies.rounds import create_round
from studyweb.studies.services import close_study, open_study, unblind_study
from studyweb.trials.chain import verify_chain
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.scripted import HttpTransport, ScriptedParticipant

EXPORT_WITHIN_S = 120.0


def check_demo(study: Study, *, owner: User, port: int) -> dict[str, Any]:
    """Play a session in a round of the demo study made for this check; what was found, `ok` and `problems`.

    The round of its own leaves the demo study open, so that the next start still has something to take part in.
    """
    started = time.monotonic()
    actor = owner.get_username()
    round_study = _check_round(study, owner=owner)
    with step("a scripted participant takes part over HTTP"):
        session = ScriptedParticipant(HttpTransport(f"http://127.0.0.1:{port}")).complete(round_study.public_id)
    round_study = unblind_study(close_study(round_study, actor=actor), actor=actor, reason="demo check")
    with step("exporting"):
        archive = _export(round_study, actor=actor)
    participants = Participant.objects.filter(study=round_study)
    trials = Trial.objects.filter(participant__in=participants, completed_at__isnull=False)
    ratings = Answer.objects.filter(participant__in=participants).count()
    report = {
        "trials": trials.count(),
        "ratings": ratings,
        "exported_rows": _rows_in(archive, table_path("answers")),
        "exported_trials": _rows_in(archive, table_path("trials")),
        "acknowledged": session.acknowledged,
        "audio_bytes": session.audio_bytes,
        "chain_breaks": sum(len(verify_chain(participant)) for participant in participants),
        "completed": participants.filter(state=Participant.State.COMPLETED).count(),
        "results": [result.sentence for result in results_of(round_study)],
        "study": round_study.slug,
        "seconds": round(time.monotonic() - started, 1),
    }
    problems = _problems(report, participants=participants.count(), expected_trials=_trials_planned(participants))
    return {**report, "ok": not problems, "problems": problems}


def _check_round(study: Study, *, owner: User) -> Study:
    number = Study.objects.filter(slug__startswith=f"{study.slug}-check-").count() + 1
    made = create_round(study, slug=f"{study.slug}-check-{number}", owner=owner)
    return open_study(made, actor=owner.get_username())


def _export(study: Study, *, actor: str) -> Path:
    job = request_export(study, actor=actor)
    deadline = time.monotonic() + EXPORT_WITHIN_S
    while time.monotonic() < deadline:
        job.refresh_from_db()
        if job.state == Job.State.DONE:
            return Path(settings.MEDIA_ROOT) / "exports" / f"{job.pk}.zip"
        if job.state == Job.State.FAILED:
            raise RuntimeError(f"the export failed: {job.error}")
        time.sleep(0.2)
    raise RuntimeError(f"the export did not finish within {EXPORT_WITHIN_S:.0f} s")


def _rows_in(archive: Path, name: str) -> int:
    with zipfile.ZipFile(archive) as files, io.TextIOWrapper(files.open(name), "utf-8", newline="") as text:
        return sum(1 for _ in csv.DictReader(text))


def _trials_planned(participants: Any) -> int:
    return Trial.objects.filter(participant__in=participants).count()


def _problems(report: dict[str, Any], *, participants: int, expected_trials: int) -> list[str]:
    checks = {
        "nobody completed the session": report["completed"] == participants == 1,
        f"{report['trials']} of {expected_trials} trials are completed": report["trials"] == expected_trials > 0,
        "answers stored and answers acknowledged differ": report["ratings"] == report["acknowledged"],
        "answers stored and rows exported differ": report["ratings"] == report["exported_rows"] > 0,
        "the hash chain is broken": report["chain_breaks"] == 0,
        "no audio came over HTTP": report["audio_bytes"] > 0,
    }
    return [problem for problem, holds in checks.items() if not holds]
