"""Votes as rows to train with: preferences and single judgements of texts, of those who agreed to training.

Formats: TRL's "preference" and "unpaired preference" (conversational), LLaMA-Factory's ranking rows with audio, and the
columns of the public chatbot-arena votes. A song is wholly in `train` or wholly in `test`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from studyweb.export.ids import track_id
from studyweb.export.scope import Scope
from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Advice, Item, Study
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Answer, Trial
from studyweb.trials.selectors import current_answers

Row = dict[str, Any]
SPLITS = ("train", "test")
TEST_SHARE = 0.2
CHUNK = 2_000
ASKED = "What would you change about the balance?"


@dataclass
class Votes:
    """What was chosen between two advices of an item."""

    for_first: int = 0
    for_second: int = 0
    ties: int = 0


@dataclass(frozen=True)
class TrainingData:
    """The rows of one export that may be used for training."""

    scope: Scope
    people: tuple[UUID, ...]
    """Those who agreed to training and whom no declared rule leaves out."""
    tracks: dict[str, list[int]]
    """{split: its tracks}."""
    advices: dict[int, Advice] = field(repr=False)

    def preference(self, split: str) -> Iterator[Row]:
        """One row per item and pair of texts on which more people chose one than the other."""
        for first, second, votes in self._votes(split):
            won, lost = (first, second) if votes.for_first > votes.for_second else (second, first)
            yield {
                "prompt": [_said("user", self._prompt(first.item))],
                "chosen": [_said("assistant", won.text)],
                "rejected": [_said("assistant", lost.text)],
                **self._facts(won, lost, votes),
            }

    def audio(self, split: str) -> Iterator[Row]:
        """The preference rows with a place for the problem's audio."""
        for first, second, votes in self._votes(split):
            won, lost = (first, second) if votes.for_first > votes.for_second else (second, first)
            yield {
                "conversations": [{"from": "human", "value": f"<audio>{self._prompt(first.item)}"}],
                "chosen": {"from": "gpt", "value": won.text},
                "rejected": {"from": "gpt", "value": lost.text},
                "audios": [f"audio/{first.item.public_id}.wav"],
                **({} if self.scope.is_public else {"recipe": first.item.recipe}),
                **self._facts(won, lost, votes),
            }

    def kto(self, split: str) -> Iterator[Row]:
        """One row per judgement whether a change would be kept; "partly" is neither."""
        kept = self._answers(split).filter(kind=Answer.Kind.KEEP, value__in=("yes", "no"))
        fields = ("participant_id", "slot", "value", "trial__advice_a_id", "trial__advice_b_id")
        for person, slot, value, a, b in kept.order_by("participant", "id").values_list(*fields).iterator(CHUNK):
            advice = self.advices[a if slot == "A" else b]
            yield {
                "prompt": [_said("user", self._prompt(advice.item))],
                "completion": [_said("assistant", advice.text)],
                "label": value == "yes",
                "item_id": advice.item.public_id,
                "track_id": track_id(advice.item.track_id),
                "system": advice.system.key,
                "judge": self.scope.people[person].name,
            }

    def arena(self, split: str) -> Iterator[Row]:
        """One row per vote, ties among them."""
        unhelpful = set(self._answers(split).filter(value="both_unhelpful").values_list("trial_id", flat=True))
        fields = ("participant_id", "trial_id", "value", "trial__advice_a_id", "trial__advice_b_id", "received_at")
        choices = self._choices(split).order_by("participant", "id").values_list(*fields)
        for person, trial, value, a, b, at in choices.iterator(CHUNK):
            judge, in_a, in_b = self.scope.people[person], self.advices[a], self.advices[b]
            moment = self.scope.moment(at, since=judge.consented_at)
            prompt = self._prompt(in_a.item)
            yield {
                "question_id": in_a.item.public_id,
                "model_a": in_a.system.key,
                "model_b": in_b.system.key,
                "winner": _winner(value, is_unhelpful=trial in unhelpful),
                "judge": judge.name,
                "conversation_a": [_said("user", prompt), _said("assistant", in_a.text)],
                "conversation_b": [_said("user", prompt), _said("assistant", in_b.text)],
                "turn": 1,
                "anony": True,
                "language": self.scope.study.plan["language"],
                "tstamp": moment if isinstance(moment, float) else moment.timestamp() if moment else None,
                "track_id": track_id(in_a.item.track_id),
            }

    def _votes(self, split: str) -> Iterator[tuple[Advice, Advice, Votes]]:
        """Pairs of different texts with a winner; the first is of the system that stands earlier in the study file."""
        counted: dict[tuple[int, int], Votes] = {}
        fields = ("value", "trial__advice_a_id", "trial__advice_b_id")
        for value, a, b in self._choices(split).values_list(*fields).iterator(CHUNK):
            first_is_a = self.advices[a].system.position < self.advices[b].system.position
            votes = counted.setdefault((a, b) if first_is_a else (b, a), Votes())
            preference = preference_for_first(value, first_is_a=first_is_a)
            votes.for_first += preference > 0
            votes.for_second += preference < 0
            votes.ties += preference == 0
        for (first, second), votes in sorted(counted.items()):
            if votes.for_first != votes.for_second and self.advices[first].text != self.advices[second].text:
                yield self.advices[first], self.advices[second], votes

    def _facts(self, won: Advice, lost: Advice, votes: Votes) -> Row:
        for_won, for_lost = max(votes.for_first, votes.for_second), min(votes.for_first, votes.for_second)
        n_votes = for_won + for_lost + votes.ties
        return {
            "item_id": won.item.public_id,
            "track_id": track_id(won.item.track_id),
            "chosen_system": won.system.key,
            "rejected_system": lost.system.key,
            "n_votes": n_votes,
            "chosen_share": round((for_won + votes.ties / 2) / n_votes, 6),
            "tie_share": round(votes.ties / n_votes, 6),
        }

    def _prompt(self, item: Item) -> str:
        return f"{self.scope.study.plan['texts']['frame']} {item.brief} {ASKED}"

    def _answers(self, split: str) -> QuerySet[Answer]:
        return current_answers(self.scope.study).filter(
            participant__in=self.people,
            trial__role=Trial.Role.SCORED,
            trial__completed_at__isnull=False,
            trial__item__track__in=self.tracks[split],
        )

    def _choices(self, split: str) -> QuerySet[Answer]:
        return self._answers(split).filter(step="final_choice")


