"""How well two systems can be told apart by their texts alone: by length, number of moves, and words.

A classifier that never met a track sorts its texts; the figure is the area under its ROC curve, 0.5 where texts tell
nothing and 1 where they always do. It owes no threshold: who reads it knows what a listener could recognise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studyweb.stats.classify import Labels, area_under_curve, fit_ridge_logit
from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.intervals import Interval, clopper_pearson, t_interval

PENALTY = 10.0
MOST_FOLDS = 20
RAREST_TEXTS = 2
"""A word of one text alone says nothing about others."""
SHOWN_WORDS = 8
WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
NUMBER = "(number)"


@dataclass(frozen=True)
class AdviceText:
    """One advice as it is read; `moves` is None where it cannot be read as gain changes."""

    text: str
    moves: int | None


@dataclass(frozen=True)
class ToldBy:
    """One measure of the texts by itself: its means, and the area under its curve towards the first system."""

    measure: str
    first_mean: float
    second_mean: float
    area: float


@dataclass(frozen=True)
class WordShare:
    """In what share of each system's texts a word occurs."""

    word: str
    first: float
    second: float


@dataclass(frozen=True)
class Separability:
    """How far the texts of two systems can be told apart."""

    items: int
    tracks: int
    identical: int
    """Items on which both texts are the same, letter by letter."""
    area: float
    """Of all measures together, on tracks the classifier never met."""
    interval: Interval
    told_by: tuple[ToldBy, ...]
    words: tuple[WordShare, ...]
    """The words whose shares differ most, the largest difference first."""


def separability(
    first: Sequence[AdviceText], second: Sequence[AdviceText], track: IntArray, *, level: float = 0.95
) -> Separability | None:
    """The texts of two systems on the same items, [n] each with [n] track codes; None with fewer than two tracks.

    Interval: structural components summed by track (Obuchowski 1997, Biometrics 53(2)), t over tracks; widened by
    1 + k / (k - 1) for k folds whose classifiers share most of their texts (Nadeau & Bengio 2003, Machine Learning 52).
    Each track has as many texts of either system, so that leaving one out does not shift the classifier's intercept.
    """
    tracks = np.unique(track).size
    if tracks < 2:
        return None
    texts = [*first, *second]
    labels = np.arange(len(texts)) < len(first)
    both = np.concatenate([track, track])
    words, present = _word_columns(texts)
    measures = _measures(texts)
    scores = _scores_out_of_fold(np.column_stack([*measures.values(), present]), labels, both)
    return Separability(
        items=len(first),
        tracks=tracks,
        identical=sum(one.text == other.text for one, other in zip(first, second, strict=True)),
        area=area_under_curve(scores, labels),
        interval=_interval(scores, labels, both, level=level),
        told_by=tuple(_told_by(name, column, labels) for name, column in measures.items()),
        words=_most_telling(words, present, labels),
    )


def _words(text: str) -> list[str]:
    return [NUMBER if word[0].isdigit() else word for word in WORD.findall(text.lower())]


def _measures(texts: Sequence[AdviceText]) -> dict[str, FloatArray]:
    return {
        "words": np.array([float(len(_words(each.text))) for each in texts]),
        "moves": np.array([float(each.moves or 0) for each in texts]),
        "unreadable": np.array([float(each.moves is None) for each in texts]),
    }


def _word_columns(texts: Sequence[AdviceText]) -> tuple[list[str], FloatArray]:
    """The words of at least RAREST_TEXTS texts, and [texts, words] whether each occurs."""
    found = [set(_words(each.text)) for each in texts]
    counts = Counter(word for words in found for word in words)
    kept = sorted(word for word, count in counts.items() if RAREST_TEXTS <= count < len(texts))
    return kept, np.array([[float(word in words) for word in kept] for words in found]).reshape(len(texts), len(kept))


def _scores_out_of_fold(rows: FloatArray, labels: Labels, track: IntArray) -> FloatArray:
    """The log-odds of every text by a classifier that met no text of its track."""
    _, codes = np.unique(track, return_inverse=True)
    folds = codes % MOST_FOLDS
    scores = np.zeros(labels.size)
    for fold in np.unique(folds):
        out = folds == fold
        scores[out] = fit_ridge_logit(rows[~out], labels[~out], penalty=PENALTY).scores(rows[out])
    return scores


def _interval(scores: FloatArray, labels: Labels, track: IntArray, *, level: float) -> Interval:
    area, tracks = area_under_curve(scores, labels), np.unique(track).size
    variance = area_variance(scores, labels, track)
    if variance > 1e-12:
        folds = min(tracks, MOST_FOLDS)
        widened = variance * (1 + folds / (folds - 1))
        return t_interval(area, widened, df=tracks - 1, level=level, method="clustered by track")
    exact = clopper_pearson(round(area * tracks), tracks, level=level)
    return replace(exact, method=f"exact binomial on {tracks} tracks: every track tells alike")


def area_variance(scores: FloatArray, labels: Labels, track: IntArray) -> float:
    """The variance of the area under the curve of given scores, clustered by track (Obuchowski 1997)."""
    deviations = _placements(scores, labels) - area_under_curve(scores, labels)
    deviations = deviations / np.where(labels, labels.sum(), (~labels).sum())
    _, codes = np.unique(track, return_inverse=True)
    tracks = int(codes.max()) + 1
    return tracks / (tracks - 1) * float((np.bincount(codes, weights=deviations) ** 2).sum())


def _placements(scores: FloatArray, labels: Labels) -> FloatArray:
    """Each text's share of right comparisons with the texts of the other system, ties as half."""
    overall, within = stats.rankdata(scores), np.zeros(labels.size)
    for of_class in (labels, ~labels):
        within[of_class] = stats.rankdata(scores[of_class])
    beaten = overall - within
    placements: FloatArray = np.where(labels, beaten / (~labels).sum(), 1 - beaten / labels.sum())
    return placements


def _told_by(measure: str, column: FloatArray, labels: Labels) -> ToldBy:
    means = (float(column[labels].mean()), float(column[~labels].mean()))
    return ToldBy(measure, *means, area_under_curve(column, labels))


def _most_telling(words: list[str], present: FloatArray, labels: NDArray[np.bool_]) -> tuple[WordShare, ...]:
    shares = [
        WordShare(word, float(column[labels].mean()), float(column[~labels].mean()))
        for word, column in zip(words, present.T, strict=True)
    ]
    differing = [each for each in shares if each.first != each.second]
    return tuple(sorted(differing, key=lambda each: (-abs(each.first - each.second), each.word))[:SHOWN_WORDS])
