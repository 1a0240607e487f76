"""Which windows are chosen: the gate, the seed, short songs and alignment clicks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datagen.excerpts import excerpt_candidates, pick_excerpt
from datagen.requests import TrackRef
from datagen.sources import Source, SourceError, open_source, read_excerpt, recognise
from datagen.track_scan import alignment_click
from tests.datagen.making_stems import RATE, four_stems, write_song_wavs

SONG = "Triviul - Angelsaint"


def song(tmp_path: Path, *, seconds: float, silent_until: dict[str, float] | None = None) -> Source:
    """A song whose stems enter late, as a source."""
    stems = four_stems(seconds=seconds)
    for name, until_s in (silent_until or {}).items():
        stems[name][:, : round(until_s * RATE)] = 0
    write_song_wavs(tmp_path / SONG, stems)
    return recognise(tmp_path)


def test_windows_start_every_second_and_end_inside_the_song(tmp_path: Path) -> None:
    candidates = excerpt_candidates(song(tmp_path, seconds=12.5), SONG, length_s=10.0)
    assert [each.excerpt.start_samples for each in candidates] == [0, RATE, 2 * RATE]
    assert {each.excerpt.length_samples for each in candidates} == {10 * RATE}


def test_a_candidate_names_its_track_and_the_stems_that_can_be_heard(tmp_path: Path) -> None:
    candidates = excerpt_candidates(song(tmp_path, seconds=10, silent_until={"vocals": 8.0}), SONG, length_s=5.0)
    assert candidates[0].excerpt.track == TrackRef("musdb18_hq", SONG, str(tmp_path.resolve()))
    assert candidates[0].audible == ("drums", "bass", "other")
    assert candidates[-1].audible == ("drums", "bass", "other", "vocals")


def test_the_picked_window_has_three_audible_stems_where_there_are_any(tmp_path: Path) -> None:
    source = song(tmp_path, seconds=20, silent_until={"vocals": 15.0, "other": 15.0})
    starts = {pick_excerpt(source, SONG, length_s=4.0, seed=seed).start_samples for seed in range(30)}
    assert min(starts) >= 11 * RATE


def test_a_song_with_two_stems_is_still_picked_from(tmp_path: Path) -> None:
    source = song(tmp_path, seconds=8, silent_until={"vocals": 8.0, "other": 8.0})
    assert pick_excerpt(source, SONG, length_s=5.0, seed=1).length_samples == 5 * RATE


def test_the_same_seed_picks_the_same_window_and_other_seeds_others(tmp_path: Path) -> None:
    source = song(tmp_path, seconds=20)
    picked = [pick_excerpt(source, SONG, length_s=5.0, seed=seed) for seed in range(12)]
    assert picked == [pick_excerpt(source, SONG, length_s=5.0, seed=seed) for seed in range(12)]
    assert len(set(picked)) > 3


def test_a_short_song_gives_one_excerpt_as_long_as_it_allows(tmp_path: Path) -> None:
    (candidate,) = excerpt_candidates(song(tmp_path, seconds=6.05), SONG, length_s=20.0)
    assert candidate.excerpt.length_samples == round(6.05 * RATE)


def test_a_song_below_four_seconds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"only 3\.50 s long; excerpts need 4 s"):
        pick_excerpt(song(tmp_path, seconds=3.5), SONG, length_s=20.0, seed=1)


def test_a_silent_song_is_refused(tmp_path: Path) -> None:
    silent = dict.fromkeys(("drums", "bass", "other", "vocals"), 6.0)
    with pytest.raises(SourceError, match="no stem is audible in any window"):
        excerpt_candidates(song(tmp_path, seconds=6, silent_until=silent), SONG, length_s=5.0)


def test_excerpts_shorter_than_four_seconds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="too short"):
        excerpt_candidates(song(tmp_path, seconds=6), SONG, length_s=2.0)


def test_a_long_song_is_gated_the_same_in_pieces_as_whole(tmp_path: Path) -> None:
    source = song(tmp_path, seconds=64, silent_until={"bass": 31.0})
    candidates = excerpt_candidates(source, SONG, length_s=5.0)
    assert candidates[0].audible == ("drums", "other", "vocals")
    assert len(candidates) == 60
    assert all(each.audible == ("drums", "bass", "other", "vocals") for each in candidates[31:])


def test_the_real_songs_alignment_clicks_are_left_out(falcon: Path) -> None:
    excerpt = pick_excerpt(recognise(falcon), "The Easton Ellises - Falcon 69", length_s=20.0, seed=1)
    assert (excerpt.start_samples, excerpt.start_samples + excerpt.length_samples) == (4_410, 264_600)
    assert np.abs(read_excerpt(excerpt)).max() < 0.6


def test_music_is_not_taken_for_an_alignment_click() -> None:
    stems = np.stack(list(four_stems(seconds=0.5).values()))
    assert alignment_click(stems) is None


def test_a_click_in_every_stem_is_found_where_it_is() -> None:
    stems = np.stack(list(four_stems(seconds=0.5).values())) * 0.1
    stems[..., 7_000:7_010] += 0.8
    assert alignment_click(stems) == pytest.approx(7_005, abs=64)


def test_a_click_in_three_of_four_stems_is_music() -> None:
    stems = np.stack(list(four_stems(seconds=0.5).values())) * 0.1
    stems[:3, :, 7_000:7_010] += 0.8
    assert alignment_click(stems) is None


def test_generated_songs_name_section_and_lead() -> None:
    source = open_source("procedural")
    candidate = excerpt_candidates(source, "study-00001", length_s=20.0)[0]
    assert candidate.section
    assert candidate.lead in ("drums", "bass", "other", "vocals")
    assert candidate.genre


def test_a_damaged_scan_is_made_again(tmp_path: Path, cache_folder: Path) -> None:
    source = song(tmp_path, seconds=6)
    before = excerpt_candidates(source, SONG, length_s=5.0)
    (scan,) = (cache_folder / "scans").iterdir()
    scan.write_bytes(scan.read_bytes()[:200])
    assert excerpt_candidates(source, SONG, length_s=5.0) == before
