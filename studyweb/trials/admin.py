"""Participants, trials, answers and events in Django's admin: to look at, never to change, arms hidden while masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from studyweb.studies.masking import is_hidden
from studyweb.trials.models import Answer, Event, Participant, Trial

if TYPE_CHECKING:  # generic for the type checker only
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin


class LookOnlyAdmin(AnyAdmin):
    """Rows that only participants make. Researchers see those of their own studies, superusers all."""

    study_path: ClassVar[str] = "participant__study"
    telling: ClassVar[tuple[str, ...]] = ()
    """Fields from which an arm could be told; left out while that is hidden."""
    never_shown: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Somebody else's rows do not exist."""
        rows = super().get_queryset(request).select_related(self.study_path)
        if getattr(request.user, "is_superuser", False):
            return rows
        return rows.filter(**{f"{self.study_path}__owner": request.user.pk})

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """All fields but those that must not be seen now."""
        hidden = {*self.never_shown, *(self.telling if obj is None or self._hides_arms(obj) else ())}
        return [field.name for field in self.model._meta.fields if field.name not in hidden]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No address may ask what a hidden field holds: `?draw__icontains=...` would list the trials of one side."""
        is_hidden_field = lookup.partition("__")[0] in {*self.telling, *self.never_shown}
        return not is_hidden_field and super().lookup_allowed(lookup, value, request)

    def _hides_arms(self, row: Any) -> bool:
        for name in self.study_path.split("__"):
            row = getattr(row, name)
        return is_hidden(row)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Participants make these rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What was answered stays as it was acknowledged."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Withdrawing is the participant's own act."""
        return False


@admin.register(Participant)
class ParticipantAdmin(LookOnlyAdmin):
    """Who takes part, under a pseudonym."""

    study_path = "study"
    telling = ("draw",)
    never_shown = ("link_sha256", "recruiter")  # with a recruiter's ids the person's session could be entered
    list_display = (
        *("public_id", "study", "state", "is_test", "consented_at", "completed_at", "last_seen_at", "completion_code"),
    )
    list_filter = ("study", "state", "is_test")
    search_fields = ("public_id", "=completion_code")


@admin.register(Trial)
class TrialAdmin(LookOnlyAdmin):
    """What was shown when; which advice stood where only once that may be known."""

    telling = ("advice_a", "advice_b", "draw", "check_kind")
    list_display = ("public_id", "participant", "position", "role", "item", "started_at", "read_at", "completed_at")
    list_filter = ("participant__study", "role")
    list_select_related = ("participant", "item__track")
    search_fields = ("public_id", "participant__public_id")


@admin.register(Answer)
class AnswerAdmin(LookOnlyAdmin):
    """Every answer as it was acknowledged, revisions included."""

    telling = ("context",)
    never_shown = ("salt",)
    list_display = ("id", "participant", "trial", "step", "value", "revision", "received_at")
    list_filter = ("participant__study", "step")
    list_select_related = ("participant", "trial__participant")
    search_fields = ("participant__public_id", "trial__public_id")


@admin.register(Event)
class EventAdmin(LookOnlyAdmin):
    """What happened in the browser."""

    list_display = ("id", "participant", "trial", "kind", "client_ms", "received_at")
    list_filter = ("participant__study", "kind")
    list_select_related = ("participant", "trial__participant")
    search_fields = ("participant__public_id",)
