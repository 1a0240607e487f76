"""The participant's own page about their data: see it, take it along, stop, withdraw."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from studyweb.trials.access import page_for_participant, to_current_page
from studyweb.trials.models import Participant
from studyweb.trials.page_context import page_context
from studyweb.trials.your_data import answers_to_see, data_to_take, leave_and_keep, withdraw_and_erase


@require_GET
@page_for_participant
def data(request: HttpRequest, participant: Participant) -> HttpResponseBase:
    """data.html: `answers` [{trial, question, value, revision, received_at}], `stored`, `download_url`,
    `withdraw_url`, `contact`, `completed`.
    """
    context = page_context(
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
    """withdrawn.html: `erased`, `contact`, `own_trials` [ids], whose unsent answers the browser forgets."""
    if participant.state != Participant.State.WITHDRAWN:
        return to_current_page()
    return _withdrawn_page(request, participant, erased=True)


def _withdrawn_page(request: HttpRequest, participant: Participant, *, erased: bool) -> HttpResponse:
    own_trials = list(participant.trials.values_list("public_id", flat=True)) if erased else []
    context = page_context(
        request, participant, erased=erased, contact=participant.study.plan["contact"], own_trials=own_trials
    )
    return render(request, "trials/withdrawn.html", context)
