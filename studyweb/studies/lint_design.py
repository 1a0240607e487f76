"""Can the design be run: pairs, counts, repeats, checks, steps, exclusions and the planned analysis."""

from __future__ import annotations

from collections.abc import Iterator

from studyweb.stats.sequential import NO_LOOKS, why_no_peek
from studyweb.studies.plan import check_trials, compared_keys, failable_checks, scored_trials
from studyweb.studies.problems import KeyPath, Problem
from studyweb.studies.session_length import planned_minutes, planned_trials
from studyweb.studies.study_file import StudyFile
from studyweb.trials.criteria import CRITERIA

REPEAT_DISTANCE = 4
"""A repeat comes at least this many trials after its first showing."""

STEPS_OF_MODE = {
    "text_only": ["read"],
    "heard_only": ["hear"],
    "read_then_heard": ["read", "hear"],
    "own_fix": ["read", "hear"],
}
EXPECTED_KINDS = {
    "oracle_against_nothing": ("oracle", "constant"),
    "against_sabotaged": ("", "sabotaged"),
    "identical_gains": ("", "rephrased"),
}
"""Kinds of a check's pair; its first system is the one that listeners are expected to prefer, where one is."""

ONLY_IN_CHECKS = ("sabotaged", "rephrased")

LONG_SESSION_MINUTES = 45
FEW_PARTICIPANTS = 10


def design_problems(file: StudyFile) -> Iterator[Problem]:
    """Problems of the design, the exclusions, the analysis and the plan for recruitment."""
    yield from _pair_problems(file)
    yield from _check_problems(file)
    yield from _step_problems(file)
    yield from _repeat_problems(file)
    yield from _exclusion_problems(file)
    yield from _analysis_problems(file)
    yield from _size_warnings(file)


def _pairs(file: StudyFile) -> Iterator[tuple[KeyPath, list[str]]]:
    design = file.plan["design"]
    for name in ("trials", "checks"):
        for index, entry in enumerate(design[name]):
            yield ("design", name, index, "pair"), entry["pair"]
    yield ("analysis", "primary", "pair"), file.plan["analysis"]["primary"]["pair"]


def _pair_problems(file: StudyFile) -> Iterator[Problem]:
    known = [system["key"] for system in file.plan["systems"]]
    for path, pair in _pairs(file):
        for key in pair:
            if key not in known:
                yield file.problem(path, f"there is no system {key!r}; the file has {', '.join(known)}")
        if pair[0] == pair[1]:
            yield file.problem(path, f"compares {pair[0]} with itself")
    seen: set[frozenset[str]] = set()
    for index, entry in enumerate(file.plan["design"]["trials"]):
        if frozenset(entry["pair"]) in seen:
            yield file.problem(("design", "trials", index), "this pair is given twice; add up the counts")
        seen.add(frozenset(entry["pair"]))
    unused = set(known) - {key for _, pair in _pairs(file) for key in pair}
    for key in sorted(unused):
        yield file.problem(
            ("systems", known.index(key)), f"{key} is in no pair; nobody is shown its advice", is_warning=True
        )


def _check_problems(file: StudyFile) -> Iterator[Problem]:
    kinds = {system["key"]: system["kind"] for system in file.plan["systems"]}
    repeated = {system["key"]: system.get("of") for system in file.plan["systems"]}
    for index, check in enumerate(file.plan["design"]["checks"]):
        path: KeyPath = ("design", "checks", index, "pair")
        for key, expected in zip(check["pair"], EXPECTED_KINDS[check["kind"]], strict=True):
            if expected and kinds.get(key, expected) != expected:
                yield file.problem(path, f"{check['kind']} needs a system of kind {expected}, {key} is {kinds[key]}")
        first, second = check["pair"]
        if kinds.get(second) == "rephrased" and repeated[second] != first:
            yield file.problem(path, f"{second} says again what {repeated[second]} says; pair it with that")
    for key in sorted(compared_keys(file.plan)):
        if kinds.get(key) in ONLY_IN_CHECKS:
            yield file.problem(("design", "trials"), f"{key} is {kinds[key]}; it belongs in design.checks only")


