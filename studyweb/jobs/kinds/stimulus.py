"""The audio of one item, once all its advice is there."""

from __future__ import annotations

from typing import Any

from datagen.requests import StimulusRequest, StimulusResult
from studyweb.jobs.models import Job
from studyweb.studies.advices import stimulus_version
from studyweb.studies.models import Item
from studyweb.studies.stimuli import stimulus_request, store_stimulus

QUEUE = "cpu"


def load(job: Job) -> StimulusRequest:
    """Which stems to write and which conditions to measure."""
    return stimulus_request(_item(job), folder=job.payload["folder"])


def store(job: Job, result: StimulusResult) -> dict[str, Any]:
    """Keep files and levels."""
    item = _item(job)
    if stimulus_version(item) > job.payload["version"]:  # an advice changed meanwhile; a newer job measures it
        return {"superseded": True}
    store_stimulus(item, result, folder=job.payload["folder"])
    return {"stems": len(result.stems), "attenuation_db": result.attenuation_db}


def _item(job: Job) -> Item:
    return Item.objects.prefetch_related("advices").get(pk=job.payload["item"])
