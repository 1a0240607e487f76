"""URL parts that take only a few words; anything else is a 404."""

from django.urls.converters import StringConverter


class StateActionConverter(StringConverter):
    """What can be done to a study from its page."""

    regex = "open|close|unblind|retry"


class ExtensionConverter(StringConverter):
    """Formats of a figure."""

    regex = "svg|pdf"
