"""Pages of participants. Flat: each view asks a service or selector and renders one template.

Every template gets `study`, `participant` (or None) and `personal_link` (absolute, or ""); what else, each view says.
GET never changes anything but "seen" and "started" marks; a link opened by a mail scanner consumes nothing.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from studyweb.studies.models import Study
from studyweb.trials import session
from studyweb.trials.access import (
    page_for_participant,
    stop_page,
    to_current_page,
)
from studyweb.trials.form_answers import (
    CLOSING_QUESTIONS,
    FormError,
    background_values,
    best_headphone_score,
    read_background,
    read_closing,
    read_setup,
)
from studyweb.trials.item_choice import DrawError
from studyweb.trials.models import Participant, Trial
from studyweb.trials.page_context import page_context
from studyweb.trials.trial_data import TRIAL_PARTS, translated_question, trial_data

FORM = require_http_methods(["GET", "HEAD", "POST"])
BEFORE_MUSIC_ENDS = ("background", "setup", "trial")
"""Pages that ask how somebody listens, or for listening: not for a phone, unless the study says so."""


@require_GET
@page_for_participant
def here(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """Where the participant is."""
    page = session.page_of(participant)
    if page in BEFORE_MUSIC_ENDS and _is_phone(request, participant):
        return redirect("trials:phone")
    if page == "trial":
        trial = session.current_trial(participant)
        return redirect("trials:trial", trial.public_id) if trial else redirect("trials:closing")
    if page in {session.LEFT, "closed"}:
        return stop_page(request, page, status=HTTPStatus.OK, **page_context(request, participant))
    return redirect(f"trials:{page}")


def _belongs_elsewhere(request: HttpRequest, participant: Participant) -> bool:
    """Whether somebody has withdrawn, or is on a phone, and opened a page of questions or of music all the same."""
    return participant.state == Participant.State.WITHDRAWN or _is_phone(request, participant)


def _is_phone(request: HttpRequest, participant: Participant) -> bool:
    """Trials need monitors or headphones and room: on a phone the link is sent on, unless the study allows phones."""
    allowed = participant.study.plan.get("recruitment", {}).get("phones", False)
    return "Mobi" in request.headers.get("User-Agent", "") and not allowed


@require_GET
@page_for_participant
def phone(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """phone.html: send `personal_link` to a computer and go on there."""
    return render(request, "trials/phone.html", page_context(request, participant))


@FORM
@page_for_participant
def background(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """background.html: `values` {field: value}, `errors` {field: message}.

    POST: years, role, listening, hearing (optional), device (optional); see form_answers.BACKGROUND_CHOICES.
    """
    if _belongs_elsewhere(request, participant):
        return to_current_page()
    errors: dict[str, str] = {}
    values = background_values(participant.background)
    if request.method == "POST":
        values = request.POST.dict()
        try:
            session.store_page(participant, "background", read_background(values))
        except FormError as error:
            errors = error.errors
        except DrawError:
            return stop_page(request, "unprepared", status=HTTPStatus.CONFLICT, study=participant.study)
        else:
            return to_current_page()
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    context = page_context(request, participant, values=values, errors=errors)
    return render(request, "trials/background.html", context, status=status)


@FORM
@page_for_participant
def setup(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """setup.html: `listening` as declared, `values`, `needed` matches, `best` once they were too few, `next_url`.

    POST: see form_answers.SETUP_FIELDS.
    """
    if "background" not in participant.pages_done or _belongs_elsewhere(request, participant):
        return to_current_page()
    listening = participant.background.get("listening", "")
    needed = _headphone_matches_needed(participant.study, listening)
    context = page_context(
        request,
        participant,
        listening=listening,
        values=participant.setup,
        needed=needed,
        next_url=reverse("trials:here"),
    )
    if request.method != "POST":
        return render(request, "trials/setup.html", context)
    # What was heard before stays when only one test is taken again.
    values = {**participant.setup, **read_setup(request.POST.dict())}
    best = best_headphone_score(values)
    session.store_page(participant, "setup", values, is_done=best >= needed)
    if best >= needed:
        return to_current_page()
    return render(request, "trials/setup.html", {**context, "best": best}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _headphone_matches_needed(study: Study, listening: str) -> int:
    """How many of six somebody who listens like this must match; 0 where the study keeps nobody out."""
    needed = int(study.plan.get("recruitment", {}).get("headphone_matches", 0))
    return needed if listening == "headphones" else 0


@require_GET
@page_for_participant
def trial(request: HttpRequest, participant: Participant, public_id: str) -> HttpResponseBase:
    """trial.html: `trial_data`, the JSON of the page. Any trial but the current one leads to where the participant is.

    In a preview and in test sessions it is the same page.
    """
    found = participant.trials.filter(public_id=public_id).exists()
    if not found:
        raise Http404("no such trial")
    here = session.current_trial(participant)
    if here is None or here.public_id != public_id or session.page_of(participant) != "trial":
        return to_current_page()
    if _belongs_elsewhere(request, participant):
        return to_current_page()
    Trial.objects.filter(public_id=public_id, started_at__isnull=True).update(started_at=timezone.now())
    shown = trial_data(Trial.objects.select_related(*TRIAL_PARTS).get(public_id=public_id))
    return render(request, "trials/trial.html", page_context(request, participant, trial_data=shown))


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
    context = page_context(request, participant, questions=questions, values=values, errors=errors)
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
    context = page_context(
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
