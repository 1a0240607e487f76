"""Who is asking: the participant of the session, for pages and for JSON, and what they get when there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure as django_csrf_failure
from django.views.decorators.cache import never_cache

from studyweb.studies.models import Study
from studyweb.trials.models import Participant
from studyweb.trials.session import mark_seen

SESSION_KEY = "participant"
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Participant, P], HttpResponseBase]
Plain = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def participant_of(request: HttpRequest) -> Participant | None:
    """The participant whose session this is, with their study, or None."""
    key = request.session.get(SESSION_KEY)
    if not key:
        return None
    # Every request asks: the two long texts that no page shows are left in the database.
    found = Participant.objects.select_related("study").defer("draw", "study__file_text")
    return found.filter(pk=key).first()


def remember(request: HttpRequest, participant: Participant) -> None:
    """Make this browser the participant's; an id that somebody planted before is replaced."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = str(participant.pk)


def page_for_participant(view: View[P]) -> Plain[P]:
    """A page of a participant: without a session it says what to do; never kept by the browser."""

    @wraps(view)
    @never_cache
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        participant = participant_of(request)
        if participant is None:
            return stop_page(request, "no_session", status=HTTPStatus.FORBIDDEN)
        speak_language_of(participant.study)
        mark_seen(participant)
        return view(request, participant, *args, **kwargs)

    return wrapped


def json_for_participant(view: View[P]) -> Plain[P]:
    """A JSON address of a participant: without a session 403 with the way back, so that the page keeps its answers."""

    @wraps(view)
    @never_cache
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        participant = participant_of(request)
        if participant is None:
            return no_access(_("Your session has ended. Your answers are kept on this page."))
        speak_language_of(participant.study)
        mark_seen(participant)
        return view(request, participant, *args, **kwargs)

    return wrapped


def no_access(message: str) -> JsonResponse:
    """403 as JSON: `login` is a page that says how to come back, `renew` the address that gives access back."""
    back = {"login": reverse("trials:here"), "renew": reverse("trials:renew")}
    return JsonResponse({"error": message, **back}, status=HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Django's CSRF failure, as JSON with the way back where a page's script asked (settings.CSRF_FAILURE_VIEW)."""
    if request.content_type == "application/json":
        return no_access(_("This page was open for long; it has to be renewed. Your answers are kept on it."))
    return django_csrf_failure(request, reason=reason)


def speak_language_of(study: Study) -> None:
    """Answer in the study's language; LocaleMiddleware sets it anew for every request."""
    translation.activate(study.plan.get("language", "en"))


def read_json(request: HttpRequest) -> Any:
    """The body as JSON data. Raises ValueError with a plain message when it is none."""
    try:
        return json.loads(request.body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"the body is not JSON: {error}") from error


def stop_page(
    request: HttpRequest, reason: str, *, status: int, study: Study | None = None, **extra: Any
) -> HttpResponse:
    """A page that says why it does not go on here, and what to do."""
    heading, text = _reasons()[reason]
    context = {"heading": heading, "text": text, "study": study, "reason": reason, **extra}
    return render(request, "trials/stop.html", context, status=status)


def to_current_page() -> HttpResponse:
    """Where the participant is; the server decides."""
    return redirect("trials:here")


def _reasons() -> dict[str, tuple[str, str]]:
    return {
        "no_session": (
            _("Your session has ended here"),
            _("Open your invitation or your personal link, and you go on where you were. What was sent is kept."),
        ),
        "draft": (_("This study has not opened yet"), _("Please try again later, or ask who sent you the link.")),
        "closed": (
            _("This study is closed"),
            _("It takes no more answers. What you have sent is stored; thank you for your time."),
        ),
        "full": (
            _("This study is full at the moment"),
            _("All places are taken. A place that somebody leaves is given away after two hours: try again then."),
        ),
        "complete": (
            _("This study is complete"),
            _("As many people as were needed have taken part. Thank you for coming."),
        ),
        "begun_here": (
            _("A session was begun in this browser"),
            _("If it is yours, go on with it. If somebody else sat here before you, begin your own."),
        ),
        "unprepared": (
            _("This study cannot start a session right now"),
            _("Something is missing on our side. Please tell who sent you the link; they can see what it is."),
        ),
        "link_unknown": (
            _("This link does not work"),
            _("It may be cut off or out of date. Copy it whole, or open the link that invited you again."),
        ),
        "already": (
            _("You have taken part before"),
            _("Each person takes part once. To go on with a session you began, open your personal link."),
        ),
        "withdrew": (
            _("You have withdrawn from this study here"),
            _("Your answers are erased, and nobody takes part twice. If you are somebody else, you may begin."),
        ),
        "left": (
            _("You have stopped here"),
            _("What you answered is stored. You may take the session up again while the study is open."),
        ),
    }
