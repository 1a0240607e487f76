"""Pages of participants. Flat: each view asks a service or selector and renders one template.

Every template gets `study`, `participant` (or None) and `personal_link` (absolute, or ""); what else, each view says.
GET never changes anything but "seen" and "started" marks; a link opened by a mail scanner consumes nothing.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from studyweb.studies.models import Study
from studyweb.trials import session
from studyweb.trials.access import (
    page_for_participant,
    participant_of,
    remember,
    speak_language_of,
    stop_page,
    to_current_page,
)
from studyweb.trials.assignment import StudyFullError
from studyweb.trials.drawing import DrawError
from studyweb.trials.form_answers import (
    CLOSING_QUESTIONS,
    FormError,
    background_values,
    read_background,
    read_closing,
    read_setup,
)
from studyweb.trials.models import Participant, Trial
from studyweb.trials.time_model import session_minutes, trials_in_session
from studyweb.trials.trial_data import translated_question, trial_data
from studyweb.trials.your_data import answers_to_see, data_to_take, leave_and_keep, withdraw_and_erase

FORM = require_http_methods(["GET", "HEAD", "POST"])
PHONE_PASSED = "phone_passed"


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
    if known and known.study_id == study.pk and known.is_test == is_preview and known.withdrawn_at is None:
        return to_current_page()
    if request.method == "POST":
        return _join_by_post(request, study, is_preview=is_preview)
    if study.state != Study.State.OPEN and not is_preview:
        return stop_page(request, str(study.state), status=HTTPStatus.OK, study=study)
    return _join_page(request, study, is_preview=is_preview)


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
        return stop_page(request, "full", status=HTTPStatus.CONFLICT, study=study)
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
        "minutes": session_minutes(study),
        "trials": trials_in_session(study),
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
        return render(request, "trials/personal_link.html", {"study": participant.study, "participant": None})
    remember(request, participant)
    if session.LEFT in participant.pages_done:
        session.go_on_after_leaving(participant)
    return to_current_page()


@require_GET
@page_for_participant
def here(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """Where the participant is."""
    page = session.page_of(participant)
    if page == "trial":
        if _is_phone(request, participant):
            return redirect("trials:phone")
        trial = session.current_trial(participant)
        return redirect("trials:trial", trial.public_id) if trial else redirect("trials:closing")
    if page == session.LEFT:
        return stop_page(request, "left", status=HTTPStatus.OK, **_common(request, participant))
    return redirect(f"trials:{page}")


def _is_phone(request: HttpRequest, participant: Participant) -> bool:
    """Trials need monitors or headphones and room: on a phone the link is sent on, unless the study allows phones."""
    allowed = participant.study.plan.get("recruitment", {}).get("phones", False)
    return "Mobi" in request.headers.get("User-Agent", "") and not allowed


@require_GET
@page_for_participant
def phone(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """phone.html: send `personal_link` to a computer and go on there."""
    return render(request, "trials/phone.html", _common(request, participant))


@FORM
@page_for_participant
def background(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """background.html: `values` {field: value}, `errors` {field: message}.

    POST: years, role, listening, hearing (optional), device (optional); see form_answers.BACKGROUND_CHOICES.
    """
    errors: dict[str, str] = {}
    values = background_values(participant.background)
    if request.method == "POST":
        values = request.POST.dict()
        try:
            session.store_page(participant, "background", read_background(values))
        except FormError as error:
            errors = error.errors
        else:
            return to_current_page()
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    context = _common(request, participant, values=values, errors=errors)
    return render(request, "trials/background.html", context, status=status)


@FORM
@page_for_participant
def setup(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """setup.html: `listening` as declared, `values`, `next_url`. POST: see form_answers.SETUP_FIELDS."""
    if "background" not in participant.pages_done:
        return to_current_page()
    if request.method == "POST":
        session.store_page(participant, "setup", read_setup(request.POST.dict()))
        return to_current_page()
    listening = participant.background.get("listening", "")
    context = _common(
        request, participant, listening=listening, values=participant.setup, next_url=reverse("trials:here")
    )
    return render(request, "trials/setup.html", context)


@require_GET
@page_for_participant
def trial(request: HttpRequest, participant: Participant, public_id: str) -> HttpResponseBase:
    """trial.html: `trial_data`, the JSON of the page. Any trial but the current one leads to where the participant is.

    In a preview and in test sessions it is the same page.
    """
    found = participant.trials.filter(public_id=public_id).exists()
    if not found:
        raise Http404("no such trial")
    current = session.current_trial(participant)
    is_here = current is not None and current.public_id == public_id and session.page_of(participant) == "trial"
    if current is None or not is_here:
        return to_current_page()
    Trial.objects.filter(pk=current.pk, started_at__isnull=True).update(started_at=timezone.now())
    return render(request, "trials/trial.html", _common(request, participant, trial_data=trial_data(current)))


@FORM
@page_for_participant
def closing(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """closing.html: `questions` [Q], `values`, `errors`. POST stores them and completes the session if all is there."""
    if session.page_of(participant) != "closing":
        return to_current_page()
    errors: dict[str, str] = {}
    values: dict[str, Any] = participant.closing
    if request.method == "POST":
        values = request.POST.dict()
        try:
            session.store_page(participant, "closing", read_closing(values))
        except FormError as error:
            errors = error.errors
        else:
            session.complete_session(participant)
            return to_current_page()
    questions = [translated_question(question) for question in CLOSING_QUESTIONS]
    context = _common(request, participant, questions=questions, values=values, errors=errors)
    return render(
        request, "trials/closing.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    )


@require_GET
@page_for_participant
def thanks(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """thanks.html, only once the server has counted: `completion_code`, `completion_url`, `credits`
    [{title, artist, attribution, licence}], `debrief`, `stored`, `chain_head`.
    """
    if participant.state != Participant.State.COMPLETED:
        return to_current_page()
    plan = participant.study.plan
    context = _common(
        request,
        participant,
        completion_code=participant.completion_code,
        completion_url=plan["recruitment"]["completion_url"],
        credits=credits_for(participant),
        debrief=plan["texts"]["debrief"],
        stored=participant.answers.count(),
        chain_head=participant.chain_head,
    )
    return render(request, "trials/thanks.html", context)


def credits_for(participant: Participant) -> list[dict[str, str]]:
    """Credits of the tracks a participant heard, by title."""
    fields = ("title", "artist", "attribution", "licence")
    tracks = participant.study.tracks.filter(items__trials__participant=participant).order_by("title").distinct()
    return list(tracks.values(*fields))


@require_GET
@page_for_participant
def data(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """data.html: `answers` [{trial, question, value, revision, received_at}], `stored`, `download_url`,
    `withdraw_url`, `contact`, `completed`.
    """
    context = _common(
        request,
        participant,
        answers=answers_to_see(participant),
        stored=participant.answers.count(),
        download_url=reverse("trials:download"),
        withdraw_url=reverse("trials:withdraw"),
        contact=participant.study.plan["contact"],
        completed=participant.state == Participant.State.COMPLETED,
    )
    return render(request, "trials/data.html", context)


@require_GET
@page_for_participant
def download(_request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """Everything stored about the participant, as a JSON file."""
    response = JsonResponse(data_to_take(participant), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="my-answers.json"'
    return response


@require_POST
@page_for_participant
def withdraw(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """POST `choice`=keep stops and keeps what was answered; `choice`=erase with `confirm`=yes withdraws and erases."""
    choice = request.POST.get("choice")
    if request.POST.get("confirm") != "yes" or choice not in {"keep", "erase"}:
        return redirect("trials:data")
    if choice == "erase":
        withdraw_and_erase(participant)
        return redirect("trials:withdrawn")
    return _withdrawn_page(request, leave_and_keep(participant), erased=False)


@require_GET
@page_for_participant
def withdrawn(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """withdrawn.html: `erased`, `contact`."""
    if participant.state != Participant.State.WITHDRAWN:
        return to_current_page()
    return _withdrawn_page(request, participant, erased=True)


def _withdrawn_page(request: HttpRequest, participant: Participant, *, erased: bool) -> HttpResponse:
    contact = participant.study.plan["contact"]
    return render(request, "trials/withdrawn.html", _common(request, participant, erased=erased, contact=contact))


def _common(request: HttpRequest, participant: Participant, **more: Any) -> dict[str, Any]:
    link = request.build_absolute_uri(reverse("trials:personal_link", args=[session.personal_secret(participant)]))
    return {"study": participant.study, "participant": participant, "personal_link": link, **more}
