"""From a file to a study: what is drawn, what is queued, and that a refused file leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from studyweb.jobs.models import Job
from studyweb.studies.creation import create_study
from studyweb.studies.log import StudyRefusedError
from studyweb.studies.models import Advice, Study, StudyLog
from studyweb.studies.problems import StudyFileError
from studyweb.studies.selectors import preparation_of, waiting_for_delivery
from studyweb.studies.stems_study import stems_study_file
from tests.studyweb.studies.example import EXAMPLE, WITHOUT_PEOPLE, changed, on_tracks_at

RULE = """\
  rule: {split: test, tracks: 2, excerpts_per_track: 2, length_s: 4, seed: 3}
  disturbances: {clean_share: 0.25, minimum_db: 5}
"""


def by_rule(root: Path, *, slug: str = "ruled", rule: str = RULE) -> str:
    text = on_tracks_at(root, changed("slug: example", f"slug: {slug}", text=WITHOUT_PEOPLE))
    start, end = text.index("  list:\n"), text.index("design:\n")
    return text[:start] + rule + text[end:]


def content(study: Study) -> list[tuple[object, ...]]:
    return list(study.items.values_list("role", "track__key", "start_samples", "recipe", "correction", "brief"))


def test_listed_items_are_as_listed(study: Study) -> None:
    items = list(study.items.all())
    assert [item.role for item in items] == ["scored", "scored", "scored", "check", "practice"]
    assert items[0].recipe["disturbance_db"] == {"vocals": 6.0}
    assert items[0].correction == {"vocals": -6.0}
    assert items[2].correction == {}
    assert (items[0].start_samples, items[0].length_samples) == (44_100, 4 * 44_100)


def test_a_rule_draws_the_same_items_again_and_others_with_another_seed(owner: User, tracks: Path) -> None:
    first = create_study(by_rule(tracks), owner=owner)
    again = create_study(by_rule(tracks, slug="again"), owner=owner)
    other = create_study(by_rule(tracks, slug="other", rule=RULE.replace("seed: 3", "seed: 4")), owner=owner)
    assert content(again) == content(first)
    assert content(other) != content(first)


def test_a_rule_keeps_its_promises(owner: User, tracks: Path) -> None:
    study = create_study(by_rule(tracks), owner=owner)
    scored = list(study.items.filter(role="scored"))
    assert len(scored) == 4
    assert len({item.track_id for item in scored}) == 2
    assert [item.correction for item in scored].count({}) == 1
    gains = [abs(gain) for item in scored for gain in item.recipe["disturbance_db"].values()]
    assert min(gains) >= 5
    assert len({(item.track_id, str(item.recipe["disturbance_db"]), item.start_samples) for item in scored}) == 4


def test_checks_and_practice_carry_one_clear_change_on_tracks_of_their_own(owner: User, tracks: Path) -> None:
    study = create_study(by_rule(tracks), owner=owner)
    extras = list(study.items.exclude(role="scored"))
    assert {item.role for item in extras} == {"check", "practice"}
    assert not {item.track_id for item in extras} & {item.track_id for item in study.items.filter(role="scored")}
    for item in extras:
        (gain_db,) = item.recipe["disturbance_db"].values()
        assert abs(gain_db) >= 6


def test_one_short_track_gives_items_that_differ(owner: User, hq_track: Path) -> None:
    study = create_study(stems_study_file(hq_track, slug="short"), owner=owner)
    items = list(study.items.all())
    assert len(items) == 10
    assert study.tracks.count() == 1
    assert all(item.length_samples >= 4 * 44_100 for item in items)
    identities = {(item.start_samples, tuple(item.recipe["disturbance_db"].items())) for item in items}
    assert len(identities) == len(items)


def test_every_track_keeps_its_licence_and_hash(study: Study) -> None:
    track = study.tracks.get(key="study-00001")
    assert (track.licence, track.may_serve, track.may_publish) == ("unknown", False, False)
    assert len(track.source_sha256) == 64


def test_advice_is_asked_for_where_it_is_needed(study: Study) -> None:
    queued = Job.objects.filter(kind="advice")
    assert queued.count() == 2 * 5  # oracle and nothing, on every item
    assert set(Advice.objects.values_list("system__key", "item__role")) == {("sabotaged", "check")}
    waiting = waiting_for_delivery(study)
    assert {each.system.key for each in waiting} == {"engineer"}
    assert {each.item.role for each in waiting} == {"scored", "practice"}
    assert preparation_of(study).advices_total == 10 + 1 + 4


def test_creation_is_logged_and_says_who(study: Study) -> None:
    line = StudyLog.objects.get(study=study)
    assert (line.actor, line.action) == ("researcher", "created")
    assert line.detail["items"] == 5


def test_a_wrong_file_leaves_nothing_behind(owner: User) -> None:
    with pytest.raises(StudyFileError, match=r"line \d+: design.trials\[1\].pair: there is no system 'nobody'"):
        create_study(changed("[oracle, engineer], count", "[oracle, nobody], count"), owner=owner)
    assert not Study.objects.exists()
    assert not Job.objects.exists()


def test_a_taken_slug_is_refused(study: Study, owner: User) -> None:
    with pytest.raises(StudyRefusedError, match="already a study 'example'"):
        create_study(EXAMPLE, owner=owner)
    assert Study.objects.count() == 1


def test_a_track_that_cannot_be_read_is_named_with_its_line(owner: User, tmp_path: Path) -> None:
    (tmp_path / "broken.stem.mp4").write_bytes(b"not an mp4 file")
    text = changed("source: procedural", f"source: recognise\n  root: {tmp_path}")
    with pytest.raises(StudyFileError, match=r"line \d+: excerpts") as caught:
        create_study(text, owner=owner)
    assert "broken.stem.mp4" in str(caught.value) or "study-00001" in str(caught.value)
