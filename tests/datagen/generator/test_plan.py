"""Songs on paper: keys, splits, forms, balances."""

from __future__ import annotations

import re

import numpy as np
import pytest

from datagen.generator import UnknownSongError, plan_song, song_keys
from datagen.generator.keys import SPLITS
from datagen.words import STEMS

SONGS = {split: [plan_song(key) for key in song_keys(split, 60)] for split in SPLITS}


def test_keys_are_numbered_per_split():
    assert song_keys("train", 2) == ("train-00000", "train-00001")


@pytest.mark.parametrize("key", ["demo-00001", "train-1", "train-00001 ", "", "train--0001"])
def test_an_unknown_key_is_named_in_the_error(key):
    with pytest.raises(UnknownSongError, match=re.escape(repr(key))):
        plan_song(key)


def test_an_unknown_split_is_an_error_that_lists_the_splits():
    with pytest.raises(UnknownSongError, match="train, validation, test, study"):
        song_keys("dev", 3)


def test_a_high_index_is_a_song_too():
    assert plan_song("train-987654").duration_s > 0


def test_a_plan_is_a_function_of_its_key():
    first = plan_song("study-00003")
    plan_song.cache_clear()
    assert plan_song("study-00003") == first


@pytest.mark.parametrize("split", SPLITS)
def test_songs_last_40_to_75_seconds(split):
    assert all(40 <= plan.duration_s <= 75 for plan in SONGS[split])


def test_sections_follow_each_other_without_gaps():
    for plan in SONGS["train"]:
        starts = [section.start_bar for section in plan.sections]
        ends = [section.start_bar + section.bars for section in plan.sections]
        assert starts == [0, *ends[:-1]]
        assert [section.end_s for section in plan.sections[:-1]] == [section.start_s for section in plan.sections[1:]]


def test_every_stem_plays_in_some_section():
    for plan in SONGS["train"]:
        assert all(any(section.playing[stem] for section in plan.sections) for stem in range(len(STEMS)))


def test_at_least_eight_genres_occur_in_sixty_songs():
    assert len({plan.genre for plan in SONGS["train"]}) >= 8


def test_splits_share_no_timbre():
    ids = [{timbre for plan in SONGS[split] for timbre in plan.timbre_ids} for split in SPLITS]
    assert sum(len(names) for names in ids) == len(set().union(*ids))


def test_splits_share_no_tempo():
    tempi = [{plan.tempo_bpm for plan in SONGS[split]} for split in SPLITS]
    assert sum(len(values) for values in tempi) == len(set().union(*tempi))


def test_stem_powers_add_up_to_the_mix():
    levels = np.array([plan.levels_lu for plan in SONGS["train"]])
    np.testing.assert_allclose((10 ** (levels / 10)).sum(axis=1), 1.0, atol=1e-3)


def test_spread_0_gives_every_song_the_same_balance():
    assert len({plan_song(key, spread=0.0).levels_lu for key in song_keys("train", 60)}) == 1


@pytest.mark.parametrize("split", SPLITS)
def test_spread_1_varies_each_stem_by_at_least_2_lu(split):
    levels = np.array([plan.levels_lu for plan in SONGS[split]])
    assert (levels.std(axis=0) >= 2.0 * (1 - 1 / np.sqrt(2 * 60))).all()


def test_over_many_songs_each_stem_varies_by_at_least_2_lu():
    levels = np.array([plan_song(key).levels_lu for key in song_keys("train", 600)])
    assert (levels.std(axis=0) >= 2.0).all()


def test_vocals_lie_about_3_lu_below_the_mix():
    vocals = np.array([plan_song(key).levels_lu[3] for key in song_keys("train", 600)])
    assert vocals.mean() == pytest.approx(-3.0, abs=0.7)


def test_country_vocals_are_louder_than_metal_vocals():
    plans = [plan_song(key) for key in song_keys("train", 600)]
    by_genre = {g: np.mean([p.levels_lu[3] for p in plans if p.genre == g]) for g in ("country", "rock", "metal")}
    assert by_genre["country"] > by_genre["rock"] > by_genre["metal"]


def test_spread_changes_nothing_but_the_balance():
    narrow, wide = plan_song("train-00005", spread=0.0), plan_song("train-00005", spread=1.0)
    assert narrow.timbre_ids == wide.timbre_ids
    assert narrow.sections == wide.sections
    assert narrow.levels_lu != wide.levels_lu


@pytest.mark.parametrize("spread", [-0.1, 3.5, float("nan")])
def test_a_spread_out_of_range_is_an_error(spread):
    with pytest.raises(ValueError, match="between 0 and 3"):
        plan_song("train-00000", spread=spread)


def test_titles_are_words():
    assert all(re.fullmatch(r"[A-Z][A-Za-z, ]+", plan.title) for plan in SONGS["study"])
