"""Giving a participant their session: counts from the database, one draw, all trials stored, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from studyweb.studies.models import Advice, Item, Study
from studyweb.trials.drawing import (
    ALGORITHM,
    DrawnTrial,
    SessionInputs,
    Wanted,
    draw_session,
    inputs_from_json,
    inputs_to_json,
    pair_name,
)
from studyweb.trials.item_choice import Candidate, DrawError
from studyweb.trials.locks import lock_study
from studyweb.trials.minimisation import draw_minimised
from studyweb.trials.models import Participant, Trial
from studyweb.trials.questions import steps_of_trial

RESERVATION = timedelta(hours=2)
"""A session without a sign of life for so long gives its items and its place back; its owner may still go on."""


class StudyFullError(ValueError):
    """Every place of the study is taken by completed and live sessions."""


def assign_session(participant: Participant, *, strata: Mapping[str, str] | None = None) -> list[Trial]:
    """Draw and store all trials of a participant who has none yet; the stored ones otherwise.

    With `strata`, {factor: level}, the draw is minimised over them; test people count in none.

    Runs inside the caller's transaction, which must hold the study's lock. Raises StudyFullError when no place is
    left, and DrawError when the study's items do not suffice.
    """
    stored = list(participant.trials.order_by("position"))
    if stored:
        return stored
    study = lock_study(participant.study_id)
    place = None if participant.is_test else participant.draw.get("place") or free_place(study, without=participant)
    inputs = session_inputs(study)
    seed = _seed(study, place)
    draw: dict[str, Any] = {"algorithm": ALGORITHM, "seed": seed, "place": place, "inputs": inputs_to_json(inputs)}
    if strata:
        counts = counts_by_level(study, strata)
        drawn, minimised = draw_minimised(inputs, seed=seed, counts=counts)
        draw |= {"strata": dict(strata), "counts": counts, "minimised": minimised}
    else:
        drawn = draw_session(inputs, seed=seed)
    participant.draw = draw
    participant.save(update_fields=["draw"])
    return _store_trials(participant, study, drawn)


def reserve_place(participant: Participant) -> None:
    """Hold a place for somebody whose session is drawn once their stratum is known. Raises as assign_session does."""
    study = lock_study(participant.study_id)
    draw_session(session_inputs(study), seed="can it be drawn at all?")
    if not participant.is_test:
        participant.draw = {"place": free_place(study, without=participant)}
        participant.save(update_fields=["draw"])


def replay_session(participant: Participant) -> list[DrawnTrial]:
    """The session drawn again from what was stored, by the algorithm that drew it.

    Raises DrawError for an algorithm that is not known, and when nothing has been drawn yet.
    """
    draw = participant.draw
    if "inputs" not in draw:
        raise DrawError("no session has been drawn for this participant yet")
    inputs, seed, algorithm = inputs_from_json(draw["inputs"]), draw["seed"], draw["algorithm"]
    if "counts" in draw:
        return draw_minimised(inputs, seed=seed, counts=draw["counts"], algorithm=algorithm)[0]
    return draw_session(inputs, seed=seed, algorithm=algorithm)


def _seed(study: Study, place: int | None) -> str:
    """A secret seed; in simulated studies one that makes the same study again."""
    if study.is_simulated and place is not None:
        return f"simulated {place}"
    return secrets.token_hex(16)


def free_place(study: Study, *, without: Participant | None = None) -> int:
    """The lowest place that no completed or live session holds, from 1. Raises StudyFullError when there is none."""
    holders = holding_sessions(study)
    if without is not None:
        holders = holders.exclude(pk=without.pk)
    held = list(holders.values_list("draw__place", flat=True))
    target = int(study.plan["recruitment"]["target_participants"])
    if len(held) >= target:
        raise StudyFullError(f"all {target} places are taken")
    return next(place for place in range(1, target + 1) if place not in held)


def why_full(study: Study) -> str | None:
    """`complete` when every place was filled to the end, `full` when all are held for now, None while one is free."""
    target = int(study.plan["recruitment"]["target_participants"])
    holders = holding_sessions(study)
    if holders.count() < target:
        return None
    return "complete" if holders.filter(state=Participant.State.COMPLETED).count() >= target else "full"


def holding_sessions(study: Study) -> QuerySet[Participant]:
    """Participants who count and have completed or are still at it."""
    return Participant.objects.filter(is_live_or_completed(), study=study, is_test=False)


def is_live_or_completed(prefix: str = "") -> Q:
    """A condition on participants; `prefix` leads from the queried model to them."""
    state, seen = f"{prefix}state", f"{prefix}last_seen_at__gte"
    live = Q(**{state: Participant.State.CONSENTED, seen: timezone.now() - RESERVATION})
    return Q(**{state: Participant.State.COMPLETED}) | live


def session_inputs(study: Study) -> SessionInputs:
    """What a session of this study is drawn from at this moment."""
    design = study.plan["design"]
    scored = tuple(Wanted(tuple(entry["pair"]), entry["count"]) for entry in design["trials"])
    checks = tuple(Wanted(tuple(check["pair"]), check["count"], check["kind"]) for check in design["checks"])
    scored_systems = {key for wanted in scored for key in wanted.pair}
    check_systems = {key for wanted in checks for key in wanted.pair}
    items = _ready_items(study)
    check_fills, practice_fills = _fills(study, Trial.Role.CHECK), _fills(study, Trial.Role.PRACTICE)
    return SessionInputs(
        scored=scored,
        checks=checks,
        practice=design["practice"],
        repeats=design["repeats"],
        meetings_per_track=design["meetings_per_track"],
        shares={name: float(design[f"ask_{name}_share"]) for name in ("first_choice", "scales", "improvement")},
        scored_items=_candidates(items, Item.Role.SCORED, scored_systems, _fills(study, Trial.Role.SCORED)),
        check_items=_candidates(items, Item.Role.CHECK, check_systems, check_fills)
        or _candidates(items, Item.Role.SCORED, check_systems, check_fills),
        practice_items=_candidates(items, Item.Role.PRACTICE, set(scored[0].pair), practice_fills)
        or _candidates(items, Item.Role.SCORED, set(scored[0].pair), practice_fills),
    )


def _ready_items(study: Study) -> list[Item]:
    """Items whose audio is there; both advices of a trial exist before it is drawn."""
    return list(study.items.filter(stimulus_ready_at__isnull=False).prefetch_related("advices__system"))


def _candidates(
    items: Sequence[Item], role: str, systems: set[str], fills: dict[int, dict[str, int]]
) -> tuple[Candidate, ...]:
    """Items of a role that have advice of all these systems; tracks are numbered alike for every role."""
    tracks = {track: number for number, track in enumerate(dict.fromkeys(item.track_id for item in items))}
    return tuple(
        Candidate(item.position, tracks[item.track_id], fills.get(item.pk, {}))
        for item in items
        if item.role == role and systems <= {advice.system.key for advice in item.advices.all()}
    )


def _fills(study: Study, role: str) -> dict[int, dict[str, int]]:
    """{item: {pair: trials}}, completed ones and those that live sessions hold. Test people never count."""
    rows = counted_trials(study, role).values_list("item_id", "draw__pair").annotate(Count("pk"))
    fills: dict[int, dict[str, int]] = {}
    for item, pair, count in rows:
        fills.setdefault(item, {})[pair] = count
    return fills


def counted_trials(study: Study, role: str) -> QuerySet[Trial]:
    """Trials of a role that are completed or held by a live session, unordered. Test people never count."""
    counted = Q(completed_at__isnull=False) | is_live_or_completed("participant__")
    rows = Trial.objects.filter(counted, participant__study=study, participant__is_test=False, role=role)
    return rows.exclude(participant__state=Participant.State.WITHDRAWN).order_by()


def counts_by_level(study: Study, strata: Mapping[str, str]) -> dict[str, dict[str, list[int]]]:
    """{factor: {item's position: [first system in A, in B]}} over people on the same level of each factor."""
    return {factor: sides_by_item(study, **{factor: level}) for factor, level in strata.items()}


def sides_by_item(study: Study, **level: str) -> dict[str, list[int]]:
    """{item's position: [first system in A, in B]} of scored trials, of everybody or of one level of a factor."""
    among = {f"participant__draw__strata__{factor}": value for factor, value in level.items()}
    rows = counted_trials(study, Trial.Role.SCORED).filter(**among).values_list("item__position", "draw__first_in_a")
    found: dict[str, list[int]] = {}
    for position, first_in_a, count in rows.annotate(Count("pk")):
        found.setdefault(str(position), [0, 0])[0 if first_in_a else 1] += count
    return found


def _store_trials(participant: Participant, study: Study, drawn: list[DrawnTrial]) -> list[Trial]:
    items = {item.position: item for item in _ready_items(study)}
    trials: list[Trial] = []
    for place, each in enumerate(drawn):
        trial = _trial(participant, study, items[each.item], each, position=place + 1, is_last=place + 1 == len(drawn))
        trial.repeat_of = trials[each.repeat_of] if each.repeat_of is not None else None
        trial.save(force_insert=True)
        trials.append(trial)
    return trials


def _trial(
    participant: Participant, study: Study, item: Item, drawn: DrawnTrial, *, position: int, is_last: bool
) -> Trial:
    advices = {advice.system.key: advice for advice in item.advices.all()}
    first, second = (advices[key] for key in drawn.pair)
    in_a, in_b = (first, second) if drawn.first_in_a else (second, first)
    return Trial(
        participant=participant,
        position=position,
        role=drawn.role,
        check_kind=drawn.check_kind,
        item=item,
        advice_a=in_a,
        advice_b=in_b,
        steps=steps_of_trial(
            study.plan["design"], drawn.asked, can_be_heard=can_be_heard(in_a, in_b), with_guess=is_last
        ),
        draw=_trial_draw(drawn),
    )


def can_be_heard(advice_a: Advice, advice_b: Advice) -> bool:
    """Whether both advices hold gain changes; if one does not, neither is auditioned."""
    return advice_a.changes is not None and advice_b.changes is not None


def _trial_draw(drawn: DrawnTrial) -> dict[str, Any]:
    return {"pair": pair_name(drawn.pair), "first_in_a": drawn.first_in_a, **drawn.why}
