"""Words on the trial page that come from datagen, which knows no message catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

STEM_LABELS = (_("the drums"), _("the bass"), _("the other instruments"), _("the vocals"))
"""datagen.words.SPOKEN_STEMS, so that they stand in the catalogues; stems with other names are shown by their name."""
