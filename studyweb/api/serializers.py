"""What the API says about studies, results and exports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from studyweb.dashboard.results import PairResult
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


class JobSerializer(serializers.ModelSerializer[Job]):
    """A background job as its owner sees it."""

    class Meta:
        model = Job
        fields = ["id", "kind", "state", "progress", "message", "result", "error", "created_at", "finished_at"]


class ProgressSerializer(serializers.Serializer[Any]):
    """Counts that never name an arm."""

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
    sentence = serializers.CharField()
    knowledge = serializers.CharField()
    estimate = serializers.DictField()
    ties = serializers.DictField()
    sides = serializers.DictField()
    simulated = serializers.BooleanField()


def pair_result_data(result: PairResult, *, simulated: bool) -> dict[str, Any]:
    """A pair's result as plain data."""
    return {
        "first": result.first.key,
        "second": result.second.key,
        "is_primary": result.is_primary,
        "sentence": ("SIMULATED DATA. " if simulated else "") + result.sentence,
        "knowledge": result.knowledge,
        "estimate": asdict(result.estimate),
        "ties": asdict(result.ties),
        "sides": asdict(result.sides),
        "simulated": simulated,
    }
