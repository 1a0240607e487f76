"""What the API says about studies, results and exports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from studyweb.dashboard.results import PairResult
from studyweb.export.columns import PROFILES
from studyweb.export.services import ListedExport
from studyweb.jobs.models import Job
from studyweb.studies.models import Study


class StudySerializer(serializers.ModelSerializer[Study]):
    """A study in a list."""

    masked = serializers.BooleanField(source="is_masked", read_only=True)

    class Meta:
        model = Study
        fields = [
            "slug",
            "title",
            "state",
            "is_simulated",
            "masked",
            "file_sha256",
            "frozen_sha256",
            "opened_at",
            "closed_at",
        ]


class ExportRequestSerializer(serializers.Serializer[Any]):
    """What export to make."""

    profile = serializers.ChoiceField(choices=PROFILES, default="project")


class ExportSerializer(serializers.Serializer[Any]):
    """An export: a background job and, once it is done, where its archive is."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    progress = serializers.FloatField()
    message = serializers.CharField()
    error = serializers.CharField()
    masked = serializers.BooleanField()
    profile = serializers.ChoiceField(choices=PROFILES)
    rows = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    download = serializers.CharField(allow_null=True, help_text="Null until it is done.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


def export_data(study: Study, export: ListedExport) -> dict[str, Any]:
    """An export as plain data."""
    job, result = export.job, export.job.result or {}
    return {
        **{name: getattr(job, name) for name in ("id", "state", "progress", "message", "error")},
        "masked": bool(job.payload.get("masked")),
        "profile": job.payload.get("profile", "project"),
        "rows": result.get("rows"),
        "sha256": result.get("sha256"),
        "download": reverse("api:export-file", args=[study.slug, job.pk]) if export.is_current else None,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


class TokenSerializer(serializers.Serializer[Any]):
    """A new token."""

    expiry = serializers.DateTimeField(allow_null=True)
    token = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    """Counts that never name an arm."""

    simulated = serializers.BooleanField()
    participants = serializers.DictField(child=serializers.IntegerField())
    target_participants = serializers.IntegerField()
    trials_completed = serializers.IntegerField()
    answers_stored = serializers.IntegerField()
    advices_ready = serializers.IntegerField()
    advices_total = serializers.IntegerField()
    stimuli_ready = serializers.IntegerField()
    stimuli_total = serializers.IntegerField()


class PairResultSerializer(serializers.Serializer[Any]):
    """One pair's result, with everything needed to judge it."""

    first = serializers.CharField()
    second = serializers.CharField()
    is_primary = serializers.BooleanField()
    simulated = serializers.BooleanField()
    sentence = serializers.CharField()
    position = serializers.CharField(help_text="A warning about sides, or empty.")
    knowledge = serializers.CharField()
    estimate = serializers.DictField()
    with_ties = serializers.DictField()
    ties = serializers.DictField()
    tie_reasons = serializers.DictField(child=serializers.IntegerField())
    sides = serializers.DictField()
    flips = serializers.DictField(child=serializers.IntegerField())
    criteria = serializers.ListField(child=serializers.DictField())
    keeps = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    subgroups = serializers.ListField(child=serializers.DictField())


def pair_result_data(result: PairResult, *, simulated: bool) -> dict[str, Any]:
    """A pair's result as plain data."""
    whole = ("estimate", "with_ties", "ties", "sides", "flips", "keeps")
    return {
        "first": result.first.key,
        "second": result.second.key,
        "is_primary": result.is_primary,
        "simulated": simulated,
        "sentence": ("SIMULATED DATA. " if simulated else "") + result.sentence,
        **{name: getattr(result, name) for name in ("position", "knowledge", "tie_reasons")},
        **{name: asdict(getattr(result, name)) for name in whole},
        "criteria": [asdict(criterion) for criterion in result.criteria],
        "subgroups": [asdict(group) for group in result.subgroups],
    }
