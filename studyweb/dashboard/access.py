"""Who may see a study: its owner and superusers. For everybody else it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from studyweb.dashboard.report_jobs import KIND, report_key
from studyweb.jobs.models import Job
from studyweb.studies.models import Study

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def studies_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Study]:
    """The studies a user may see."""
    if getattr(user, "is_superuser", False):
        return Study.objects.all()
    return Study.objects.filter(owner_id=user.pk) if user.is_authenticated else Study.objects.none()


def fragment(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A part of a page that the page asks for again and again: once the login has ended, the whole page is reloaded."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return HttpResponse(headers={"HX-Refresh": "true"})

    return wrapped


def get_study(user: AbstractBaseUser | AnonymousUser, slug: str) -> Study:
    """One study by slug; Http404 when it is somebody else's, so that its existence does not show."""
    study = studies_of(user).filter(slug=slug).first()
    if study is None:
        raise Http404("no such study")
    return study


def get_report(study: Study, job_id: UUID) -> Job:
    """A report of a study that may show results, of its answers as they are now; Http404 otherwise."""
    job = Job.objects.filter(pk=job_id, study_id=study.pk, kind=KIND).first()
    if job is None or study.is_masked or job.key != report_key(study):
        raise Http404("no such report")
    return job
