"""Texts that tell nothing, everything, or only by their length; the interval against an independent one."""

from __future__ import annotations

import numpy as np
import pytest

from studyweb.stats.classify import area_under_curve
from studyweb.stats.separability import AdviceText, area_variance, separability

STEMS = ("drums", "bass", "vocals", "others")
FORMS = ("Turn the {} down by {} dB.", "Lower the {} {} dB.", "The {} could come down {} dB.", "Pull {} back by {} dB.")


def phrased(rng: np.random.Generator) -> AdviceText:
    return AdviceText(str(rng.choice(FORMS)).format(rng.choice(STEMS), rng.integers(1, 12)), 1)


def test_texts_of_one_pool_are_told_apart_no_better_than_by_chance() -> None:
    areas, covered = [], 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = separability([phrased(rng) for _ in range(24)], [phrased(rng) for _ in range(24)], np.arange(24) % 12)
        assert found is not None
        areas.append(found.area)
        covered += found.interval.low <= 0.5 <= found.interval.high
    # 60 studies: the mean's standard error is about 0.015; leaving tracks out leans a little below one half.
    assert 0.44 < np.mean(areas) < 0.54
    assert covered >= 53


def test_a_word_that_only_one_system_uses_tells_everything_and_is_named() -> None:
    rng = np.random.default_rng(1)
    first = [AdviceText(f"Honestly, {phrased(rng).text}", 1) for _ in range(12)]
    found = separability(first, [phrased(rng) for _ in range(12)], np.arange(12))
    assert found is not None
    assert found.area == 1.0
    assert found.interval.high == 1.0
    assert 0.6 < found.interval.low < 1.0
    assert (found.words[0].word, found.words[0].first, found.words[0].second) == ("honestly", 1.0, 0.0)


def test_length_and_moves_are_measured_by_themselves() -> None:
    longer = [AdviceText("Turn the drums down by 3 dB and the bass up by 2 dB.", 2)] * 6
    shorter = [AdviceText("Turn the drums down by 3 dB.", 1)] * 6
    found = separability(longer, shorter, np.arange(6))
    assert found is not None
    told = {each.measure: each for each in found.told_by}
    assert (told["words"].first_mean, told["words"].second_mean, told["words"].area) == (14.0, 7.0, 1.0)
    assert (told["moves"].first_mean, told["moves"].second_mean, told["moves"].area) == (2.0, 1.0, 1.0)
    assert told["unreadable"].area == 0.5


def test_the_same_texts_are_counted_and_tell_nothing() -> None:
    rng = np.random.default_rng(2)
    texts = [phrased(rng) for _ in range(10)]
    found = separability(texts, texts, np.arange(10))
    assert found is not None
    assert (found.identical, found.area, found.words) == (10, 0.5, ())


def test_one_track_is_not_measured() -> None:
    texts = [AdviceText("Turn the drums down by 3 dB.", 1)] * 3
    assert separability(texts, texts, np.zeros(3, dtype=np.intp)) is None


def test_the_variance_by_track_is_that_of_resampled_tracks() -> None:
    rng = np.random.default_rng(3)
    tracks, each = 40, 3
    codes = np.tile(np.repeat(np.arange(tracks), each), 2)
    labels = np.arange(codes.size) < codes.size // 2
    leaning = rng.normal(size=tracks)
    scores = rng.normal(size=codes.size) + labels * (0.8 + leaning[codes])
    areas = []
    for _ in range(1_000):
        drawn = np.concatenate([np.flatnonzero(codes == code) for code in rng.integers(0, tracks, tracks)])
        areas.append(area_under_curve(scores[drawn], labels[drawn]))
    assert np.sqrt(area_variance(scores, labels, codes)) == pytest.approx(np.std(areas), rel=0.1)
