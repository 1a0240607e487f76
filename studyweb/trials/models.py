"""Participants, their trials and what they answered. Answers and events are append-only."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from studyweb.opaque import new_public_id
from studyweb.studies.models import Advice, Item, Study


class Participant(models.Model):
    """One person in one study, under a pseudonym. Previews and test people carry a flag and never count."""

    class State(models.TextChoices):
        CONSENTED = "consented"
        COMPLETED = "completed"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants")
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    link_sha256 = models.CharField(max_length=64, unique=True, help_text="Hash of the personal link's secret.")
    is_test = models.BooleanField(
        default=False, help_text="Preview or test: never in quotas, balance, statistics or exports."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.CONSENTED)
    consents: models.JSONField[dict[str, bool], dict[str, bool]] = models.JSONField(default=dict)
    consent_sha256 = models.CharField(max_length=64, help_text="Hash of the information and consent texts shown.")
    background: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)
    setup: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text="Level and left/right check; scores, never a wall."
    )
    closing: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text="Closing questions."
    )
    pages_done: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict,
        blank=True,
        help_text="{page: when it was stored}; `left` when they stopped and kept answers.",
    )
    recruiter: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True, help_text="Recruiter's ids; never exported."
    )
    draw: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict,
        blank=True,
        help_text="Seed, algorithm version and blocks of the assignment, for replay.",
    )
    completion_code = models.CharField(max_length=20, default=new_public_id, editable=False)
    chain_head = models.CharField(max_length=64, blank=True, help_text="Hash of the newest answer.")
    consented_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["consented_at"]

    def __str__(self) -> str:
        return self.public_id


class Trial(models.Model):
    """Two advices of one item in slots A and B, for one participant."""

    class Role(models.TextChoices):
        PRACTICE = "practice"
        SCORED = "scored"
        REPEAT = "repeat"
        CHECK = "check"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="trials")
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=10, choices=Role.choices)
    check_kind = models.CharField(max_length=40, blank=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="trials")
    advice_a = models.ForeignKey(Advice, on_delete=models.PROTECT, related_name="trials_as_a")
    advice_b = models.ForeignKey(Advice, on_delete=models.PROTECT, related_name="trials_as_b")
    repeat_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="repeats")
    steps: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        help_text="The trial's steps with their questions, as drawn for this trial."
    )
    draw: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        help_text="Side block, candidates, probabilities and seed of this trial, for replay."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(
        null=True, blank=True, help_text="When the reading step was over; gains are served only afterwards."
    )
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["participant", "position"]
        constraints = [models.UniqueConstraint(fields=["participant", "position"], name="trial_position_once")]

    def __str__(self) -> str:
        return f"{self.participant} trial {self.position}"


class Answer(models.Model):
    """One stored answer to one question of a trial's step; a choice and a rating are its kinds.

    A correction is a new row whose revision follows the one it replaces. The hash chain runs per participant over
    salted commitments, so that erasing value and salt leaves the chain verifiable.
    """

    class Kind(models.TextChoices):
        CHOICE = "choice"
        RATING = "rating"
        KEEP = "keep"
        TEXT = "text"
        FADERS = "faders"

    id = models.BigAutoField(primary_key=True)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="answers")
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="answers")
    client_uuid = models.UUIDField(unique=True)
    step = models.CharField(max_length=40, help_text="The question: first_choice, final_choice, describes.A, ...")
    slot = models.CharField(max_length=1, blank=True, help_text="A or B for questions about one advice.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    revision = models.PositiveSmallIntegerField(default=1)
    value = models.TextField()
    context: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict,
        help_text="Study version, advice hashes, gains applied, heard seconds, gate_met, device sample rate.",
    )
    salt = models.CharField(max_length=32, blank=True)
    commitment = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["trial", "step", "revision"], name="answer_revision_once")]

    def __str__(self) -> str:
        return f"{self.step}={self.value}"


class Event(models.Model):
    """What happened in the browser: plays, switches, seeks, stalls, device changes."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="events")
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    client_uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=40)
    client_ms = models.BigIntegerField(help_text="Milliseconds since the page opened, by the browser's clock.")
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.kind
