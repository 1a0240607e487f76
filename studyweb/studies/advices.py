"""Advice of a study being prepared: asked for, stored, imported. Each change makes the item's audio due again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from datagen.explanations import read
from datagen.recipes import recipe_from_json
from datagen.requests import AdviceResult
from datagen.words import mapping_from_changes
from studyweb.jobs.models import Job
from studyweb.jobs.queue import enqueue
from studyweb.studies.log import StudyRefusedError, log_action, require_state
from studyweb.studies.models import Advice, Item, Study, System
from studyweb.studies.plan import COMPUTED_KINDS, DELIVERED_KINDS, needs_advice
from studyweb.studies.rephrasing import rephrased_advice
from studyweb.studies.sabotage import sabotaged_advice
from studyweb.studies.study_file import sha256_of_text

LONGEST_REASON = 300


@dataclass(frozen=True)
class DeliveredAdvice:
    """One advice from outside: the item's public id, the text, and where it stood in the file."""

    item_id: str
    text: str
    line: int


def wanted_advice(study: Study) -> list[tuple[Item, System]]:
    """Every item with every system that gives advice on it, system by system, so that a worker loads each once."""
    items = list(study.items.select_related("track"))
    return [
        (item, system)
        for system in study.systems.all()
        for item in items
        if needs_advice(study.plan, role=item.role, key=system.key, kind=system.kind)
    ]


@transaction.atomic
def request_advice(study: Study) -> None:
    """Queue the advice that workers compute and write the sabotaged one; safe to call again."""
    for item, system in wanted_advice(study):
        if system.kind in COMPUTED_KINDS:
            payload = {"item": item.pk, "system": system.pk}
            enqueue("advice", key=f"advice:{item.pk}:{system.pk}", payload=payload, study_id=study.pk)
        elif system.kind == System.Kind.SABOTAGED:
            store_advice(item, system, sabotaged_advice(recipe_from_json(item.recipe)))


@transaction.atomic
def store_advice(item: Item, system: System, result: AdviceResult) -> Advice:
    """Keep one advice, replacing a former one, and queue the item's audio when its last advice is there.

    Raises StudyRefusedError once the study has left its draft: what is frozen stays as it is.
    """
    # Two advices of one item that finish together must not each miss the other: the item's row is locked.
    item = Item.objects.select_for_update().select_related("study").get(pk=item.pk)
    require_state(item.study, Study.State.DRAFT, to="change the advice of")
    former = Advice.objects.filter(item=item, system=system).first()
    if former is not None and (former.text, former.changes) == (result.text, result.changes_db):
        return former
    advice, _ = Advice.objects.update_or_create(
        item=item,
        system=system,
        defaults={
            "text": result.text,
            "finding": result.finding,
            "text_sha256": sha256_of_text(result.text),
            "changes": result.changes_db,
            "not_actionable": result.not_actionable[:LONGEST_REASON],
            "provenance": result.provenance,
            "trim_db": None,
            "loudness_lufs": None,
            "true_peak_dbtp": None,
        },
    )
    _say_again(item, system, result)
    request_stimulus_when_ready(item)
    return advice


def _say_again(item: Item, system: System, result: AdviceResult) -> None:
    """Store the same gains in other words for the systems that repeat this one on this item."""
    plan = item.study.plan
    for other in item.study.systems.filter(kind=System.Kind.REPHRASED):
        if other.entry["of"] == system.key and needs_advice(plan, role=item.role, key=other.key, kind=other.kind):
            recipe = recipe_from_json(item.recipe)
            store_advice(item, other, rephrased_advice(result, recipe, register=other.entry["register"]))


def request_stimulus_when_ready(item: Item) -> None:
    """Queue the item's audio once every advice it needs is stored; the caller holds the item's row."""
    study = item.study
    wanted = {
        system.pk
        for system in study.systems.all()
        if needs_advice(study.plan, role=item.role, key=system.key, kind=system.kind)
    }
    if item.advices.filter(system_id__in=wanted).count() < len(wanted):
        return
    Item.objects.filter(pk=item.pk).update(stimulus_ready_at=None)
    version = stimulus_version(item) + 1
    enqueue(
        "stimulus",
        key=f"stimulus:{item.pk}:{version}",
        payload={"item": item.pk, "version": version, "folder": f"stimuli/{secrets.token_hex(8)}"},
        study_id=study.pk,
    )


def stimulus_version(item: Item) -> int:
    """How many times the item's audio was asked for; only the newest answer counts."""
    return Job.objects.filter(kind="stimulus", key__startswith=f"stimulus:{item.pk}:").count()


@transaction.atomic
def import_advice(study: Study, delivered: Iterable[DeliveredAdvice], *, system_key: str, actor: str) -> int:
    """Store the advice of an imported or human system, read by the same reader as any other; how many.

    Raises StudyRefusedError with every problem, having stored nothing: a system that does not take imports, items that
    do not exist, are named twice or take no advice of this system, empty texts.
    """
    require_state(study, Study.State.DRAFT, to="import advice into")
    system = _system_for_import(study, system_key)
    rows = list(delivered)
    items = {item.public_id: item for item, other in wanted_advice(study) if other.pk == system.pk}
    problems = list(_import_problems(rows, items, system))
    if problems:
        raise StudyRefusedError(problems)
    for row in rows:
        store_advice(items[row.item_id], system, read_advice(row.text, items[row.item_id], kind=system.kind))
    log_action(study, actor=actor, action="advice imported", detail={"system": system.key, "count": len(rows)})
    return len(rows)


def read_advice(text: str, item: Item, *, kind: str) -> AdviceResult:
    """An advice from outside with the gain changes its text asks for."""
    text = text.strip()
    reading = read(text, tuple(item.recipe["audible"]) or tuple(item.correction))
    return AdviceResult(
        text=text,
        finding="",
        changes_db=None if reading.changes is None else mapping_from_changes(reading.changes),
        not_actionable=reading.not_actionable,
        provenance={"made_by": kind, "from_words": reading.from_words, "notes": list(reading.notes)},
    )


def _system_for_import(study: Study, key: str) -> System:
    systems = {system.key: system for system in study.systems.all()}
    system = systems.get(key)
    if system is None:
        raise StudyRefusedError([f"the study has no system {key!r}; it has {', '.join(systems)}"])
    if system.kind not in DELIVERED_KINDS:
        raise StudyRefusedError([f"{key} is of kind {system.kind}; advice is imported for kinds imported and human"])
    return system


def _import_problems(rows: list[DeliveredAdvice], items: Mapping[str, Any], system: System) -> Iterable[str]:
    if not rows:
        yield "the file holds no advice"
    seen: dict[str, int] = {}
    for row in rows:
        if row.item_id not in items:
            yield f"line {row.line}: no item {row.item_id!r} waits for advice of {system.key}"
        elif row.item_id in seen:
            yield f"line {row.line}: item {row.item_id} was already given in line {seen[row.item_id]}"
        if not row.text.strip():
            yield f"line {row.line}: the text is empty"
        seen.setdefault(row.item_id, row.line)
