"""Jobs in Django's admin: to see what runs and what failed, and to try a failed job again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from studyweb.jobs.models import Job
from studyweb.jobs.queue import retry_job
from studyweb.studies.masking import shows_arms
from studyweb.studies.models import Study

if TYPE_CHECKING:  # generic for the type checker only
    AnyJobAdmin = admin.ModelAdmin[Job]
else:
    AnyJobAdmin = admin.ModelAdmin


@admin.register(Job)
class JobAdmin(AnyJobAdmin):
    """Read-only, apart from trying again. Advice jobs name item and system, so they hide while arms are hidden."""

    list_display = ("kind", "queue", "state", "attempt", "progress", "message", "worker", "created_at", "finished_at")
    list_filter = ("state", "kind", "queue")
    date_hierarchy = "created_at"
    actions = ("try_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Jobs of the researcher's own studies, without the advice jobs of those whose arms are hidden."""
        open_ones = Study.objects.filter(shows_arms()).values("pk")
        jobs = super().get_queryset(request).filter(~Q(kind="advice") | Q(study_id__in=open_ones))
        if getattr(request.user, "is_superuser", False):
            return jobs
        return jobs.filter(study_id__in=Study.objects.filter(owner_id=request.user.pk).values("pk"))

    @admin.action(description="Try failed jobs again", permissions=["change"])
    def try_again(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Queue the failed ones of the chosen jobs with a fresh set of attempts."""
        count = sum(retry_job(job) for job in jobs)
        messages.success(request, f"{count} job(s) queued again")

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> list[str]:
        """Every field: the row belongs to its worker."""
        return [field.name for field in self.model._meta.fields]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Jobs are queued by services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A job is part of the record of what made the data."""
        return False
