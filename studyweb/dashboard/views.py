"""Pages of researchers: studies, live progress, items, exports. Flat views over services and selectors."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from studyweb.dashboard.access import fragment, get_study, studies_of
from studyweb.dashboard.items import shown_items
from studyweb.dashboard.peeks import method_of_looking
from studyweb.dashboard.progress import live_progress
from studyweb.export.services import comments_to_release, listed_exports, request_export
from studyweb.jobs.models import Job
from studyweb.stats.sequential import NO_LOOKS
from studyweb.studies.masking import is_hidden
from studyweb.studies.models import Study
from studyweb.studies.services import (
    StudyRefusedError,
    close_study,
    open_study,
    retry_preparation,
    unblind_study,
)
from studyweb.studies.session_length import planned_minutes, planned_trials
from studyweb.studies.text_separability import pair_texts
from studyweb.trials.side_counts import item_sides

SHOWN_LOG_LINES = 50


@login_required
@require_GET
def studies(request: HttpRequest) -> HttpResponse:
    """All studies of the researcher."""
    context = {"page": "studies", "studies": studies_of(request.user).select_related("owner")}
    return render(request, "dashboard/studies.html", context)


@login_required
@require_GET
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """One study: what it needs next, how it fills up, who did what."""
    found = get_study(request.user, slug)
    context = {
        "study": found,
        "page": "study",
        "progress": live_progress(found),
        "join_url": request.build_absolute_uri(f"/join/{found.public_id}/"),
        "trials": planned_trials(found.plan),
        "minutes": planned_minutes(found.plan),
        "systems": found.systems.all(),
        "looking": method_of_looking(found) != NO_LOOKS,
        "item_sides": item_sides(found),
        "log": found.log.order_by("-id")[:SHOWN_LOG_LINES],
    }
    return render(request, "dashboard/study.html", context)


@fragment
@require_GET
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """The live part of the study page, polled while something is going on; a new state reloads the whole page."""
    found = get_study(request.user, slug)
    now = live_progress(found)
    response = render(request, "dashboard/_progress.html", {"study": found, "progress": now})
    if request.GET.get("seen") not in (None, f"{found.state}-{now.preparation.is_complete}"):
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def change_state(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Open, close or unblind a study, or try its failed preparation again, through the logged services."""
    found = get_study(request.user, slug)
    actor = request.user.get_username()
    try:
        if action == "open":
            open_study(found, actor=actor)
        elif action == "close":
            close_study(found, actor=actor)
        elif action == "unblind":
            unblind_study(found, actor=actor, reason=request.POST.get("reason", "").strip())
        else:
            retry_preparation(found, actor=actor)
    except StudyRefusedError as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, _done(action))
    return redirect("dashboard:study", slug=slug)


def _done(action: str) -> str:
    return {
        "open": _("The study is open."),
        "close": _("The study is closed."),
        "unblind": _("The study is unblinded; this was logged."),
        "retry": _("The failed jobs are queued again."),
    }[action]


@login_required
@require_GET
def items(request: HttpRequest, slug: str) -> HttpResponse:
    """What participants are played and told; who advised what only while or once that may be known."""
    found = get_study(request.user, slug)
    context = {
        "study": found,
        "page": "items",
        "items": shown_items(found),
        "is_hidden": is_hidden(found),
        "pair_texts": pair_texts(found),
    }
    return render(request, "dashboard/items.html", context)


@login_required
@require_GET
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    """The study's exports: made by a job, downloaded from here."""
    return render(request, "dashboard/exports.html", _exports_context(get_study(request.user, slug)))


@fragment
@require_GET
def export_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of exports alone, polled while one is being made."""
    return render(request, "dashboard/_exports.html", _exports_context(get_study(request.user, slug)))


def _exports_context(found: Study) -> dict[str, object]:
    listed = listed_exports(found)
    moving = any(each.job.state in (Job.State.QUEUED, Job.State.RUNNING) for each in listed)
    comments = [] if found.is_masked else comments_to_release(found)
    return {"study": found, "page": "exports", "exports": listed, "is_moving": moving, "comments": comments}


@login_required
@require_POST
def make_export(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue an export of the data as they are now, for the project or for everybody."""
    found = get_study(request.user, slug)
    is_public = request.POST.get("profile") == "public"
    released = request.POST.get("release_comments", "")
    try:
        request_export(
            found,
            actor=request.user.get_username(),
            profile="public" if is_public else "project",
            comments_up_to=int(released) if is_public and released.isdecimal() else 0,
        )
    except StudyRefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect("dashboard:exports", slug=slug)
