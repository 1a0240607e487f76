"""A kind of job that only tests have: it says when it starts, waits at a gate, and stores one row."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from datagen.requests import Progress

QUEUE = "cpu"


def load(job: Any) -> dict[str, Any]:
    """The payload: `folder`, and what to do."""
    return {**job.payload, "attempt": job.attempt}


def store(job: Any, result: dict[str, Any]) -> dict[str, Any]:
    """One row of an ordinary table, so that results can be counted."""
    from django.contrib.auth.models import Group

    Group.objects.create(name=f"{job.key} attempt {job.attempt}")
    return result


def work(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Note the process, then wait until the gate is open (and, when asked, for ever in the first attempt)."""
    folder = Path(request["folder"])
    (folder / f"started-{request['attempt']}").write_text(str(os.getpid()))
    if request.get("error"):
        raise {"ValueError": ValueError, "OSError": OSError}[request["error"]]("as asked")
    hangs = request.get("hangs_in_attempt") == request["attempt"]
    while hangs or not (folder / "gate").exists():
        progress(0.5, "waiting at the gate")
        time.sleep(0.02)
    return {"process": os.getpid()}
