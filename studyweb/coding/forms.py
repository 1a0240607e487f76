"""What a coder fills in: a gain for every stem, or a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datagen.words import GRID_DB, MAX_GAIN_DB, SPOKEN_STEMS


class MovesForm(forms.Form):
    """One number field a stem, in steps of the grid; 0 and empty are no move."""

    def __init__(self, data: Any = None, *, stems: Sequence[str], stored: Mapping[str, float] | None = None) -> None:
        super().__init__(data, auto_id="gain-%s")
        for number, stem in enumerate(stems):
            widget = forms.NumberInput(attrs={"inputmode": "text", **({"autofocus": True} if number == 0 else {})})
            self.fields[stem] = forms.FloatField(
                label=SPOKEN_STEMS.get(stem, stem).removeprefix("the ").capitalize(),
                min_value=-MAX_GAIN_DB,
                max_value=MAX_GAIN_DB,
                step_size=GRID_DB,
                required=False,
                initial=(stored or {}).get(stem, 0.0),
                widget=widget,
            )

    def changes(self) -> dict[str, float]:
        """{stem: dB} of the stems that move."""
        return {stem: gain_db for stem, gain_db in self.cleaned_data.items() if gain_db}


class ReasonForm(forms.Form):
    """Why a text cannot be acted on."""

    reason = forms.CharField(
        label=_("Not actionable, because"), max_length=300, widget=forms.TextInput(attrs={"list": "reasons"})
    )


REASONS = (
    _("names no stem"),
    _("gives no direction"),
    _("contradicts itself"),
    _("asks for something other than level"),
    _("is not advice"),
)
