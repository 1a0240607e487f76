"""The results page: counts while a study is masked, afterwards the report that a job has made."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from studyweb.dashboard.access import fragment, get_study
from studyweb.dashboard.progress import live_progress
from studyweb.dashboard.report_jobs import request_report
from studyweb.jobs.models import Job
from studyweb.jobs.queue import retry_job


@login_required
@require_GET
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Counts while masked; afterwards the report, or how far it is."""
    found = get_study(request.user, slug)
    context: dict[str, object] = {"study": found, "page": "results"}
    if found.is_masked:
        context["progress"] = live_progress(found)
    else:
        job = request_report(found)
        context |= {"job": job, "report": (job.result or {}).get("report")}
    return render(request, "dashboard/results.html", context)


@fragment
@require_GET
def report_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the report is, polled; once it is made the whole page is reloaded."""
    found = get_study(request.user, slug)
    if found.is_masked:
        return HttpResponse(headers={"HX-Refresh": "true"})
    job = request_report(found)
    response = render(request, "dashboard/_report_progress.html", {"study": found, "job": job})
    if job.state == Job.State.DONE:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def make_report_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Try a report that failed once more."""
    found = get_study(request.user, slug)
    if not found.is_masked:
        retry_job(request_report(found))
    return redirect("dashboard:results", slug=slug)
