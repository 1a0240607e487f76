"""The loss of a run as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure


def write_loss_curve(metrics: Sequence[Mapping[str, float]], path: Path, *, title: str) -> None:
    """Training loss over steps, and the validation loss where it was measured, as SVG."""
    figure = Figure(figsize=(7.0, 4.0), layout="constrained")
    axes = figure.add_subplot()
    for name, marker in (("loss", ""), ("validation_loss", "o")):
        points = [(line["step"], line[name]) for line in metrics if name in line]
        if points:
            axes.plot(*zip(*points, strict=True), marker=marker, label=name.replace("_", " "))
    axes.set(title=title, xlabel="step", ylabel="loss in nats")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    # No date: the same run gives the same bytes.
    FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None})
