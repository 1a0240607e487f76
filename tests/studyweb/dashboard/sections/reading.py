"""A pair's data as sections get them, and what every section of a report keeps to."""

from __future__ import annotations

import math
from collections.abc import Sequence

from studyweb.dashboard.pair_trials import pair_trials
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.studies.models import Study
from studyweb.trials.exclusions import exclusions_of


def primary_data(study: Study) -> PairData:
    """The primary pair of a study, whether it is masked or not."""
    analysis = study.plan["analysis"]
    systems = {system.key: system for system in study.systems.all()}
    first, second = (systems[key] for key in analysis["primary"]["pair"])
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(study)}
    trials = pair_trials(study, first, second, excluded=excluded)
    kept = [trial for trial in trials if not trial.is_excluded]
    estimand, level = analysis["primary"]["estimand"], float(analysis["level"])
    return PairData(study, first, second, trials=trials, kept=kept, estimand=estimand, level=level)


def by_key(sections: Sequence[Section]) -> dict[str, Section]:
    """Sections by key, each checked: a sentence, rows as wide as the header, and no number that is none."""
    for section in sections:
        said = " ".join(
            [section.title, section.sentence, *section.notes, *(cell for row in section.rows for cell in row)]
        )
        assert section.sentence.endswith("."), section.sentence
        assert all(len(row) == len(section.header) for row in section.rows), section.key
        assert all(math.isfinite(value) for value in section.numbers.values()), section.numbers
        assert "nan" not in said.split(), said
        assert "None" not in said, said
    assert len({section.key for section in sections}) == len(sections)
    return {section.key: section for section in sections}