def _step_problems(file: StudyFile) -> Iterator[Problem]:
    design = file.plan["design"]
    mode = design["audition"]["mode"]
    if design["steps"] != STEPS_OF_MODE[mode]:
        wanted = ", ".join(STEPS_OF_MODE[mode])
        yield file.problem(("design", "steps"), f"must be [{wanted}] with audition mode {mode}")


def _repeat_problems(file: StudyFile) -> Iterator[Problem]:
    design = file.plan["design"]
    scored, between = scored_trials(file.plan), scored_trials(file.plan) + check_trials(file.plan)
    path: KeyPath = ("design", "repeats")
    if design["repeats"] > scored:
        yield file.problem(path, f"{design['repeats']} repeats of only {scored} scored trials")
    elif design["repeats"] and between < REPEAT_DISTANCE:
        message = f"a repeat comes at least {REPEAT_DISTANCE} trials after its first showing; there are only {between}"
        yield file.problem(path, message)


def _exclusion_problems(file: StudyFile) -> Iterator[Problem]:
    checks = failable_checks(file.plan)
    for index, entry in enumerate(file.plan["exclusions"]):
        if entry["rule"] == "failed_checks" and entry["at_least"] > checks:
            path: KeyPath = ("exclusions", index, "at_least")
            yield file.problem(
                path, f"nobody can fail {entry['at_least']} checks; the design has {checks} that can be failed"
            )


def _analysis_problems(file: StudyFile) -> Iterator[Problem]:
    primary: list[str] = file.plan["analysis"]["primary"]["pair"]
    pairs = [set(entry["pair"]) for entry in file.plan["design"]["trials"]]
    if set(primary) not in pairs:
        message = f"{' and '.join(primary)} are compared in no scored trial of design.trials"
        yield file.problem(("analysis", "primary", "pair"), message)
    yield from _criterion_problems(file)
    yield from _sequential_problems(file)


def _criterion_problems(file: StudyFile) -> Iterator[Problem]:
    design, primary = file.plan["design"], file.plan["analysis"].get("primary_criterion")
    criteria = CRITERIA[design["criteria"]]
    asked = [each.name for step in design["steps"] for each in {"read": criteria.read, "hear": criteria.hear}[step]]
    if primary is not None and primary not in asked:
        message = f"{primary} is not asked in this study; its criteria are {', '.join(asked)}"
        yield file.problem(("analysis", "primary_criterion"), message)


def _sequential_problems(file: StudyFile) -> Iterator[Problem]:
    """Looking early is valid for one estimand and one treatment of ties only."""
    analysis = file.plan["analysis"]
    method, path = analysis["sequential"], ("analysis", "sequential")
    if method == NO_LOOKS:
        return
    if reason := why_no_peek(method, estimand=analysis["primary"]["estimand"]):
        yield file.problem(path, reason)
    if analysis["ties"] != "half":
        yield file.problem(path, "looking early takes one number per participant, with ties as half: set ties: half")


def _size_warnings(file: StudyFile) -> Iterator[Problem]:
    trials, minutes = planned_trials(file.plan), planned_minutes(file.plan)
    if minutes > LONG_SESSION_MINUTES:
        message = (
            f"a session of {trials} trials takes about {minutes} minutes; listeners tire after {LONG_SESSION_MINUTES}"
        )
        yield file.problem(("design", "trials"), message, is_warning=True)
    target = file.plan["recruitment"]["target_participants"]
    if target < FEW_PARTICIPANTS:
        message = f"with fewer than {FEW_PARTICIPANTS} participants every interval is marked indicative"
        yield file.problem(("recruitment", "target_participants"), message, is_warning=True)
