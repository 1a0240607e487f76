"""The doors into a study: the invitation with information and consent, and the personal link.

GET changes nothing: a link opened by a mail scanner consumes nothing.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from studyweb.studies.models import Study
from studyweb.studies.session_length import planned_minutes, planned_trials
from studyweb.trials import session
from studyweb.trials.access import participant_of, remember, speak_language_of, stop_page, to_current_page
from studyweb.trials.assignment import StudyFullError, why_full
from studyweb.trials.item_choice import DrawError
from studyweb.trials.models import Participant

FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
@never_cache
def join(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """join.html: information and consent. POST makes the participant and goes on to /t/.

    `information`, `consents` [{key, text, required}], `minutes`, `trials`, `contact` {name, email}, `recruiter`
    {parameter: value} and `token` as hidden inputs, `missing` and `ticked` [keys], `is_preview`.
    POST: `consent.<key>`=yes, `token`, the recruiter's parameters. `?preview=1` is for the study's owner.
    """
    study = Study.objects.filter(public_id=public_id).first()
    if study is None:
        return stop_page(request, "link_unknown", status=HTTPStatus.NOT_FOUND)
    speak_language_of(study)
    is_preview = "preview" in request.GET
    if is_preview and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if is_preview and not _may_preview(request, study):
        raise Http404("no such study")
    known = participant_of(request)
    sent = session.recruiter_parameters({**request.GET.dict(), **request.POST.dict()}).get("PROLIFIC_PID")
    if known and known.study_id == study.pk and known.is_test == is_preview and not _is_another(known, sent):
        return _back_again(request, known, sent)
    if request.method == "POST":
        return _join_by_post(request, study, is_preview=is_preview)
    if study.state != Study.State.OPEN and not is_preview:
        return stop_page(request, str(study.state), status=HTTPStatus.OK, study=study)
    if not is_preview and not session.is_known_to_recruiter(study, sent) and (reason := why_full(study)):
        return stop_page(request, reason, status=HTTPStatus.OK, study=study)
    return _join_page(request, study, is_preview=is_preview)


def _is_another(known: Participant, sent: str | None) -> bool:
    """Whether the recruiter sent somebody else than who used this browser before."""
    before = known.recruiter.get("PROLIFIC_PID")
    return bool(sent and before) and sent != before


def _back_again(request: HttpRequest, known: Participant, sent: str | None) -> HttpResponseBase:
    """Somebody opens the invitation where a session of this study was begun: theirs, or that of who sat here before.

    Whom the recruiter names goes straight on. Others are asked, for nobody may answer under another one's consent: who
    is somebody else says so, and the browser forgets who was there. The form sent twice goes on as the first time.
    """
    if request.method == "POST" and request.POST.get("somebody_else") == "yes":
        request.session.flush()
        return redirect(request.get_full_path())
    if known.withdrawn_at is not None:
        return stop_page(request, "withdrew", status=HTTPStatus.CONFLICT, study=known.study, somebody_else=True)
    if request.method == "POST" or (sent and sent == known.recruiter.get("PROLIFIC_PID")):
        return to_current_page()
    onward = {"next_url": reverse("trials:here"), "next_label": _("Go on with it")}
    return stop_page(request, "begun_here", status=HTTPStatus.OK, study=known.study, somebody_else=True, **onward)


def _may_preview(request: HttpRequest, study: Study) -> bool:
    return bool(getattr(request.user, "is_superuser", False)) or study.owner_id == request.user.pk


def _join_by_post(request: HttpRequest, study: Study, *, is_preview: bool) -> HttpResponseBase:
    consents = {each["key"]: request.POST.get(f"consent.{each['key']}") == "yes" for each in study.plan["consents"]}
    recruiter = session.recruiter_parameters({**request.GET.dict(), **request.POST.dict()})
    token = request.POST.get("token") or secrets.token_urlsafe(16)
    try:
        joined = session.join_study(study, token=token, consents=consents, recruiter=recruiter, is_test=is_preview)
    except session.ConsentMissingError as error:
        ticked = [key for key, given in consents.items() if given]
        return _join_page(request, study, is_preview=is_preview, missing=error.missing, ticked=ticked)
    except session.StudyNotOpenError:
        return stop_page(request, str(study.state), status=HTTPStatus.CONFLICT, study=study)
    except session.AlreadyTakenPartError:
        return stop_page(request, "already", status=HTTPStatus.CONFLICT, study=study)
    except StudyFullError:
        reason = why_full(study) or "full"
        return stop_page(request, reason, status=HTTPStatus.CONFLICT, study=study)
    except DrawError:
        return stop_page(request, "unprepared", status=HTTPStatus.CONFLICT, study=study)
    remember(request, joined.participant)
    return to_current_page()


def _join_page(request: HttpRequest, study: Study, *, is_preview: bool, **form: Any) -> HttpResponse:
    plan = study.plan
    context = {
        "study": study,
        "participant": None,
        "personal_link": "",
        "information": plan["texts"]["information"],
        "consents": plan["consents"],
        "minutes": planned_minutes(study.plan),
        "trials": planned_trials(study.plan),
        "contact": plan["contact"],
        "recruiter": session.recruiter_parameters({**request.GET.dict(), **request.POST.dict()}),
        "token": request.POST.get("token") or secrets.token_urlsafe(16),
        "missing": [],
        "ticked": [],
        "is_preview": is_preview,
        **form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if context["missing"] else HTTPStatus.OK
    return render(request, "trials/join.html", context, status=status)


@FORM
@never_cache
def personal_link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """personal_link.html: the way back from any device. GET shows a button; POST makes this browser theirs."""
    participant = session.participant_of_secret(secret)
    if participant is None:
        return stop_page(request, "link_unknown", status=HTTPStatus.NOT_FOUND)
    speak_language_of(participant.study)
    if request.method != "POST":
        page = render(request, "trials/personal_link.html", {"study": participant.study, "participant": None})
        page["Referrer-Policy"] = (
            "strict-origin"  # the next request's referrer, which servers log, must not hold the key
        )
        return page
    remember(request, participant)
    if session.LEFT in participant.pages_done:
        session.go_on_after_leaving(participant)
    return to_current_page()
