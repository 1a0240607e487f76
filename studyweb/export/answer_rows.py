"""The rows of stored answers: current revisions, and superseded ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studyweb.export.ids import track_id
from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Advice, Study
from studyweb.trials.models import Answer
from studyweb.trials.selectors import current_answers, superseded_answers

Row = dict[str, Any]
CHUNK = 2_000
PREFERENCE_STEPS = ("first_choice", "final_choice")


def answer_rows(study: Study) -> Iterator[Row]:
    """One row per stored answer in its current revision."""
    answers = current_answers(study).select_related(
        "participant", "trial__item", "trial__advice_a__system", "trial__advice_b__system"
    )
    for answer in answers.order_by("id").iterator(CHUNK):
        yield {
            **_answer_head(answer),
            "track_id": track_id(answer.trial.item.track_id),
            "position": answer.trial.position,
            "role": answer.trial.role,
            "slot": answer.slot or None,
            "kind": answer.kind,
            **_systems_of(answer),
            **_circumstances(answer.context),
        }


def revision_rows(study: Study) -> Iterator[Row]:
    """One row per superseded answer."""
    for answer in superseded_answers(study).select_related("participant", "trial").order_by("id").iterator(CHUNK):
        yield _answer_head(answer)


def _answer_head(answer: Answer) -> Row:
    return {
        "participant_id": answer.participant.public_id,
        "trial_id": answer.trial.public_id,
        **{name: getattr(answer, name) for name in ("step", "revision", "value", "received_at", "hash")},
    }


def _systems_of(answer: Answer) -> Row:
    """What tells the systems; on steps about both, as preference for the earlier one in the study file."""
    slots: dict[str, Advice] = {"A": answer.trial.advice_a, "B": answer.trial.advice_b}
    about = slots.get(answer.slot)
    row: Row = {
        "advice_id": about.public_id if about else None,
        "system": about.system.key if about else None,
        "gains_db": answer.context.get("gains_db") if _some_gains(answer.context) else None,
        **dict.fromkeys(("first_system", "second_system", "first_system_slot", "preference")),
    }
    if answer.step not in PREFERENCE_STEPS:
        return row
    first_slot, second_slot = sorted(slots, key=lambda slot: slots[slot].system.position)
    return {
        **row,
        "first_system": slots[first_slot].system.key,
        "second_system": slots[second_slot].system.key,
        "first_system_slot": first_slot,
        "preference": preference_for_first(answer.value, first_is_a=first_slot == "A"),
    }


def _some_gains(context: Mapping[str, Any]) -> bool:
    return any(gains is not None for gains in (context.get("gains_db") or {}).values())


def _circumstances(context: Mapping[str, Any]) -> Row:
    """What page and server noted beside the answer. Pages are not trusted: what is no number is left out."""
    heard = context.get("heard_s")
    heard = heard if isinstance(heard, Mapping) else {}
    gate_met = context.get("gate_met")
    return {
        "heard_problem_s": _number(heard.get("problem")),
        "heard_a_s": _number(heard.get("A")),
        "heard_b_s": _number(heard.get("B")),
        "switches": _whole(context.get("switches")),
        "gate_met": gate_met if isinstance(gate_met, bool) else None,
        "ms_on_step": _whole(context.get("ms_on_step")),
        "device_sample_rate": _whole(context.get("device_sample_rate")),
        "study_sha256": context.get("study_sha256"),
    }


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else round(number)
