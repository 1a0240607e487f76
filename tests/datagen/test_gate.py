"""Which tracks reach the recipes."""

from __future__ import annotations

from pathlib import Path

from datagen.build_settings import BuildSettings, TrackChoice
from datagen.gate import pass_gate
from datagen.recipe_settings import RecipeSettings
from tests.datagen.making_layouts import write_medleydb
from tests.datagen.making_stems import noise, tone


def settings_of(root: Path) -> BuildSettings:
    return BuildSettings(1, 10, (TrackChoice(path=str(root)),), RecipeSettings(), excerpt_length_s=4.0)


def test_tracks_whose_balance_is_no_engineers_are_left_out_with_the_reason(tmp_path: Path) -> None:
    """One track has fitted mixing coefficients, the other has none."""
    stems = [
        ("drum set", noise(1, seconds=5.0)),
        ("electric bass", tone(80, seconds=5.0)),
        ("piano", tone(440, seconds=5.0)),
    ]
    write_medleydb(tmp_path, "A_Fitted", stems, gains={1: 0.5, 2: 0.5, 3: 0.5})
    write_medleydb(tmp_path, "B_Raw", stems)
    gate = pass_gate(settings_of(tmp_path))
    assert {candidate.excerpt.track.key for candidate in gate.pool.candidates} == {"A_Fitted"}
    assert gate.left_out == ("B_Raw: its balance is no engineer's, so it cannot be a reference",)
