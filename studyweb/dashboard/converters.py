"""URL parts that take only a few words; anything else is a 404."""

from django.urls.converters import StringConverter


class StateActionConverter(StringConverter):
    """What can be done to a study from its page."""

    regex = "open|close|unblind|retry"


class ReportFileConverter(StringConverter):
    """A file of a report: a figure for a paper or for the page, or the whole."""

    regex = r"[a-z0-9-]+(?:\.screen)?\.svg|[a-z0-9-]+\.pdf"
