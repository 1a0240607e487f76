"""The job row: the one truth about background work. A broker's message carries only its id."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models


class Job(models.Model):
    """One unit of background work."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    class Queue(models.TextChoices):
        GPU = "gpu"
        CPU = "cpu"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    queue = models.CharField(max_length=4, choices=Queue.choices)
    key = models.CharField(max_length=200, unique=True, help_text="The same work is never queued twice under one key.")
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    study_id = models.UUIDField(null=True, blank=True, db_index=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="Counted before the work; the fencing token of every write."
    )
    max_attempts = models.PositiveSmallIntegerField(default=3)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    progress = models.FloatField(default=0.0)
    message = models.CharField(max_length=200, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    result: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    announced_at = models.DateTimeField(null=True, blank=True, help_text="When the broker was last told.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["state", "queue", "created_at"], name="job_claim")]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.id)[:8]}"  # not the key: it may tell an item's system
