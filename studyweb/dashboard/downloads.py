"""Files that researchers download: reports and their figures, export archives, the study file."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from studyweb.dashboard.access import get_report, get_study
from studyweb.export.outdated import report_folder
from studyweb.export.services import find_archive
from studyweb.jobs.models import Job
from studyweb.studies.models import Study

CONTENT_TYPES = {".svg": "image/svg+xml", ".pdf": "application/pdf"}
KEPT_S = 600


@login_required
@require_GET
def report_file(request: HttpRequest, slug: str, job_id: UUID, name: str) -> FileResponse:
    """The report as PDF, or one of its figures as SVG or PDF; only once the study is unblinded."""
    found = get_study(request.user, slug)
    job = get_report(found, job_id)
    path = report_folder(job.pk) / name
    if job.state != Job.State.DONE or not path.exists():
        raise Http404("no such file in this report")
    response = FileResponse(
        path.open("rb"),
        content_type=CONTENT_TYPES[path.suffix],
        as_attachment="download" in request.GET,
        filename=f"{found.slug}{'-SIMULATED' if found.is_simulated else ''}-{name}",
    )
    # What a file of this address holds never changes, but whether it may be seen does: only this browser keeps it.
    patch_cache_control(response, private=True, max_age=KEPT_S)
    return response


@login_required
@require_GET
def export_file(request: HttpRequest, slug: str, job_id: UUID) -> FileResponse:
    """Download one finished export."""
    return archive_response(get_study(request.user, slug), job_id)


def archive_response(study: Study, job_id: UUID) -> FileResponse:
    """An export's zip, never kept by a cache. Raises Http404 when it is not there, or somebody has withdrawn since."""
    found = find_archive(study, job_id)
    if found is None:
        raise Http404("this export is no longer there; make a new one")
    path, name = found
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    patch_cache_control(response, private=True, no_store=True)
    return response


@login_required
@require_GET
def study_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The study file as it was written."""
    found = get_study(request.user, slug)
    response = HttpResponse(found.file_text, content_type="text/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}.yaml"'
    return response
