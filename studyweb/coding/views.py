"""Pages on which a researcher reads advice texts without knowing who wrote them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studyweb.coding.forms import REASONS, MovesForm, ReasonForm
from studyweb.coding.models import CodingList
from studyweb.coding.report import coder_progress, system_errors
from studyweb.coding.selectors import CodedText, next_place, stems_of, text_at
from studyweb.coding.services import CodingConflictError, draw_list, store_coding
from studyweb.dashboard.access import get_study
from studyweb.studies.log import StudyRefusedError
from studyweb.studies.models import Study


@login_required
@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Who has coded how much, and after unblinding the reader's error; POST begins or goes on."""
    found = get_study(request.user, slug)
    if request.method == "POST":
        try:
            place = next_place(draw_list(found, coder=request.user))
        except StudyRefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            return redirect("coding:text", slug=slug, place=place or 1)
    mine = CodingList.objects.filter(study=found, coder=request.user.pk).first()
    context = {
        "study": found,
        "page": "coding",
        "mine": mine,
        "is_done": mine is not None and next_place(mine) is None,
        "coders": coder_progress(found),
        "systems": system_errors(found),
    }
    return render(request, "coding/overview.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, slug: str, place: int) -> HttpResponse:
    """One text of the coder's own list; POST stores what they read and leads to the next one."""
    found = get_study(request.user, slug)
    mine = CodingList.objects.filter(study=found, coder=request.user.pk).first()
    shown = text_at(mine, place) if mine else None
    if mine is None or shown is None:
        raise Http404("no such text in your list")
    stems = stems_of(found)
    is_reason = "reason" in request.POST
    sent = request.POST if request.method == "POST" else None
    stored = shown.coding.changes if shown.coding else None
    moves = MovesForm(None if is_reason else sent, stems=stems, stored=stored)
    reason = ReasonForm(sent if is_reason else None, initial={"reason": _reason(shown)})
    if sent is not None and (reason if is_reason else moves).is_valid():
        changes = None if is_reason else moves.changes()
        because = reason.cleaned_data["reason"] if is_reason else ""
        if _store(request, mine, shown, changes, because):
            return _after(request, found, mine, place)
        return redirect("coding:text", slug=slug, place=place)
    context = {"study": found, "page": "coding", "shown": shown, "moves": moves, "reason": reason, "reasons": REASONS}
    n_coded = mine.codings.values("text_sha256").distinct().count()
    return render(request, "coding/text.html", {**context, "n_coded": n_coded, "next": next_place(mine, after=place)})


def _reason(shown: CodedText) -> str:
    return shown.coding.not_actionable if shown.coding else ""


def _store(
    request: HttpRequest, mine: CodingList, shown: CodedText, changes: dict[str, float] | None, because: str
) -> bool:
    seen = request.POST.get("revision", "")
    try:
        store_coding(
            mine,
            shown.text_sha256,
            changes=changes,
            not_actionable=because,
            after_revision=int(seen) if seen.isdecimal() else -1,
        )
    except CodingConflictError as conflict:
        messages.error(request, str(conflict))
        return False
    return True


def _after(request: HttpRequest, study: Study, mine: CodingList, place: int) -> HttpResponse:
    """The next text without a coding, or the overview when there is none."""
    following = next_place(mine, after=place)
    if following is None:
        messages.success(request, _("Every text is coded."))
        return redirect("coding:overview", slug=study.slug)
    return redirect("coding:text", slug=study.slug, place=following)