def training_data(scope: Scope) -> TrainingData:
    """What may be trained with among an export's rows."""
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(scope.study)}
    people = tuple(pk for pk, person in scope.people.items() if person.may_train and pk not in excluded)
    advices = Advice.objects.filter(item__study=scope.study).select_related("item", "system")
    return TrainingData(scope, people, split_tracks(scope.study), {advice.pk: advice for advice in advices})


def split_tracks(study: Study) -> dict[str, list[int]]:
    """{split: its tracks} by the hash of a track's source, so that a song stands on the same side in every study.

    Where all would stand on one side, the nearest crosses over: one song in five is for testing, at least one of two.
    """
    placed = [(_place(sha256), pk) for pk, sha256 in study.tracks.values_list("pk", "source_sha256")]
    places = sorted({place for place, _ in placed})
    below = sum(place < TEST_SHARE for place in places)
    n_test = min(max(below, 1), len(places) - 1) if len(places) > 1 else 0
    for_testing = set(places[:n_test])
    return {
        "test": [pk for place, pk in placed if place in for_testing],
        "train": [pk for place, pk in placed if place not in for_testing],
    }


def _place(source_sha256: str) -> float:
    """Where a source falls between 0 and 1."""
    return int(hashlib.sha256(source_sha256.encode()).hexdigest()[:12], 16) / 16**12


def _said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _winner(value: str, *, is_unhelpful: bool) -> str:
    preference = preference_for_first(value, first_is_a=True)
    if preference == 0:
        return "both_bad" if is_unhelpful else "tie"
    return "model_a" if preference > 0 else "model_b"


def training_rows(data: TrainingData) -> dict[str, dict[str, Callable[[], Iterator[Row]]]]:
    """{kind of rows: {split: its rows when asked for}}."""
    kinds = {"preference": data.preference, "kto": data.kto, "audio": data.audio, "arena": data.arena}
    return {kind: {split: partial(rows, split) for split in SPLITS} for kind, rows in kinds.items()}
