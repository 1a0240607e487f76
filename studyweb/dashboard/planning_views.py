"""Pages about the size of a study: planning it by simulation, and looking at it before its end."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from studyweb.dashboard.access import get_study
from studyweb.dashboard.peeks import LOOKED, look_at, method_of_looking, primary_systems, why_not_to_look
from studyweb.dashboard.planning_form import PlanForm, initial_plan
from studyweb.stats.answer_model import AnswerModelError
from studyweb.stats.look_wording import look_sentence
from studyweb.stats.planning import Plan, plan_study
from studyweb.stats.sequential import PeekRefusedError
from studyweb.studies.models import Study

STUDIES_A_LINE = 200
"""Fewer than the command's, so that the page answers in seconds."""


@login_required
@require_GET
def planning(request: HttpRequest, slug: str) -> HttpResponse:
    """Precision, power and the ceiling of the study's design, under assumptions in the address."""
    found = get_study(request.user, slug)
    form = PlanForm({**initial_plan(found), **request.GET.dict()})
    context: dict[str, object] = {"study": found, "page": "planning", "form": form}
    if form.is_valid():
        try:
            context["plan"] = _simulated(found, form)
        except AnswerModelError as refusal:
            form.add_error(None, str(refusal))
    return render(request, "dashboard/planning.html", context)


def _simulated(study: Study, form: PlanForm) -> Plan:
    analysis = study.plan["analysis"]
    return plan_study(
        form.design,
        form.model,
        estimand=analysis["primary"]["estimand"],
        level=float(analysis["level"]),
        studies=STUDIES_A_LINE,
    )


@login_required
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what a look is and when one is possible; take one, logged, when asked."""
    found = get_study(request.user, slug)
    context: dict[str, object] = {"study": found, "page": "look", "method": method_of_looking(found)}
    if request.method == "POST":
        try:
            taken = look_at(found, actor=request.user.get_username())
        except PeekRefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            first, second = primary_systems(found)
            sentence = look_sentence(taken, first=first.label, second=second.label)
            context |= {"look": taken, "sentence": sentence}
    context |= {"refusal": why_not_to_look(found), "looks": found.log.filter(action=LOOKED)}
    return render(request, "dashboard/look.html", context)
