"""A study of many answers in a database of its own, and what exporting it takes; run in a process of its own.

python -m tests.bench.export_speed ANSWERS FOLDER     prints one JSON object
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import resource
import sqlite3
import sys
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

PARTICIPANTS, TRACKS = 1_000, 100
STEPS = (
    *(("first_choice", "", "choice"), ("describes.A", "A", "rating"), ("describes.B", "B", "rating")),
    *(("tells.A", "A", "rating"), ("tells.B", "B", "rating"), ("final_choice", "", "choice")),
    *(("keep.A", "A", "keep"), ("keep.B", "B", "keep"), ("improves.A", "A", "rating"), ("comment", "", "text")),
)
"""What every trial is asked; the first five are one post, the others another."""
VALUES = {
    "choice": ("a_clearly", "a_slightly", "no_preference", "b_slightly", "b_clearly"),
    "rating": tuple("1234567"),
    "keep": ("yes", "partly", "no"),
    "text": ("The vocals sit better, the drums are a little loud.",),
}
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
LOOK_S = 0.02
AT = "2026-11-25 10:{:02d}:{:02d}.123456"


def fill(answers: int) -> Any:
    """A study with that many answers; written by SQL, as no study is filled in a minute."""
    from django.db import connection, transaction

    from studyweb.trials.models import Participant, Trial
    from tests.factories import make_study

    study = make_study(items=TRACKS, audio=False)
    agreed = {"take_part": True, "publish_answers": True, "train_models": True}
    people = [Participant(study=study, link_sha256=uuid.uuid4().hex, consents=agreed) for _ in range(PARTICIPANTS)]
    Participant.objects.bulk_create(people)
    items = list(study.items.filter(role="scored").prefetch_related("advices__system"))
    per_person = answers // PARTICIPANTS // len(STEPS)
    with transaction.atomic(), connection.cursor() as cursor:
        for person in people:
            trials = [_trial(person, items[number % len(items)], number) for number in range(per_person)]
            Trial.objects.bulk_create(trials)
            cursor.executemany(_insert(), list(_answers(trials, random.Random(person.public_id))))
    return study


def _trial(person: Any, item: Any, number: int) -> Any:
    from studyweb.trials.models import Trial

    advices = {advice.system.key: advice for advice in item.advices.all()}
    keys = ("differential", "baseline") if number % 2 else ("baseline", "differential")
    in_a, in_b = (advices[key] for key in keys)
    draw = {"pair": "differential|baseline", "first_in_a": number % 2 == 1, "items": [item.position], "block": 4}
    times = dict.fromkeys(("started_at", "read_at", "completed_at"), person.consented_at)
    fields = {"participant": person, "position": number + 1, "role": "scored", "item": item, "steps": [], "draw": draw}
    return Trial(**fields, advice_a=in_a, advice_b=in_b, **times)


FIELDS = (
    *("participant_id", "trial_id", "client_uuid", "step", "slot", "kind", "revision", "value", "context", "salt"),
    *("commitment", "previous_hash", "hash", "received_at"),
)


def _insert() -> str:
    return f"INSERT INTO trials_answer ({', '.join(FIELDS)}) VALUES ({', '.join(['%s'] * len(FIELDS))})"


def _answers(trials: list[Any], draw: random.Random) -> Iterator[tuple[Any, ...]]:
    for trial in trials:
        contexts = [_context(trial, draw, part) for part in ("read", "hear")]
        for number, (step, slot, kind) in enumerate(STEPS):
            digest = hashlib.sha256(f"{trial.public_id}{step}".encode()).hexdigest()
            head = (trial.participant_id.hex, trial.pk.hex, uuid.uuid4().hex, step, slot, kind, 1)
            value = draw.choice(VALUES[kind])
            at = AT.format(number, draw.randrange(60))
            yield (*head, value, contexts[number >= 5], digest[:32], digest, digest, digest, at)


def _context(trial: Any, draw: random.Random, step: str) -> str:
    gains = {"A": {"drums": -3.0}, "B": {"drums": -1.5}}
    noted = {
        "step": step,
        "heard_s": {"problem": 3.2, "A": 5.0, "B": 4.5},
        "switches": draw.randrange(9),
        "gate_met": True,
    }
    noted |= {"ms_on_step": draw.randrange(60_000), "device_sample_rate": 44_100, "position": trial.position}
    return json.dumps({**noted, "study_sha256": "a" * 64, "gains_db": gains, "trim_db": {"A": 0.1, "B": 0.2}})


def export(study: Any, profile: str) -> dict[str, Any]:
    """Write one archive as the job does."""
    from studyweb.export.archive import write_archive
    from studyweb.export.services import request_export
    from studyweb.jobs.kinds.export import load
    from studyweb.jobs.queue import claim_job

    job = claim_job(request_export(study, actor="bench", profile=profile).pk, queues=(), worker="bench")
    assert job is not None
    with watched_memory() as peak_mb:
        started, cpu = time.perf_counter(), _cpu_seconds()
        result = write_archive(load(job), lambda _share, _message: None)
        took = {"seconds": time.perf_counter() - started, "cpu_seconds": _cpu_seconds() - cpu}
    with zipfile.ZipFile(result.path) as archive:
        took["bytes"] = sum(entry.file_size for entry in archive.infolist())
    took["zip_bytes"] = Path(result.path).stat().st_size
    Path(result.path).unlink()
    return {**took, "answers": result.row_counts["answers"], "peak_mb": peak_mb()}


def read_only(path: Path) -> float:
    """Seconds to fetch the same rows and do nothing with them: what no export can be faster than."""
    started = time.perf_counter()
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT * FROM trials_answer ORDER BY participant_id, id")
        while list(islice(rows, 2_000)):
            continue
    return time.perf_counter() - started


def _cpu_seconds() -> float:
    """Of this process and of those that it waited for."""
    used = (resource.getrusage(who) for who in WHO)
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def watched_memory() -> Iterator[Callable[[], float]]:
    """Gives this process's peak plus that of the largest it started meanwhile, in MB, as if both were at once.

    What the kernel keeps for ended children counts what they shared with their parent before they became a program of
    their own, so they are looked at while they run.
    """
    children, over = {0: 0}, threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                children[int(child)] = max(children.get(int(child), 0), _peak_kb(child))

    watch = threading.Thread(target=look)
    watch.start()
    try:
        yield lambda: (_peak_kb("self") + max(children.values())) / 1024
    finally:
        over.set()
        watch.join()


def _peak_kb(process: str) -> int:
    """The largest resident size of a process since it became this program; 0 when it is gone."""
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    except FileNotFoundError:
        return 0
    return int(found[1]) if found else 0


def main(answers: int, folder: Path) -> None:
    """Fill, export in both profiles, print."""
    os.environ |= {"MIXTRIAL_DATA": str(folder), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "studyweb.settings"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from studyweb.studies.services import close_study, unblind_study

    call_command("migrate", verbosity=0)
    study = fill(answers)
    study = unblind_study(close_study(study, actor="bench"), actor="bench", reason="a bench")
    found: dict[str, Any] = {
        "before_mb": _peak_kb("self") / 1024,
        "project": export(study, "project"),
        "public": export(study, "public"),
    }
    found["read_only_s"] = read_only(Path(settings.DATABASES["default"]["NAME"]))
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
