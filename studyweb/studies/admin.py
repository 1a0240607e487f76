"""Studies in Django's admin: everything can be looked at, little can be changed, and no arm can be told.

What a study is made of comes from its file and its jobs; here a draft's small print can be mended, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from studyweb.studies.masking import is_hidden, shows_arms
from studyweb.studies.models import Advice, Item, StemAudio, Study, StudyLog, System, Track
from studyweb.studies.selectors import preparation_of

if TYPE_CHECKING:  # generic for the type checker only
    AnyAdmin = admin.ModelAdmin[Any]
    LogInline = admin.TabularInline[StudyLog, Study]
else:
    AnyAdmin, LogInline = admin.ModelAdmin, admin.TabularInline


class StudyPartAdmin(AnyAdmin):
    """Rows of a study: never added or deleted by hand; `mendable` fields can be changed while it is a draft."""

    mendable: ClassVar[tuple[str, ...]] = ()
    study_path: ClassVar[str] = "study"
    """How a row leads to its study; empty for the study itself."""
    tells_arms: ClassVar[bool] = False
    """Rows that tell which system wrote what are left out while that is hidden."""
    telling: ClassVar[tuple[str, ...]] = ()
    """Fields from which an arm could be told; left out while that is hidden."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Somebody else's rows do not exist, nor do those that would tell an arm while that is hidden."""
        rows = super().get_queryset(request)
        if not getattr(request.user, "is_superuser", False):
            rows = rows.filter(**{"__".join(filter(None, (self.study_path, "owner"))): request.user.pk})
        return rows.filter(shows_arms(self.study_path)) if self.tells_arms else rows

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """All fields but those that must not be seen now."""
        hides = obj is None or is_hidden(self._study_of(obj))
        return [name for name in super().get_fields(request, obj) if not (hides and name in self.telling)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No address may ask what a hidden field holds (`?correction__icontains=...`)."""
        return lookup.partition("__")[0] not in self.telling and super().lookup_allowed(lookup, value, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Everything but what may be mended in a draft."""
        fields = [field.name for field in self.model._meta.fields]
        is_draft = obj is not None and self._study_of(obj).state == Study.State.DRAFT
        return [name for name in fields if not (is_draft and name in self.mendable)]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Studies come from files."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What was used in a study is kept."""
        return False

    def _study_of(self, row: Any) -> Study:
        for name in filter(None, self.study_path.split("__")):
            row = getattr(row, name)
        assert isinstance(row, Study)
        return row


class StudyLogInline(LogInline):
    """The study's log, oldest line first."""

    model = StudyLog
    fields = readonly_fields = ("at", "actor", "action", "detail")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        """The log is written by services only."""
        return False


@admin.register(Study)
class StudyAdmin(StudyPartAdmin):
    """A study and its log; opening, closing and unblinding happen on the research pages or with manage.py study."""

    study_path = ""
    mendable = ("title", "owner")
    list_display = ("title", "slug", "state", "is_simulated", "owner", "prepared", "opened_at", "closed_at")
    list_filter = ("state", "is_simulated")
    search_fields = ("title", "slug")
    inlines = (StudyLogInline,)

    @admin.display(description="prepared")
    def prepared(self, study: Study) -> str:
        """Advice and audio, ready of all."""
        now = preparation_of(study)
        ready = f"advice {now.advices_ready}/{now.advices_total}, audio {now.stimuli_ready}/{now.stimuli_total}"
        return f"{ready}, {len(now.failed)} failed" if now.failed else ready


@admin.register(System)
class SystemAdmin(StudyPartAdmin):
    """What produces advice."""

    tells_arms = True
    mendable = ("label",)
    list_display = ("label", "study", "key", "kind", "trained_on", "shown", "reference_kind")
    list_filter = ("study", "kind")


@admin.register(Track)
class TrackAdmin(StudyPartAdmin):
    """A song with its licence and credit."""

    mendable = ("title", "artist", "licence", "attribution", "may_serve", "may_publish")
    list_display = ("title", "artist", "study", "source", "licence", "may_serve", "may_publish")
    list_filter = ("study", "source", "may_serve")
    search_fields = ("title", "artist", "key")


@admin.register(Item)
class ItemAdmin(StudyPartAdmin):
    """An excerpt with its disturbance; what was done to it is hidden while arms are: beside a text it tells the arm."""

    mendable = ("brief",)
    telling = ("recipe", "correction", "facts")
    list_display = ("public_id", "study", "position", "role", "track", "brief", "stimulus_ready_at")
    list_filter = ("study", "role")
    list_select_related = ("study", "track")


@admin.register(StemAudio)
class StemAudioAdmin(StudyPartAdmin):
    """One file that participants may hear."""

    study_path = "item__study"
    list_display = ("public_id", "item", "stem", "size_bytes")
    list_filter = ("item__study", "stem")
    list_select_related = ("item__track",)


@admin.register(Advice)
class AdviceAdmin(StudyPartAdmin):
    """One system's advice on one item; hidden as a whole while arms are: even the order of rows would tell."""

    study_path = "item__study"
    tells_arms = True
    list_display = ("public_id", "item", "system", "text", "changes", "not_actionable")
    list_filter = ("item__study", "system__key")
    list_select_related = ("item__track", "system")
    search_fields = ("text",)


@admin.register(StudyLog)
class StudyLogAdmin(StudyPartAdmin):
    """Who did what."""

    list_display = ("at", "study", "actor", "action")
    list_filter = ("study", "action")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The log is append-only."""
        return False
