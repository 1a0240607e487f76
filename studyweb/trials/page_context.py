"""What every participant page's template is given."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from studyweb.trials.models import Participant
from studyweb.trials.session import personal_secret


def page_context(request: HttpRequest, participant: Participant, **more: Any) -> dict[str, Any]:
    """`study`, `participant`, `personal_link` (absolute) and what the page adds."""
    link = request.build_absolute_uri(reverse("trials:personal_link", args=[personal_secret(participant)]))
    return {"study": participant.study, "participant": participant, "personal_link": link, **more}
