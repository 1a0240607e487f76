"""Charts of counts as SVG."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.svg_bars import WIDTH, bar_chart, column_chart, round_ticks


@given(st.integers(min_value=0, max_value=10**9))
def test_ticks_start_at_zero_reach_the_largest_value_and_stay_few(most):
    ticks = round_ticks(most)
    assert ticks[0] == 0.0
    assert ticks[-1] >= most * (1 - 1e-9)
    assert 2 <= len(ticks) <= 6


def test_column_chart_names_axes_and_escapes_its_title():
    chart = column_chart("Gains <b>", {"-1": 3.0, "+1": 0.0}, x_label="gain, dB", y_label="stems")
    assert 'aria-label="Gains &lt;b&gt;; its numbers are in the table below"' in chart
    assert ">gain, dB</text>" in chart
    assert ">stems</text>" in chart
    assert chart.count("<rect") == 2


def test_column_heights_are_in_proportion():
    chart = column_chart("Gains", {"a": 10.0, "b": 5.0}, x_label="", y_label="")
    heights = [float(height) for height in re.findall(r'class="series1".*?height="([\d.]+)"', chart)]
    assert heights[0] == pytest.approx(2 * heights[1])


def test_bars_stay_inside_the_picture_with_their_values():
    chart = bar_chart("Genre", {"jazz": [1_000_000.0], "rock": [1.0]}, total=1_000_001)
    edges = [
        float(x) + float(w) for x, w in re.findall(r'<rect class="series\d" x="([\d.]+)".*?width="([\d.]+)"', chart)
    ]
    assert max(edges) < WIDTH - 80
    assert ">1,000,000 (100.0 %)</text>" in chart


def test_a_long_name_is_cut_in_the_picture_and_whole_when_pointed_at():
    chart = bar_chart("Genre", {"a very long name of a genre": [1.0]}, total=1)
    assert ">a very long name…<" in chart.replace(" …", "…")
    assert "<title>a very long name of a genre</title>" in chart


def test_two_series_get_a_legend():
    chart = bar_chart("Stems", {"drums": (1.0, 2.0)}, series=("quieter", "louder"), total=3)
    assert ">quieter</text>" in chart
    assert "<title>drums, louder: 2</title>" in chart


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match="Genre: there is nothing to draw"):
        bar_chart("Genre", {}, total=0)
    with pytest.raises(ValueError, match="Gains: there is nothing to draw"):
        column_chart("Gains", {}, x_label="", y_label="")
