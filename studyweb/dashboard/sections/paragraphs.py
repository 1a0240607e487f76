"""Method and results in paragraphs for a paper, made from the frozen study file and the report's numbers."""

from __future__ import annotations

from collections.abc import Sequence

from studyweb.dashboard.results import knowledge_of
from studyweb.dashboard.sections.amounts import counted
from studyweb.dashboard.sections.section import Section
from studyweb.studies.models import Study
from studyweb.studies.plan import check_trials, scored_trials

STATED = ("weights", "randomisation", "mixed-logit", "ties", "sides", "flips", "sensitivity")
"""Sections whose sentences go into the results paragraph, after the primary one."""
HEARD = {
    "read_then_heard": "read both pieces of advice, then heard each one applied to the mix",
    "heard_only": "heard each piece of advice applied to the mix",
    "text_only": "read both pieces of advice without hearing them applied",
}


def method_paragraph(study: Study) -> str:
    """What was done, from the study file alone."""
    design, analysis = study.plan["design"], study.plan["analysis"]
    systems = {system.key: system for system in study.systems.all()}
    first, second = (systems[key] for key in analysis["primary"]["pair"])
    tracks = study.tracks.filter(items__role="scored").distinct().count()
    both = analysis["primary"]["estimand"] == "new_participants_and_tracks"
    return " ".join(
        (
            _simulated(study) + f"The study compared {first.label} with {second.label} in blinded paired comparisons. "
            f"{knowledge_of(first)} {knowledge_of(second)}",
            f"In each of {counted(scored_trials(study.plan), 'scored trial')} on {counted(tracks, 'track')}, "
            f"participants {HEARD.get(str(design['audition']['mode']), 'compared both pieces of advice')}, "
            "loudness-matched and sample-locked, and said which advice served the mix better (five answers from one "
            "advice clearly to the other clearly, no preference in the middle, with its reason).",
            "Sides were drawn on the server in permuted blocks within participants, trials by least-filled assignment; "
            f"{counted(int(design['repeats']), 'trial')} per participant was a swapped repeat and "
            f"{check_trials(study.plan)} a check, which do not enter the estimates.",
            "The primary outcome was the mean final choice for the first system, "
            + ("every kind of no preference as half" if analysis["ties"] == "half" else "no preference left out")
            + f", with a {100 * float(analysis['level']):g} % interval from a cluster-robust variance by "
            + ("participant and track" if both else "participant")
            + " (Cameron, Gelbach & Miller 2011), never below a one-way variance, and t on the smaller number of "
            "clusters minus one. Beside it stand a side-randomisation test, a mixed logit with crossed random effects, "
            "models with ties as outcomes, and the estimate without doubtful answers.",
            f"The estimand was {'other participants and tracks' if both else 'other participants, these tracks'}. "
            f"The study file with the analysis plan (SHA-256 {study.file_sha256}) was frozen with all items and advice "
            f"(SHA-256 {study.frozen_sha256 or 'not recorded'})"
            + (f" on {study.opened_at:%Y-%m-%d}, before the first answer." if study.opened_at else "."),
        )
    )


def results_paragraph(study: Study, primary: Sequence[Section], whole: Sequence[Section]) -> str:
    """What was found: the flow, the primary sentence, and what stands beside it."""
    said = {section.key: section.sentence for section in primary}
    beside = [said[key] for key in STATED if key in said]
    flow = [section.sentence for section in whole if section.key == "flow"]
    plan = f"(Analysis plan: study file with SHA-256 {study.file_sha256}.)"
    return _simulated(study) + " ".join((*flow, said["preference"], *beside, plan))


def _simulated(study: Study) -> str:
    return "SIMULATED DATA, every answer was given by a bot. " if study.is_simulated else ""
