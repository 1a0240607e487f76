"""Studies that may be looked at early: what holds whenever one looks, and who looked."""

from __future__ import annotations

from studyweb.dashboard.peeks import LOOKED, final_look, method_of_looking, primary_systems
from studyweb.dashboard.sections.section import Section
from studyweb.stats.look_wording import look_sentence
from studyweb.stats.sequential import NO_LOOKS, Look, PeekRefusedError
from studyweb.studies.models import Study

TITLE = "Looks"


def looks_section(study: Study) -> Section | None:
    """The look at everybody and the log of the earlier ones; None where nobody may look and nobody has."""
    entries = list(study.log.filter(action=LOOKED))
    if method_of_looking(study) == NO_LOOKS and not entries:
        return None
    try:
        look = final_look(study)
    except PeekRefusedError as refusal:
        return Section("looks", TITLE, f"No look is possible: {refusal}.", (), ())
    if look is None:
        return Section(
            "looks", TITLE, "The study file declares no method of looking early, but somebody looked.", (), ()
        )
    first, second = primary_systems(study)
    said = [(f"{entry.at:%Y-%m-%d %H:%M}", entry.actor, str(entry.detail["participants"])) for entry in entries]
    return Section(
        key="looks",
        title=TITLE,
        sentence=look_sentence(look, first=first.label, second=second.label),
        header=("When (UTC)", "Who looked", "Participants"),
        rows=(*said, ("at the end", "this report", str(look.n_participants))),
        notes=tuple(_notes(look)),
        numbers={"look": look.mean, "look_low": look.interval.low, "look_high": look.interval.high},
    )


def _notes(look: Look) -> list[str]:
    notes = [f"{look.interval.method[:1].upper()}{look.interval.method[1:]}; {'; '.join(look.notes)}."]
    if look.e_value is not None:
        notes.append(f"e-value {look.e_value:.2f}.")
    if look.z is not None and look.z_bound is not None:
        notes.append(f"z {look.z:.2f}, bound {look.z_bound:.2f}.")
    return [*notes, "Once people have looked early, this interval and not the fixed one is what holds."]
