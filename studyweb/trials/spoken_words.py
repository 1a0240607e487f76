"""Words on the trial page that come from datagen, which knows no message catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

STEM_LABELS = (_("drums"), _("bass"), _("other instruments"), _("vocals"))
"""datagen.words.SPOKEN_STEMS without their article, for buttons and faders, so that they stand in the catalogues; stems
with other names are shown by their name."""
