"""Rates as per cent."""

from django import template

register = template.Library()


@register.filter
def percent(rate: float) -> str:
    """A rate 0..1 with one decimal, as read on a results page."""
    return f"{100 * rate:.1f} %"
