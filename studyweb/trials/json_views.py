"""What the trial page's script talks to: answers, conditions, events, a sign of life, renewed access, audio."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from studyweb.trials.access import json_for_participant, no_access, participant_of, read_json, remember
from studyweb.trials.answers import (
    AnswerConflictError,
    Stored,
    WithdrawnError,
    current_revisions,
    current_step,
    store_answers,
    values_of,
)
from studyweb.trials.audio import audible_stem, send_stem
from studyweb.trials.events import BadEventsError, store_events
from studyweb.trials.models import Participant, Trial
from studyweb.trials.session import StudyNotOpenError, current_trial
from studyweb.trials.submissions import BadSubmissionError, read_submission
from studyweb.trials.trial_data import RENEW_SALT, TRIAL_PARTS, answers_data, conditions_of, fix_data

RENEW_HEADER = "X-MixTrial-Renew"


@require_POST
@json_for_participant
def answers(request: HttpRequest, participant: Participant, public_id: str) -> HttpResponseBase:
    """Store answers of a trial that has begun: 200 with receipts; 400, 409 or 410 with what is wrong, nothing stored.

    200 {receipts, current_step, conditions, stored}; 400 {error, problems}; 409 {error, steps, stored {question:
    {value, revision}}, current_step, conditions}; 410 {error} when the study takes no answers any more or
    the participant has withdrawn.
    """
    trial = _trial_begun(participant, public_id)
    try:
        stored = store_answers(trial, read_submission(read_json(request)))
    except BadSubmissionError as error:
        return _bad(_("These answers cannot be stored."), error.problems)
    except AnswerConflictError as error:
        return _conflict(trial, error)
    except WithdrawnError:
        return JsonResponse({"error": _("This session was withdrawn.")}, status=HTTPStatus.GONE)
    except StudyNotOpenError:
        return JsonResponse({"error": _("This study is closed; it takes no more answers.")}, status=HTTPStatus.GONE)
    except ValueError as error:
        return _bad(_("These answers cannot be read."), [str(error)])
    return JsonResponse(_stored_data(stored))


def _trial_begun(participant: Participant, public_id: str) -> Trial:
    """A trial of this participant that is over or running. Raises Http404 else: later ones are not theirs to know."""
    trial = participant.trials.filter(public_id=public_id).first()
    current = current_trial(participant)
    if trial is None or (current is not None and trial.position > current.position):
        raise Http404("no such trial")
    return trial


def _stored_data(stored: Stored) -> dict[str, Any]:
    receipts = [
        {"client_uuid": str(each.client_uuid), "step": each.step, "revision": each.revision, "hash": each.hash}
        for each in stored.receipts
    ]
    return {
        "receipts": receipts,
        "current_step": stored.current_step,
        "conditions": conditions_of(stored.trial),
        "stored": stored.trial.answers.count(),
        **fix_data(stored.trial),
    }


def _conflict(trial: Trial, error: AnswerConflictError) -> JsonResponse:
    """409 with all that is stored of the trial, so that the page can show it instead."""
    trial = Trial.objects.select_related(*TRIAL_PARTS).get(pk=trial.pk)
    stored = current_revisions(trial)
    body = {
        "error": _("This was already answered, perhaps in another window. What is stored is shown."),
        "reason": str(error),
        "steps": error.steps,
        "stored": answers_data(stored),
        "current_step": current_step(trial, values_of(stored)),
        "conditions": conditions_of(trial),
        **fix_data(trial),
    }
    return JsonResponse(body, status=HTTPStatus.CONFLICT)


def _bad(message: str, problems: list[str]) -> JsonResponse:
    return JsonResponse({"error": message, "problems": problems}, status=HTTPStatus.BAD_REQUEST)


@require_GET
@json_for_participant
def conditions(_request: HttpRequest, participant: Participant, public_id: str) -> HttpResponseBase:
    """Gains and trims of the trial's conditions; 403 {error} until the reading step is stored."""
    found = conditions_of(_trial_begun(participant, public_id))
    if found is None:
        return JsonResponse({"error": _("First the reading step, then this.")}, status=HTTPStatus.FORBIDDEN)
    return JsonResponse(found)


@require_POST
@json_for_participant
def events(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """Store events of the browser: 200 {stored}, 400 {error, problems}."""
    if participant.state == Participant.State.WITHDRAWN:
        return JsonResponse({"error": _("This session was withdrawn.")}, status=HTTPStatus.GONE)
    try:
        return JsonResponse({"stored": store_events(participant, read_json(request))})
    except BadEventsError as error:
        return _bad(_("These events cannot be stored."), error.problems)
    except ValueError as error:
        return _bad(_("These events cannot be read."), [str(error)])


@require_POST
@json_for_participant
def heartbeat(_request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """A sign of life, which keeps the participant's place: 200 {state}."""
    return JsonResponse({"state": participant.state})


@csrf_exempt
@require_POST
def renew(request: HttpRequest) -> HttpResponseBase:
    """Give an open page its access back: the page's token in a header, 200 {csrf} with new cookies, or 403 {error}.

    No CSRF token is needed: other sites can neither know the page's token nor send this header.
    """
    token = request.headers.get(RENEW_HEADER, "")
    try:
        public_id = signing.loads(token, salt=RENEW_SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return no_access(_("This page is too old. Open your personal link; what is stored is safe."))
    participant = Participant.objects.filter(public_id=public_id).first()
    if participant is None:
        return no_access(_("This page is too old. Open your personal link; what is stored is safe."))
    current = participant_of(request)
    if current is not None and current.pk != participant.pk:  # what they do next must not be stored as this page's
        return no_access(_("Somebody else's session is open in this browser. Your answers are kept on this page."))
    if current is None:
        remember(request, participant)
    return JsonResponse({"csrf": get_token(request), "next": reverse("trials:here")})


@require_safe
def audio(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One FLAC stem of a trial that is over, running or next; for everybody else there is none."""
    participant = participant_of(request)
    if participant is None:
        raise Http404("no such audio")
    return send_stem(request, audible_stem(participant, public_id))
