"""Do the systems of a study file make sense: keys, what each was shown, weights, and the claim."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from studyweb.studies.plan import compared_keys
from studyweb.studies.problems import KeyPath, Problem
from studyweb.studies.study_file import StudyFile

WITH_REFERENCE = ("mix_ref", "stems_ref")
MODEL_KEYS = ("adapter", "trained_on", "shown", "reference_kind")
OFFERED_REFERENCES = ("same_passage", "none")
REPEATABLE_KINDS = ("oracle", "constant", "sabotaged")
"""Kinds whose gains can always be written exactly in other words."""
ADAPTER_FILE = "adapter_model.safetensors"


def system_problems(file: StudyFile) -> Iterator[Problem]:
    """Problems of every system, then of the claim they support."""
    seen: dict[str, str] = {}
    for index, system in enumerate(file.plan["systems"]):
        path: KeyPath = ("systems", index)
        for name in ("key", "label"):
            known = seen.setdefault(f"{name} {system[name]}", system["key"])
            if (known != system["key"]) or (name == "key" and _first_index(file, system["key"]) != index):
                yield file.problem((*path, name), f"{system[name]!r} is used twice")
        yield from _kind_problems(file, path, system)
    yield from _claim_problems(file)


def weights_folder() -> Path:
    """Where the engine looks for base and adapters: $MIXTRIAL_WEIGHTS, or what is shipped."""
    return Path(os.environ.get("MIXTRIAL_WEIGHTS") or settings.BASE_DIR / "training" / "shipped")


def _kind_problems(file: StudyFile, path: KeyPath, system: dict[str, Any]) -> Iterator[Problem]:
    kind = system["kind"]
    if kind == "model":
        yield from _model_problems(file, path, system)
    elif "adapter" in system:
        yield file.problem((*path, "adapter"), f"only systems of kind model have an adapter, not {kind}")
    if kind == "oracle" and (system.get("shown"), system.get("reference_kind")) != ("stems_ref", "same_passage"):
        yield file.problem(path, "an oracle compares samples: it needs shown stems_ref and reference_kind same_passage")
    yield from _rephrased_problems(file, path, system)
    if kind in ("constant", "sabotaged", "rephrased") and system.get("reference_kind", "none") != "none":
        yield file.problem((*path, "reference_kind"), f"a {kind} system hears no reference; leave it out")


def _rephrased_problems(file: StudyFile, path: KeyPath, system: dict[str, Any]) -> Iterator[Problem]:
    kinds = {other["key"]: other["kind"] for other in file.plan["systems"]}
    if system["kind"] != "rephrased":
        if "of" in system:
            yield file.problem((*path, "of"), f"only systems of kind rephrased repeat another, not {system['kind']}")
    elif "of" not in system:
        yield file.problem((*path, "of"), "is missing; a rephrased system says again what another one says")
    elif kinds.get(system["of"]) not in REPEATABLE_KINDS:
        kind = kinds.get(system["of"], "not in the file")
        message = f"must name a system of kind {', '.join(REPEATABLE_KINDS)}; {system['of']} is {kind}"
        yield file.problem((*path, "of"), message)


def _model_problems(file: StudyFile, path: KeyPath, system: dict[str, Any]) -> Iterator[Problem]:
    missing = [key for key in MODEL_KEYS if key not in system and not (key == "adapter" and _untuned(system))]
    yield from (file.problem((*path, key), "is missing; a model needs it") for key in missing)
    if "shown" in system and "reference_kind" in system:
        yield from _reference_problems(file, path, system)
    if system["register"] != "terse":
        yield file.problem((*path, "register"), "the shipped models write the terse register only")
    if "adapter" in system:
        yield from _adapter_problems(file, path, system)


def _untuned(system: dict[str, Any]) -> bool:
    return system.get("trained_on") == "untuned"


def _reference_problems(file: StudyFile, path: KeyPath, system: dict[str, Any]) -> Iterator[Problem]:
    kind, shown = system["reference_kind"], system["shown"]
    if kind not in OFFERED_REFERENCES:
        yield file.problem(
            (*path, "reference_kind"),
            f"{kind} cannot be used in a study yet; there are {' and '.join(OFFERED_REFERENCES)}",
        )
    if shown not in WITH_REFERENCE and kind != "none":
        yield file.problem((*path, "reference_kind"), f"must be none: what is shown is {shown}, without a reference")
    if shown in WITH_REFERENCE and kind == "none":
        without = shown.removesuffix("_ref")
        yield file.problem((*path, "shown"), f"must be {without}: with reference_kind none there is no reference")


def _adapter_problems(file: StudyFile, path: KeyPath, system: dict[str, Any]) -> Iterator[Problem]:
    folder = weights_folder() / system["adapter"]
    here = (*path, "adapter")
    if _untuned(system):
        yield file.problem(here, "an untuned system has no adapter; leave it out")
    elif not (folder / ADAPTER_FILE).is_file():
        there = sorted(found.parent.name for found in weights_folder().glob(f"*/{ADAPTER_FILE}"))
        offered = f"; there are {', '.join(there)}" if there else ""
        yield file.problem(here, f"no adapter {system['adapter']!r}: {folder} holds no {ADAPTER_FILE}{offered}")


def _claim_problems(file: StudyFile) -> Iterator[Problem]:
    """A system that was shown the same passage has heard the answer: what it shows is a ceiling."""
    plan = file.plan
    compared = compared_keys(plan) | set(plan["analysis"]["primary"]["pair"])
    heard = [
        system["key"]
        for system in plan["systems"]
        if system["key"] in compared and system.get("reference_kind") == "same_passage"
    ]
    if plan["claim"] == "deployable" and heard:
        message = f"deployable cannot be claimed: {', '.join(heard)} is shown the same passage, that is, the answer"
        yield file.problem(("claim",), f"{message}; claim ceiling")
    if plan["claim"] == "ceiling" and not heard:
        message = "no compared system is shown the same passage; deployable could be claimed"
        yield file.problem(("claim",), message, is_warning=True)


def _first_index(file: StudyFile, key: str) -> int:
    return [system["key"] for system in file.plan["systems"]].index(key)
