"""Which items a session meets, so that trials spread evenly over items although it may meet a track only so often.

What can be promised. N items, n scored trials in a session, at most m of them of one track. To keep up, the k items of
a track need k * n / N trials of every session. Where that is more than m, they fall behind whatever is drawn (the check
of a study file warns). Everywhere else item totals that differ by at most one can stay so, and the newest rule here
keeps them so.

Why. Call it a round until every item has been met once more. Nothing may be met twice before, so a round is lost when
the items left in it lie on too few tracks to fill a session: the tracks with most of them left have to go first. If a
plan that completes the round takes track b now and not a, which has more left, then in a later session it takes more of
a than of b, and the two can change places; so no plan does better than always taking the track with most left. When a
round ends within a session, all items are left again, those met earlier in this session too, although they cannot be
met in it again. That one round never spoils the next was not proved but searched: every division of up to 16 items
over tracks, every n, m up to 5, every way in which ties can fall (a smaller search is among the tests).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class DrawError(ValueError):
    """A session cannot be drawn from what the study has."""


@dataclass(frozen=True)
class Candidate:
    """An item that may be drawn, and how often each pair has already met on it (completed and live sessions)."""

    item: int
    """The item's position in the study."""
    track: int
    filled: dict[str, int] = field(default_factory=dict)
    """{pair name: trials}."""

    @property
    def total(self) -> int:
        """Trials of any pair on this item."""
        return sum(self.filled.values())


TrackRule = Callable[[Sequence[Candidate], Sequence[Candidate], Sequence[Candidate]], Mapping[int, float]]
"""(items that may be drawn, all items, items drawn so far) -> {track: how little it is wanted}; the least is drawn."""


def pick_items(
    candidates: Sequence[Candidate],
    count: int,
    *,
    most_per_track: int,
    rule: TrackRule,
    met: dict[int, int],
    rng: random.Random,
) -> Iterator[tuple[Candidate, dict[str, Any]]]:
    """`count` different items with how each came about; `met` counts the meetings of every track, and is updated.

    The rule chooses the track, in it goes the item met least, ties at random. Raises DrawError when there are too few.
    """
    picked: list[Candidate] = []
    for number in range(count):
        open_items = [each for each in candidates if each not in picked and met.get(each.track, 0) < most_per_track]
        if not open_items:
            raise DrawError(
                f"{count} trials are asked for, but only {number} items can be met with at most "
                f"{most_per_track} of a track; add tracks or raise meetings_per_track"
            )
        pick, why = _pick(open_items, rule(open_items, candidates, picked), rng)
        picked.append(pick)
        met[pick.track] = met.get(pick.track, 0) + 1
        yield pick, why


def _pick(
    open_items: Sequence[Candidate], unwanted: Mapping[int, float], rng: random.Random
) -> tuple[Candidate, dict[str, Any]]:
    tracks = sorted(track for track, value in unwanted.items() if value == min(unwanted.values()))
    track = choose(tracks, rng)
    items = [candidate for candidate in open_items if candidate.track == track]
    fewest = min(candidate.total for candidate in items)
    tied = sorted((candidate for candidate in items if candidate.total == fewest), key=lambda each: each.item)
    why = {"tracks": len(tracks), "items": [candidate.item for candidate in tied]}
    return choose(tied, rng), {**why, "probability": round(1 / (len(tracks) * len(tied)), 6)}


def most_left(
    open_items: Sequence[Candidate], everything: Sequence[Candidate], picked: Sequence[Candidate]
) -> dict[int, float]:
    """Tracks that hold an item met least, those first that lack most trials until all their items are past that."""
    fewest = min(candidate.total for candidate in open_items)
    left = {candidate.track: 0 for candidate in open_items if candidate.total == fewest}
    for candidate in everything:
        if candidate.track in left:
            left[candidate.track] += max(0, fewest + 1 - candidate.total - (candidate in picked))
    return {track: -lacking for track, lacking in left.items()}


def least_mean(
    open_items: Sequence[Candidate], everything: Sequence[Candidate], picked: Sequence[Candidate]
) -> dict[int, float]:
    """Tracks by their trials per item: the first rule, kept to draw old sessions again.

    Where tracks have unequal numbers of items it can leave too few tracks for the end of a round.
    """
    items = Counter(candidate.track for candidate in everything)
    trials = Counter(candidate.track for candidate in picked)
    for candidate in everything:
        trials[candidate.track] += candidate.total
    return {candidate.track: trials[candidate.track] / items[candidate.track] for candidate in open_items}


def choose(values: Sequence[Any], rng: random.Random) -> Any:
    """One of the values, by a single random() alone, so that every version of Python chooses alike."""
    return values[int(rng.random() * len(values))]
