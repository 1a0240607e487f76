"""A study file's long texts as paragraphs: an empty line parts them, other line ends are only the file's own."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def paragraphs(text: str) -> SafeString:
    """The text as escaped HTML paragraphs."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return format_html_join("\n", "<p>{}</p>", ((part,) for part in parts if part))
