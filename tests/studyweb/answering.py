"""People who answer as a test says, through the services that the pages use, and what researchers then get."""

from __future__ import annotations

import csv
import io
import re
import uuid
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

from django.test import Client, override_settings

from inference.worker import run_claimed
from studyweb.export.services import archive_path, request_export
from studyweb.jobs import heartbeat
from studyweb.jobs.models import Job
from studyweb.jobs.queue import claim_job
from studyweb.studies.models import Study
from studyweb.studies.services import close_study, unblind_study
from studyweb.trials.answers import store_answers
from studyweb.trials.models import Participant, Trial
from studyweb.trials.questions import is_shown
from studyweb.trials.session import complete_session, join_study, store_page
from tests.factories import AGREED, make_study, post, submission

Choose = Callable[[Trial, Mapping[str, Any]], str | None]
"""What somebody answers to a question of a trial; None leaves an optional one open."""

SMALL: dict[str, Any] = {
    "items": 4,
    "audio": False,
    "design": {
        "trials": [{"pair": ["differential", "baseline"], "count": 4}],
        "repeats": 0,
        "practice": 0,
        "ask_first_choice_share": 1,
        "ask_scales_share": 1,
        "ask_improvement_share": 1,
    },
}
"""Four scored trials and a check, everything asked: quick to answer."""

LONG_S = 3_600.0
RANKING = ("differential", "oracle", "differential_alone", "baseline", "nothing")


def slot_of(trial: Trial, ranking: tuple[str, ...] = RANKING) -> str:
    """The slot of the better system of a trial."""
    in_a, in_b = trial.advice_a.system.key, trial.advice_b.system.key
    return "A" if ranking.index(in_a) < ranking.index(in_b) else "B"


def clear_choice(trial: Trial, question: Mapping[str, Any]) -> str | None:
    """Chooses the better system clearly, rates it 6 and the other 3, would keep it and not the other; no comment."""
    fixed = {"heard_more": "cant_tell", "no_preference_reason": "different_but_equal"}
    if question["name"] in fixed:
        return fixed[question["name"]]
    better = slot_of(trial)
    match question["kind"]:
        case "choice":
            return f"{better.lower()}_clearly"
        case "rating":
            return "6" if question.get("slot") == better else "3"
        case "keep":
            return "yes" if question["slot"] == better else "no"
        case _:
            return None


def with_answers(**answers: str) -> Choose:
    """`clear_choice`, but for the named questions (final_choice="no_preference", comment="...")."""

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        return answers.get(str(question["name"]), clear_choice(trial, question))

    return choose


def answer(trial: Trial, choose: Choose = clear_choice) -> None:
    """Answer a whole trial."""
    values: dict[str, str] = {}
    for step in trial.steps:
        posts = []
        for question in step["questions"]:
            value = choose(trial, question) if is_shown(question, values) else None
            if value is not None:
                values[question["name"]] = value
                posts.append(post(question["name"], value))
        heard_s = {"problem": 4.0, "A": 3.5, "B": 3.0}
        store_answers(trial, submission(*posts, step=step["name"], heard_s=heard_s, switches=2, gate_met=True))


def somebody(study: Study, choose: Choose = clear_choice, *, trials: int | None = None, **join: Any) -> Participant:
    """Joins, answers `trials` trials (default: all) and, having answered all, completes the session."""
    joined = join_study(study, token=uuid.uuid4().hex, consents=AGREED, recruiter={}, **join)
    for page in ("background", "setup"):
        store_page(joined.participant, page, {})
    for trial in joined.participant.trials.order_by("position")[:trials]:
        answer(trial, choose)
    if trials is None:
        store_page(joined.participant, "closing", {})
        complete_session(joined.participant)
    return Participant.objects.get(pk=joined.participant.pk)


def small_study(**options: Any) -> Study:
    """A study of SMALL's size; options replace parts of it, `design` key by key."""
    design = {**SMALL["design"], **options.pop("design", {})}
    return make_study(**{**SMALL, **options, "design": design})


def unblinded(study: Study) -> Study:
    """Closed and unblinded by the logged services."""
    return unblind_study(close_study(study, actor="tester"), actor="tester", reason="a test")


def run(job: Job) -> Job:
    """Run a queued job in this process, as a worker does; the job as it ended.

    Its lease is long: on a slow day the thread that renews it would wait for the test's own transaction for ever.
    """
    with override_settings(JOB_LEASE_S=LONG_S), patch.object(heartbeat, "LONGEST_PAUSE_S", LONG_S):
        claimed = claim_job(job.pk, queues=(), worker="test")
        assert claimed is not None, f"{job} is {job.state}"
        run_claimed(claimed)
    claimed.refresh_from_db()
    return claimed


def exported(study: Study, **options: Any) -> Job:
    """A finished export of the study as it is now; options as request_export takes them."""
    job = run(request_export(study, actor="tester", **options))
    assert job.state == Job.State.DONE, job.error
    return job


def read_archive(job: Job) -> dict[str, str]:
    """{name: text} of an export's files; its tables as "answers.csv" and so on, Parquet left out."""
    with zipfile.ZipFile(archive_path(job.pk)) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if not name.endswith(".parquet")]
        return {_short(name): archive.read(name).decode() for name in names}


def _short(name: str) -> str:
    return re.sub(r"^data/table-(\w+)_data\.csv$", r"\1.csv", name)


def rows_in(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text, read by the standard library."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def researcher(study: Study) -> Client:
    """A browser in which the study's owner is logged in."""
    client = Client()
    client.force_login(study.owner)
    return client


def body(client: Client, path: str) -> str:
    """What a GET gives, streamed or not; it has to be 200."""
    response = client.get(path)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code == 200, f"{path}: {response.status_code}"
    return content.decode()
