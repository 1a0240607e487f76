"""What the report needs to know of people: experience, whether they finished, whether they failed a check."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from studyweb.studies.models import Study
from studyweb.trials.exclusions import failed_checks
from studyweb.trials.models import Participant
from studyweb.trials.selectors import counted_participants

YEARS = {
    "under_3": "under 3 years",
    "3_to_5": "3 to 5 years",
    "6_to_10": "6 to 10 years",
    "11_to_20": "11 to 20 years",
    "over_20": "over 20 years",
}
ROLES = {
    "mixing_engineer": "mixing engineer",
    "producer": "producer",
    "musician": "musician",
    "student": "student",
    "researcher": "researcher",
    "other": "other",
}


@dataclass(frozen=True)
class Person:
    """One participant, as far as the report's groups go."""

    name: str = ""
    """The pseudonym."""
    years: str = ""
    role: str = ""
    has_finished: bool = False
    has_failed_a_check: bool = False


def people_of(study: Study) -> dict[UUID, Person]:
    """Everybody who counts, in the order they joined."""
    failed = {exclusion.participant.pk for exclusion in failed_checks(study, at_least=1)}
    return {
        person.pk: Person(
            name=person.public_id,
            years=str(person.background.get("years_mixing", "")),
            role=str(person.background.get("role", "")),
            has_finished=person.state == Participant.State.COMPLETED,
            has_failed_a_check=person.pk in failed,
        )
        for person in counted_participants(study)
    }
