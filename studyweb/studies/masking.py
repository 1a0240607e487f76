"""Which rows would tell an arm: hidden from the moment a study leaves its draft until it is unblinded."""

from __future__ import annotations

from django.db.models import Q

from studyweb.studies.models import Study


def is_hidden(study: Study) -> bool:
    """Whether arms of this study are hidden from everyone."""
    return study.is_masked and study.state != Study.State.DRAFT


def shows_arms(path: str = "") -> Q:
    """The filter for rows whose study may show its arms; `path` leads from the row to its study (`item__study`)."""
    prefix = f"{path}__" if path else ""
    return Q(**{f"{prefix}state": Study.State.DRAFT}) | Q(**{f"{prefix}unblinded_at__isnull": False})
