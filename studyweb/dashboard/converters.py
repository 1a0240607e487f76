"""URL parts that take only a few words; anything else is a 404."""

from django.urls.converters import StringConverter


class StateActionConverter(StringConverter):
    """What can be done to a study's state."""

    regex = "open|close|unblind"


class ExtensionConverter(StringConverter):
    """Formats of a figure."""

    regex = "svg|pdf"
