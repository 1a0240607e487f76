"""Another round of a study: the same file under another slug, with the material that was already prepared."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model

from studyweb.opaque import new_public_id
from studyweb.studies.log import StudyRefusedError, log_action
from studyweb.studies.models import Item, Study, System, Track
from studyweb.studies.selectors import preparation_of
from studyweb.studies.study_file import read_study_file

Row = TypeVar("Row", bound=Model)


@transaction.atomic
def create_round(source: Study, *, slug: str, owner: User, title: str | None = None, simulated: bool = False) -> Study:
    """A draft with the source's file, items, advice and audio; nothing is computed again.

    Everything gets opaque ids and files of its own, so that nothing in one round tells of another. Raises
    StudyRefusedError when the source is not prepared or the slug is taken, StudyFileError when the slug is malformed.
    """
    if not preparation_of(source).is_complete:
        raise StudyRefusedError([f"{source.slug} is not prepared yet; another round needs its advice and audio"])
    if Study.objects.filter(slug=slug).exists():
        raise StudyRefusedError([f"there is already a study {slug!r}"])
    file = read_study_file(_retitled(source.file_text, slug=slug, title=title))
    if file.plan["slug"] != slug:
        raise StudyRefusedError([f"the file of {source.slug} has no line `slug: {source.slug}` to put {slug!r} in"])
    study = Study.objects.create(
        slug=slug,
        title=file.plan["title"],
        owner=owner,
        is_simulated=simulated,
        file_text=file.text,
        file_sha256=file.sha256,
        plan=file.plan,
    )
    systems = {system.pk: _copied(system, study=study) for system in System.objects.filter(study=source)}
    tracks = {track.pk: _copied(track, study=study) for track in Track.objects.filter(study=source)}
    for item in source.items.all():
        _copy_item(item, study=study, track=tracks[item.track_id], systems=systems)
    log_action(study, actor=owner.get_username(), action="created", detail={"round_of": source.slug})
    return study


def _retitled(text: str, *, slug: str, title: str | None) -> str:
    text = re.sub(r"^slug:.*$", f"slug: {slug}", text, count=1, flags=re.M)
    if title is None:
        return text
    quoted = '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return re.sub(r"^title:.*$", lambda _: f"title: {quoted}", text, count=1, flags=re.M)


def _copy_item(item: Item, *, study: Study, track: Track, systems: dict[int, System]) -> None:
    advices, stems = list(item.advices.all()), list(item.stems.all())
    copy = _copied(item, study=study, track=track, public_id=new_public_id())
    for advice in advices:
        _copied(advice, item=copy, system=systems[advice.system_id], public_id=new_public_id())
    folder = Path("stimuli") / secrets.token_hex(8)
    (settings.MEDIA_ROOT / folder).mkdir(parents=True)
    for stem in stems:
        path = folder / f"{secrets.token_hex(12)}.flac"
        _link_or_copy(settings.MEDIA_ROOT / stem.path, settings.MEDIA_ROOT / path)
        _copied(stem, item=copy, path=str(path), public_id=new_public_id())


def _copied(row: Row, **changes: object) -> Row:
    """The row saved again as a new one, as Django's documentation copies model instances."""
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
