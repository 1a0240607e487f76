"""The assumptions of a plan, as a researcher fills them in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studyweb.stats.answer_model import AnswerModel, AnswerModelError
from studyweb.stats.planning import MOST_ANSWERS, Design
from studyweb.studies.models import Study
from studyweb.studies.planned_design import primary_trials, tracks_of_study

DEFAULTS = AnswerModel(rate=0.6, tie_rate=0.15)
SIZES = ("participants", "tracks", "trials_each", "completion")
ASSUMPTIONS = ("rate", "tie_rate", "participant_sd", "track_sd")


class PlanForm(forms.Form):
    """Sizes and assumptions; `design` and `model` are there once it is valid."""

    participants = forms.IntegerField(label=_("Participants"), min_value=2, max_value=MOST_ANSWERS)
    tracks = forms.IntegerField(label=_("Tracks"), min_value=2, max_value=10_000)
    trials_each = forms.IntegerField(label=_("Trials of the primary pair, each"), min_value=1, max_value=100)
    completion = forms.FloatField(label=_("Share who complete"), min_value=0.01, max_value=1.0)
    rate = forms.FloatField(
        label=_("Preference rate"), min_value=0.01, max_value=0.99, help_text=_("Assumed to be true; ties as half.")
    )
    tie_rate = forms.FloatField(label=_("Share of ties"), min_value=0.0, max_value=0.9)
    participant_sd = forms.FloatField(
        label=_("How much people differ"), min_value=0.0, max_value=3.0, help_text=_("Standard deviation, logit scale.")
    )
    track_sd = forms.FloatField(
        label=_("How much tracks differ"), min_value=0.0, max_value=3.0, help_text=_("Standard deviation, logit scale.")
    )

    design: Design
    model: AnswerModel

    def clean(self) -> dict[str, Any] | None:
        """What no single field can say: whether design and model can be at all."""
        cleaned = super().clean()
        if self.errors or cleaned is None:
            return cleaned
        try:
            self.design = Design(**{name: cleaned[name] for name in SIZES})
            self.model = AnswerModel(**{name: cleaned[name] for name in ASSUMPTIONS})
        except AnswerModelError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return cleaned


def initial_plan(study: Study) -> dict[str, Any]:
    """What the study has, and middling assumptions."""
    sizes = {
        "participants": max(2, int(study.plan["recruitment"]["target_participants"])),
        "tracks": max(2, tracks_of_study(study)),
        "trials_each": max(1, primary_trials(study.plan)),
        "completion": 1.0,
    }
    return sizes | {name: getattr(DEFAULTS, name) for name in ASSUMPTIONS}
