"""A study and what it is made of: systems, tracks, items, stimuli and advice.

Rows of an open study are frozen: services refuse changes once `Study.state` has left `draft`.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from studyweb.opaque import new_public_id


class Study(models.Model):
    """One study: its file as written, the plan read from it, and its state."""

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    slug = models.SlugField(unique=True, help_text="The study file's name; participants never see it.")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="studies")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    is_simulated = models.BooleanField(default=False, help_text="Filled by bots; marked SIMULATED on everything.")
    file_text = models.TextField()
    file_sha256 = models.CharField(max_length=64)
    plan: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(help_text="The file's validated content.")
    frozen_sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text="Hash over file, items and advices, written when the study opens.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    unblinded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_masked(self) -> bool:
        """Whether arms and results are hidden: until an unblinding, which is itself logged."""
        return self.unblinded_at is None


class StudyLog(models.Model):
    """Who did what to a study: created, opened, closed, unblinded, looked, exported. Append-only."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="log")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=40)
    detail: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"


class System(models.Model):
    """What produces advice. Never shown to a participant."""

    class Kind(models.TextChoices):
        MODEL = "model"
        ORACLE = "oracle"
        CONSTANT = "constant"
        SABOTAGED = "sabotaged"
        REPHRASED = "rephrased"
        IMPORTED = "imported"
        HUMAN = "human"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="systems")
    position = models.PositiveSmallIntegerField(help_text="Order in the study file.")
    key = models.SlugField()
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    trained_on = models.CharField(max_length=12, blank=True)
    shown = models.CharField(max_length=12, blank=True)
    reference_kind = models.CharField(max_length=20, default="none")
    entry: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        help_text="The study file's entry, whole."
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["study", "key"], name="system_key_once")]

    def __str__(self) -> str:
        return self.label


class Track(models.Model):
    """A song with its stems: source, licence and credit travel with it."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="tracks")
    source = models.CharField(max_length=40)
    key = models.CharField(max_length=300)
    root = models.CharField(max_length=1000, blank=True)
    title = models.CharField(max_length=300)
    artist = models.CharField(max_length=300, blank=True)
    genre = models.CharField(max_length=80, blank=True)
    licence = models.CharField(max_length=120)
    attribution = models.CharField(max_length=500)
    may_serve = models.BooleanField()
    may_publish = models.BooleanField()
    sample_rate = models.PositiveIntegerField()
    length_samples = models.BigIntegerField()
    source_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["study", "source", "key"], name="track_once")]

    def __str__(self) -> str:
        return self.title


class Item(models.Model):
    """One track with one disturbance in one excerpt."""

    class Role(models.TextChoices):
        SCORED = "scored"
        PRACTICE = "practice"
        CHECK = "check"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="items")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="items")
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    position = models.PositiveIntegerField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.SCORED)
    start_samples = models.BigIntegerField()
    length_samples = models.BigIntegerField()
    brief = models.CharField(max_length=300)
    recipe: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        help_text="datagen.recipes.Recipe as JSON."
    )
    correction: models.JSONField[dict[str, float], dict[str, float]] = models.JSONField(
        help_text="Canonical gain changes, {stem: gain_db}; empty for a clean item."
    )
    # Written by the stimulus job.
    attenuation_db = models.FloatField(null=True, blank=True)
    frames = models.PositiveIntegerField(null=True, blank=True)
    sample_rate = models.PositiveIntegerField(null=True, blank=True)
    waveform: models.JSONField[list[int] | None, list[int] | None] = models.JSONField(null=True, blank=True)
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)
    stimulus_ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["study", "position"], name="item_position_once")]

    def __str__(self) -> str:
        return f"{self.track} #{self.position}"


class StemAudio(models.Model):
    """One FLAC stem of an item's problem, carrying the disturbance; what a participant may hear."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="stems")
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    position = models.PositiveSmallIntegerField()
    stem = models.CharField(max_length=60)
    path = models.CharField(max_length=300, help_text="Relative to MEDIA_ROOT.")
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["item", "stem"], name="stem_once")]

    def __str__(self) -> str:
        return f"{self.stem} of {self.item}"


class Advice(models.Model):
    """One system's advice on one item: the text, the gain changes read from it, and its level when applied."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="advices")
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="advices")
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    text = models.TextField()
    finding = models.TextField(blank=True)
    text_sha256 = models.CharField(max_length=64)
    changes: models.JSONField[dict[str, float] | None, dict[str, float] | None] = models.JSONField(
        null=True,
        help_text="{stem: gain_db} read from the text; empty: nothing to change; null: not actionable.",
    )
    not_actionable = models.CharField(max_length=300, blank=True)
    provenance: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # Written by the stimulus job.
    trim_db = models.FloatField(null=True, blank=True)
    loudness_lufs = models.FloatField(null=True, blank=True)
    true_peak_dbtp = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "advices"
        constraints = [models.UniqueConstraint(fields=["item", "system"], name="advice_once")]

    def __str__(self) -> str:
        return self.text
