"""Who took part and whose answers count: from everybody who agreed to those analysed, and why others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import Count, Q

from studyweb.dashboard.figures.shapes import FlowFigure, FlowStep
from studyweb.dashboard.pair_trials import chosen
from studyweb.dashboard.sections.amounts import counted
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.studies.models import Study
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Participant, Trial

DONE = Count("trials", filter=Q(trials__completed_at__isnull=False, trials__role=Trial.Role.SCORED))


def flow_section(study: Study, pairs: Sequence[PairData]) -> Section:
    """Participants and their trials, from consent to the analysis of the primary pair, with every exclusion."""
    everybody = Participant.objects.filter(study=study)
    people = everybody.filter(is_test=False)
    withdrawn = people.filter(state=Participant.State.WITHDRAWN).count()
    staying = people.exclude(state=Participant.State.WITHDRAWN)
    begun = staying.annotate(done=DONE).filter(done__gt=0)
    finished = begun.filter(state=Participant.State.COMPLETED).count()
    n_begun, excluded = begun.count(), exclusions_of(study)
    rules = Counter(exclusion.rule for exclusion in excluded)
    analysed = len({trial.participant for trial in chosen(pairs[0].kept)}) if pairs else 0
    steps = (
        FlowStep("Agreed to take part", people.count(), _known({"withdrew, their answers are deleted": withdrawn})),
        FlowStep(
            "Stayed",
            staying.count(),
            _known({"completed no scored trial": staying.count() - n_begun}),
        ),
        FlowStep(
            "Completed a scored trial",
            n_begun,
            _known({f"excluded by the declared rule {rule}": count for rule, count in rules.items()}),
        ),
        FlowStep("Analysed for the primary pair", analysed),
    )
    rows = [(label, str(count)) for step in steps for label, count in ((step.label, step.count), *step.left)]
    rows += [("of those who began: finished the session", str(finished))]
    rows += [("of those who began: stopped before its end", str(n_begun - finished))]
    rows += [("previews and tests, never counted", str(everybody.filter(is_test=True).count()))]
    return Section(
        key="flow",
        title="Flow of participants",
        sentence=(
            f"Of {counted(people.count(), 'person')} who agreed to take part, {analysed} are analysed for the primary "
            f"pair."
        ).replace("persons", "people"),
        header=("", "People"),
        rows=(*rows, *_trial_rows(study, pairs)),
        figure=FlowFigure("Flow of participants", steps),
        notes=tuple(
            f"{exclusion.participant.public_id}, {exclusion.rule}: {exclusion.reason}." for exclusion in excluded
        )
        or ("No declared rule excluded anybody. Whoever stopped early counts with the trials they completed.",),
        numbers={"people": float(people.count()), "finished": float(finished), "analysed": float(analysed)},
    )


def _known(reasons: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((label, count) for label, count in reasons.items() if count)


def _trial_rows(study: Study, pairs: Sequence[PairData]) -> list[tuple[str, str]]:
    staying = {"participant__study": study, "participant__is_test": False}
    trials = Trial.objects.filter(**staying, role=Trial.Role.SCORED)
    trials = trials.exclude(participant__state=Participant.State.WITHDRAWN)
    rows = [
        ("scored trials drawn", str(trials.count())),
        ("scored trials completed", str(trials.filter(completed_at__isnull=False).count())),
    ]
    for pair in pairs:
        name = f"{pair.first.label} / {pair.second.label}"
        rows.append((f"analysed trials, {name}", str(len(chosen(pair.kept)))))
    return rows
