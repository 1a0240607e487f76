"""Another round of a study: everything copied, nothing shared that could tell one round of the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from studyweb.jobs.models import Job
from studyweb.studies.freezing import frozen_content
from studyweb.studies.log import StudyRefusedError
from studyweb.studies.models import Advice, Item, StemAudio, Study, System, Track
from studyweb.studies.problems import StudyFileError
from studyweb.studies.rounds import create_round
from studyweb.studies.selectors import preparation_of
from studyweb.studies.services import open_study
from studyweb.trials.models import Participant
from tests.factories import make_study, make_user
from tests.studyweb.answering import somebody

pytestmark = pytest.mark.django_db

IDENTITY = {"id", "public_id", "study", "track", "item", "system", "path", "created_at"}
"""Fields in which a copy has to differ from its original."""


@pytest.fixture
def source(settings: Any, tmp_path: Path) -> Study:
    """A closed study with audio, its file as YAML."""
    settings.MEDIA_ROOT = tmp_path
    study = make_study(items=6, state="closed", design={"trials": [{"pair": ["differential", "baseline"], "count": 4}]})
    study.plan["texts"]["information"] *= 3  # the schema asks for a text of some length
    plan = {key: value for key, value in study.plan.items() if key not in {"slug", "title"}}
    head = f"slug: {study.slug}\ntitle: {study.title}\n"
    study.file_text = head + yaml.safe_dump(plan, allow_unicode=True, sort_keys=False)
    study.save()
    return study


def another(source: Study, *, slug: str = "second-round", **options: Any) -> Study:
    return create_round(source, slug=slug, owner=make_user(), **options)


def contents(model: Any, path: str, study: Study) -> list[dict[str, Any]]:
    """The rows of a study without what tells them apart from another study's."""
    rows = model.objects.filter(**{path: study}).order_by("pk")
    fields = [field.name for field in model._meta.fields if field.name not in IDENTITY]
    return [{name: getattr(row, name) for name in fields} for row in rows]


PARTS = [
    (System, "study"),
    (Track, "study"),
    (Item, "study"),
    (Advice, "item__study"),
    (StemAudio, "item__study"),
]


@pytest.mark.parametrize(("model", "path"), PARTS)
def test_every_part_is_copied_whole(source: Study, model: Any, path: str) -> None:
    made = another(source)
    assert contents(model, path, made) == contents(model, path, source) != []


@pytest.mark.parametrize(("model", "path"), [(Item, "study"), (Advice, "item__study"), (StemAudio, "item__study")])
def test_no_public_id_is_shared(source: Study, model: Any, path: str) -> None:
    made = another(source)
    ids = [set(model.objects.filter(**{path: study}).values_list("public_id", flat=True)) for study in (source, made)]
    assert ids[0] & ids[1] == set()
    assert len(ids[0]) == len(ids[1]) > 0
    assert made.public_id != source.public_id


def test_advice_stays_with_its_item_and_system(source: Study) -> None:
    made = another(source)
    names = ("item__position", "system__key", "text")
    old, new = (set(Advice.objects.filter(item__study=study).values_list(*names)) for study in (source, made))
    assert old == new
    assert not Advice.objects.filter(item__study=made).exclude(system__study=made).exists()
    assert not Item.objects.filter(study=made).exclude(track__study=made).exists()


def test_audio_has_files_of_its_own_with_the_same_sound(source: Study, settings: Any) -> None:
    made = another(source)
    pairs = zip(
        StemAudio.objects.filter(item__study=source).order_by("pk"),
        StemAudio.objects.filter(item__study=made).order_by("pk"),
        strict=True,
    )
    for old, new in pairs:
        assert old.path != new.path
        assert (settings.MEDIA_ROOT / old.path).read_bytes() == (settings.MEDIA_ROOT / new.path).read_bytes()
        (settings.MEDIA_ROOT / old.path).unlink()
        assert (settings.MEDIA_ROOT / new.path).stat().st_size == new.size_bytes


def test_a_round_is_a_prepared_draft_with_its_own_file_and_no_people(source: Study) -> None:
    Study.objects.filter(pk=source.pk).update(state="open")
    source.refresh_from_db()
    somebody(source)
    made = another(source, title='The "second" one', simulated=True)
    assert (made.state, made.slug, made.title) == ("draft", "second-round", 'The "second" one')
    assert (made.plan["slug"], made.plan["title"]) == (made.slug, made.title)
    assert made.file_sha256 != source.file_sha256
    assert made.is_simulated
    assert made.is_masked
    assert preparation_of(made).is_complete
    assert not Participant.objects.filter(study=made).exists()
    assert not Job.objects.filter(study_id=made.pk).exists()
    assert made.log.get().detail == {"round_of": source.slug}


def test_a_round_can_be_opened_and_taken_part_in(source: Study) -> None:
    made = another(source)
    made = open_study(made, actor="tester")
    assert made.frozen_sha256
    assert frozen_content(made)["stems"]
    assert somebody(made).state == Participant.State.COMPLETED


def test_a_taken_slug_is_refused_and_nothing_is_made(source: Study) -> None:
    with pytest.raises(StudyRefusedError, match="already a study"):
        another(source, slug=source.slug)
    assert Study.objects.count() == 1


def test_a_malformed_slug_is_refused(source: Study) -> None:
    with pytest.raises(StudyFileError):
        another(source, slug="Not A Slug")
    assert Study.objects.count() == 1


def test_a_source_that_is_not_prepared_is_refused(source: Study) -> None:
    source.items.update(stimulus_ready_at=None)
    with pytest.raises(StudyRefusedError, match="not prepared"):
        another(source)


def test_a_file_whose_slug_cannot_be_changed_is_refused(source: Study) -> None:
    source.file_text = source.file_text.replace(f"slug: {source.slug}", f'"slug": {source.slug}')
    source.save()
    with pytest.raises(StudyRefusedError, match="slug"):
        another(source)
    assert Study.objects.count() == 1
