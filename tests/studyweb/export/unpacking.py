"""An export's files on disk, for tools that read files."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studyweb.export.services import archive_path
from studyweb.jobs.models import Job
from studyweb.trials.models import Participant, Trial
from tests.studyweb.answering import Choose, clear_choice, slot_of


def unpacked(job: Job, folder: Path) -> Path:
    """The folder that holds an export's files."""
    with zipfile.ZipFile(archive_path(job.pk)) as archive:
        archive.extractall(folder)
    return folder


def mixed_minds(seed: int) -> Choose:
    """Somebody who mostly prefers the better system, sometimes the other one or neither, and rates at random."""
    draw = random.Random(seed)

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if question["name"] == "final_choice":
            better = slot_of(trial)
            other = "B" if better == "A" else "A"
            side = draw.choices((better, other, ""), (6, 3, 2))[0]
            return f"{side.lower()}_{draw.choice(('clearly', 'slightly'))}" if side else "no_preference"
        if question["kind"] == "rating":
            return draw.choice((*"1234567", "cant_tell"))
        if question["kind"] == "keep":
            return draw.choice(("yes", "partly", "no"))
        return clear_choice(trial, question)

    return choose


def agree(person: Participant, **consents: bool) -> Participant:
    """Somebody's consents, as the form would have stored them."""
    person.consents = {"take_part": True, **consents}
    person.save(update_fields=["consents"])
    return person
