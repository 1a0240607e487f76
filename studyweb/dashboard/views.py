"""Pages of researchers: their studies, live progress, results, exports. Flat views over services and selectors."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from studyweb.dashboard.access import get_study, studies_of
from studyweb.dashboard.figure_jobs import request_forest_figure
from studyweb.dashboard.progress import live_progress
from studyweb.dashboard.results import results_of
from studyweb.export.services import exports_of, request_export
from studyweb.jobs.models import Job
from studyweb.studies.models import Study
from studyweb.studies.services import StudyRefusedError, close_study, open_study, unblind_study
from studyweb.trials.exclusions import exclusions_of


@login_required
@require_GET
def studies(request: HttpRequest) -> HttpResponse:
    """All studies of the researcher."""
    return render(
        request,
        "dashboard/studies.html",
        {"page": "studies", "studies": studies_of(request.user).select_related("owner")},
    )


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
        "systems": found.systems.all(),
        "log": found.log.order_by("-id")[:50],
    }
    return render(request, "dashboard/study.html", context)


@login_required
@require_GET
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """The live part of the study page, polled while something is going on."""
    found = get_study(request.user, slug)
    return render(request, "dashboard/_progress.html", {"study": found, "progress": live_progress(found)})


@login_required
@require_POST
def change_state(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Open, close or unblind a study through the logged services."""
    found = get_study(request.user, slug)
    actor = request.user.get_username()
    try:
        if action == "open":
            open_study(found, actor=actor)
        elif action == "close":
            close_study(found, actor=actor)
        else:
            unblind_study(found, actor=actor, reason=request.POST.get("reason", "").strip())
    except StudyRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            {"open": _("The study is open."), "close": _("The study is closed.")}.get(
                action, _("The study is unblinded; this was logged.")
            ),
        )
    return redirect("dashboard:study", slug=slug)


@login_required
@require_GET
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Counts while masked; afterwards estimates, figure and sentences."""
    found = get_study(request.user, slug)
    context: dict[str, object] = {"study": found, "page": "results", "progress": live_progress(found)}
    if not found.is_masked:
        pairs = results_of(found)
        context |= {
            "pairs": pairs,
            "figure": request_forest_figure(found, pairs),
            "analysis": found.plan["analysis"],
            "exclusions": exclusions_of(found),
        }
    return render(request, "dashboard/results.html", context)


@login_required
@require_GET
def figure(request: HttpRequest, slug: str, job_id: str) -> HttpResponse:
    """The figure's place on the page, polled until it is drawn."""
    found = get_study(request.user, slug)
    job = _job_of(found, job_id, kind="figure")
    return render(request, "dashboard/_figure.html", {"study": found, "figure": job})


@login_required
@require_GET
def figure_file(request: HttpRequest, slug: str, job_id: str, extension: str) -> FileResponse:
    """The drawn figure as SVG or PDF; only once the study is unblinded."""
    found = get_study(request.user, slug)
    job = _job_of(found, job_id, kind="figure")
    if found.is_masked or job.state != Job.State.DONE:
        raise Http404("not drawn")
    path = settings.MEDIA_ROOT / "figures" / str(job.pk) / f"forest.{extension}"
    content_type = {"svg": "image/svg+xml", "pdf": "application/pdf"}[extension]
    name = f"{found.slug}{'-SIMULATED' if found.is_simulated else ''}-forest.{extension}"
    return FileResponse(
        path.open("rb"), content_type=content_type, as_attachment="download" in request.GET, filename=name
    )


@login_required
@require_GET
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    """The study's exports: made by a job, downloaded from here."""
    return render(request, "dashboard/exports.html", _exports_context(get_study(request.user, slug)))


@login_required
@require_GET
def export_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of exports alone, polled while one is being made."""
    return render(request, "dashboard/_exports.html", _exports_context(get_study(request.user, slug)))


def _exports_context(found: Study) -> dict[str, object]:
    jobs = list(exports_of(found)[:50])
    moving = any(job.state in (Job.State.QUEUED, Job.State.RUNNING) for job in jobs)
    return {"study": found, "page": "exports", "exports": jobs, "is_moving": moving}


@login_required
@require_POST
def make_export(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue an export of the data as they are now."""
    found = get_study(request.user, slug)
    request_export(found, actor=request.user.get_username())
    return redirect("dashboard:exports", slug=slug)


@login_required
@require_GET
def export_file(request: HttpRequest, slug: str, job_id: str) -> FileResponse:
    """Download one finished export."""
    found = get_study(request.user, slug)
    job = _job_of(found, job_id, kind="export")
    path = settings.MEDIA_ROOT / "exports" / f"{job.pk}.zip"
    if job.state != Job.State.DONE or not path.exists():
        raise Http404("this export is no longer there; make a new one")
    name = f"{found.slug}{'-SIMULATED' if found.is_simulated else ''}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@login_required
@require_GET
def study_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The study file as it was written."""
    found = get_study(request.user, slug)
    response = HttpResponse(found.file_text, content_type="text/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}.yaml"'
    return response


def _job_of(study: Study, job_id: str, *, kind: str) -> Job:
    job = Job.objects.filter(pk=job_id, study_id=study.pk, kind=kind).first()
    if job is None:
        raise Http404("no such job")
    return job
