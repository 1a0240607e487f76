"""Numbers as researchers read them: rates in per cent, gains in dB, scale points."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def percent(rate: float) -> str:
    """A rate 0..1 with one decimal, as read on a results page."""
    return f"{100 * rate:.1f} %"


@register.filter
def points(value: float) -> str:
    """A mean in scale points with two decimals."""
    return f"{value:.2f}"


@register.filter
def signed_points(value: float) -> str:
    """A difference in scale points with its sign."""
    return f"{value:+.2f}".replace("-", "−")


@register.filter
def gains(changes_db: Mapping[str, float]) -> str:
    """Gain changes in one line: "drums +3 dB, vocals −1.5 dB"; in words when there are none."""
    if not changes_db:
        return _("nothing to change")
    return ", ".join(f"{stem} {gain_db:+g} dB".replace("-", "−") for stem, gain_db in changes_db.items())
