"""The audio of a study's items: what is asked of a worker, and how its files and levels are kept."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datagen.recipes import recipe_from_json
from datagen.requests import StimulusRequest, StimulusResult
from studyweb.studies.log import require_state
from studyweb.studies.models import Advice, Item, StemAudio, Study

log = logging.getLogger(__name__)


def stimulus_request(item: Item, *, folder: str) -> StimulusRequest:
    """What to write and measure: the problem's stems, and every advice that can be applied as a condition."""
    recipe = recipe_from_json(item.recipe)
    return StimulusRequest(
        item_id=item.public_id,
        excerpt=recipe.excerpt,
        disturbance_db=recipe.disturbance_db,
        conditions_db={advice.public_id: advice.changes for advice in item.advices.all() if advice.changes is not None},
        folder=str(settings.MEDIA_ROOT / folder),
    )


@transaction.atomic
def store_stimulus(item: Item, result: StimulusResult, *, folder: str) -> None:
    """Keep an item's stems and the level of every condition; former files are removed after the commit.

    Raises StudyRefusedError once the study has left its draft.
    """
    item = Item.objects.select_for_update().select_related("study").get(pk=item.pk)
    require_state(item.study, Study.State.DRAFT, to="change the audio of")
    former = [settings.MEDIA_ROOT / stem.path for stem in item.stems.all()]
    item.stems.all().delete()
    StemAudio.objects.bulk_create(
        StemAudio(
            item=item,
            position=position,
            stem=file.stem,
            path=f"{folder}/{file.file_name}",
            size_bytes=file.bytes,
            sha256=file.sha256,
        )
        for position, file in enumerate(result.stems)
    )
    _store_levels(item, result)
    Item.objects.filter(pk=item.pk).update(
        attenuation_db=result.attenuation_db,
        frames=result.frames,
        sample_rate=result.sample_rate,
        waveform=list(result.waveform),
        facts=result.facts,
        stimulus_ready_at=timezone.now(),
    )
    transaction.on_commit(lambda: _remove(former))


def _store_levels(item: Item, result: StimulusResult) -> None:
    for advice in item.advices.all():
        level = result.conditions.get(advice.public_id)
        if level is not None:
            Advice.objects.filter(pk=advice.pk).update(
                trim_db=level.trim_db, loudness_lufs=level.loudness_lufs, true_peak_dbtp=level.true_peak_dbtp
            )


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
