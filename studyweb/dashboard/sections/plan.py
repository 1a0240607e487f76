"""The report's header: what the frozen file planned, what each system knew, and where the study went another way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from studyweb.dashboard.pair_trials import chosen
from studyweb.dashboard.peeks import LOOKED, method_of_looking
from studyweb.dashboard.sections.amounts import counted
from studyweb.dashboard.sections.section import PairData
from studyweb.stats.sequential import NO_LOOKS
from studyweb.studies.freezing import frozen_hash
from studyweb.studies.models import Study
from studyweb.trials.models import Participant
from studyweb.trials.selectors import counted_participants

ESTIMANDS = {
    "new_participants_and_tracks": "other participants, other tracks",
    "new_participants": "other participants, these tracks",
}
CLAIMS = {
    "ceiling": "ceiling: a compared system heard the answer, so its result bounds what can be reached",
    "deployable": "deployable: no compared system heard the answer",
}
TIES = {"half": "count as half", "excluded": "left out"}


def facts_of(study: Study) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs of the header."""
    analysis = study.plan["analysis"]
    primary = " over ".join(_labels(study)[key] for key in analysis["primary"]["pair"])
    dates = {"Opened": study.opened_at, "Closed": study.closed_at, "Unblinded": study.unblinded_at}
    rules = ", ".join(str(rule["rule"]) for rule in study.plan.get("exclusions", [])) or "none"
    return (
        ("Claim", CLAIMS[str(study.plan["claim"])]),
        ("Primary comparison", primary),
        ("Estimand", ESTIMANDS[str(analysis["primary"]["estimand"])]),
        ("Level, ties", f"{100 * float(analysis['level']):g} %, ties {TIES[str(analysis['ties'])]}"),
        ("Declared exclusions", rules),
        ("Looks before the end", method_of_looking(study).replace("_", " ")),
        ("Analysis plan (study file), SHA-256", study.file_sha256),
        ("Frozen with items and advice, SHA-256", study.frozen_sha256 or "not recorded"),
        *((name, f"{at:%Y-%m-%d %H:%M} UTC") for name, at in dates.items() if at),
    )


def systems_table(study: Study) -> tuple[tuple[str, ...], ...]:
    """What each system was trained on, shown and given as reference."""
    rows = [
        (
            *(system.label, system.get_kind_display(), system.trained_on or "–", system.shown or "–"),
            system.reference_kind.replace("_", " "),
        )
        for system in study.systems.all()
    ]
    return (("System", "Kind", "Trained on", "Shown", "Reference"), *rows)


def deviations_of(study: Study, pairs: Sequence[PairData]) -> tuple[str, ...]:
    """Everything in which the study went another way than its file, as far as it can be told from what is stored."""
    return tuple(_deviations(study, pairs))


def _deviations(study: Study, pairs: Sequence[PairData]) -> Iterator[str]:
    target = int(study.plan["recruitment"]["target_participants"])
    completed = counted_participants(study).filter(state=Participant.State.COMPLETED).count()
    if target and completed != target:
        yield f"{counted(completed, 'participant')} completed, {target} were planned."
    if study.frozen_sha256 and frozen_hash(study) != study.frozen_sha256:
        yield "Items, advice or audio are no longer what was frozen when the study opened."
    if hashlib.sha256(study.file_text.encode("utf-8")).hexdigest() != study.file_sha256:
        yield "The stored study file does not have the hash that was recorded when it was read."
    if study.closed_at and study.unblinded_at and study.unblinded_at < study.closed_at:
        yield "The study was unblinded before data collection ended."
    looks = study.log.filter(action=LOOKED).count()
    if looks and method_of_looking(study) == NO_LOOKS:
        yield f"Somebody looked {looks} times, though the file declares no method for it."
    for pair in pairs:
        if not chosen(pair.kept):
            yield f"Nobody judged the declared pair {pair.first.label} / {pair.second.label}."


def _labels(study: Study) -> dict[str, str]:
    return {system.key: system.label for system in study.systems.all()}
