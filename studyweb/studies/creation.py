"""From a study file to a study in the database: checked, drawn, stored in one piece, its work queued."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from datagen.recipes import correction_of, recipe_to_json
from datagen.requests import Progress
from datagen.sources import SourceError
from datagen.sources import Track as SourceTrack
from datagen.words import mapping_from_changes
from studyweb.studies.advices import request_advice
from studyweb.studies.lint import errors_of, lint_study_file
from studyweb.studies.log import StudyRefusedError, log_action
from studyweb.studies.materials import Material, draw_materials
from studyweb.studies.models import Item, Study, System, Track
from studyweb.studies.problems import Problem, StudyFileError
from studyweb.studies.study_file import StudyFile, read_study_file


def create_study(
    file_text: str,
    *,
    owner: User,
    simulated: bool = False,
    base_folder: Path | None = None,
    progress: Progress | None = None,
) -> Study:
    """A study in draft, with its items drawn and the work of its preparation queued.

    `base_folder` is where a relative `excerpts.root` is looked for: the study file's folder. `progress` is told what is
    being read, which takes a second or two a track. Raises StudyFileError with every problem of the file, and
    StudyRefusedError when the slug is taken; then nothing is stored.
    """
    file = read_study_file(file_text)
    errors = errors_of(lint_study_file(file, base_folder=base_folder))
    if errors:
        raise StudyFileError(errors)
    _refuse_taken_slug(file.plan["slug"])
    # Audio is read before the transaction begins: a write lock is not held for a minute.
    materials = _materials(file, base_folder, progress or _silent)
    with transaction.atomic():
        _refuse_taken_slug(file.plan["slug"])
        study = _store_study(file, owner=owner, simulated=simulated)
        _store_systems(study)
        _store_items(study, materials)
        log_action(study, actor=owner.get_username(), action="created", detail=_summary(study))
        request_advice(study)
    return study


def _materials(file: StudyFile, base_folder: Path | None, progress: Progress) -> list[Material]:
    try:
        return draw_materials(file.plan, base_folder=base_folder, progress=progress)
    except SourceError as error:
        raise StudyFileError([Problem(file.line_of(("excerpts",)), "excerpts", str(error))]) from error


def _store_study(file: StudyFile, *, owner: User, simulated: bool) -> Study:
    return Study.objects.create(
        slug=file.plan["slug"],
        title=file.plan["title"],
        owner=owner,
        is_simulated=simulated,
        file_text=file.text,
        file_sha256=file.sha256,
        plan=file.plan,
    )


def _store_systems(study: Study) -> None:
    System.objects.bulk_create(
        System(
            study=study,
            position=position,
            key=entry["key"],
            label=entry["label"],
            kind=entry["kind"],
            trained_on=entry.get("trained_on", ""),
            shown=entry.get("shown", ""),
            reference_kind=entry.get("reference_kind", "none"),
            entry=entry,
        )
        for position, entry in enumerate(study.plan["systems"])
    )


def _store_items(study: Study, materials: list[Material]) -> None:
    tracks: dict[str, Track] = {}
    for position, material in enumerate(materials):
        recipe = material.recipe
        key = recipe.excerpt.track.key
        if key not in tracks:
            tracks[key] = _store_track(study, material.track, recipe.excerpt.track.source, recipe.excerpt.track.root)
        Item.objects.create(
            study=study,
            track=tracks[key],
            position=position,
            role=material.role,
            start_samples=recipe.excerpt.start_samples,
            length_samples=recipe.excerpt.length_samples,
            brief=recipe.brief,
            recipe=recipe_to_json(recipe),
            correction=mapping_from_changes(correction_of(recipe)),
        )


def _store_track(study: Study, track: SourceTrack, source: str, root: str) -> Track:
    names = ("key", "title", "artist", "genre", "licence", "attribution", "may_serve", "may_publish")
    measures = ("sample_rate", "length_samples", "source_sha256")
    copied = {name: getattr(track, name) for name in (*names, *measures)}
    return Track.objects.create(study=study, source=source, root=root, **copied)


def _refuse_taken_slug(slug: str) -> None:
    if Study.objects.filter(slug=slug).exists():
        raise StudyRefusedError([f"there is already a study {slug!r}; a changed study needs another slug"])


def _summary(study: Study) -> dict[str, Any]:
    return {
        "file_sha256": study.file_sha256,
        "items": study.items.count(),
        "tracks": study.tracks.count(),
        "is_simulated": study.is_simulated,
    }


def _silent(_share: float, _message: str) -> None:
    """Progress that nobody watches."""
