"""What researchers read in advice texts, blind to who wrote them. Append-only: a correction is a new revision."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from studyweb.studies.models import Study


class CodingList(models.Model):
    """One coder's texts of one study in the random order in which they come; drawn once, kept for replay."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="coding_lists")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="coding_lists")
    seed = models.CharField(max_length=32)
    texts: models.JSONField[list[str], list[str]] = models.JSONField(help_text="Hashes of the different texts.")
    drawn_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["study", "coder"], name="coding_list_once")]

    def __str__(self) -> str:
        return f"{len(self.texts)} texts for {self.coder}"


class Coding(models.Model):
    """What a coder read in one text: gain changes, or why there are none to read."""

    coding_list = models.ForeignKey(CodingList, on_delete=models.PROTECT, related_name="codings")
    text_sha256 = models.CharField(max_length=64)
    revision = models.PositiveSmallIntegerField()
    changes: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(
        null=True, help_text="{stem: gain_db}; empty: nothing to change; null: not actionable."
    )
    not_actionable = models.CharField(max_length=300, blank=True)
    coded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["coding_list", "text_sha256", "revision"], name="coding_revision_once")
        ]

    def __str__(self) -> str:
        return self.not_actionable or str(self.changes)
