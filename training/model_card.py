"""docs/model-card.md and its pictures, written from the shipped manifests and the kept scores; no figure in it is typed
by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.adapters import ADAPTER_FILE
from training.card_sections import (
    HEADER,
    HOW,
    LEGEND,
    data_section,
    limits_section,
    probe_section,
    real_songs_section,
    seeds_section,
    system_list,
    trials_section,
)
from training.recipe_scores import REAL_SONGS_FILE
from training.score_files import read_kept, read_scores, seed_scores
from training.score_pictures import comparison_picture, psychometric_picture
from training.score_rows import SCORES_FILE
from training.score_tables import score_tables
from training.tuning import TRIALS_FILE
from training.weights import Manifest, read_manifest

COMPARISON_PICTURE, PSYCHOMETRIC_PICTURE = "model-conditions.svg", "model-psychometric.svg"


def write_model_card(weights: Path, *, card: Path) -> None:
    """Write the card, and its pictures in `images` beside it, from what lies in a folder of weights.

    Raises WeightsError when manifests or scores are missing or do not belong together.
    """
    scores = read_scores(weights / SCORES_FILE)
    pictures = {
        COMPARISON_PICTURE: comparison_picture(scores["rows"]),
        PSYCHOMETRIC_PICTURE: psychometric_picture(scores["rows"]),
    }
    images = card.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        (images / name).write_text(picture, encoding="utf-8")
    card.write_text(model_card(weights, scores), encoding="utf-8")


def model_card(weights: Path, scores: Mapping[str, Any]) -> str:
    """The text of the card."""
    base = read_manifest(weights / "base", weights_file="model.safetensors")
    names = sorted(path.parent.name for path in weights.glob(f"*/{ADAPTER_FILE}"))
    adapters = [read_manifest(weights / name, weights_file=ADAPTER_FILE) for name in names]
    sections = [
        HEADER.format(systems=system_list(adapters)),
        _weights_section(weights, base, adapters),
        HOW.format(**_front_end(weights)),
        data_section(base, scores),
        f"## Scores\n{LEGEND}\n{_pictures()}\n{score_tables(scores)}",
        seeds_section(scores, seed_scores(weights)),
        real_songs_section(read_kept(weights, REAL_SONGS_FILE)),
        trials_section(read_kept(weights, TRIALS_FILE)),
        probe_section(read_kept(weights, "probe.json"), base),
        limits_section(scores),
    ]
    return "\n".join(section for section in sections if section)


def _front_end(weights: Path) -> dict[str, str]:
    settings = read_kept(weights / "base", "preprocessor_config.json") or {}
    hop_s = settings["hop_samples"] / settings["sample_rate"]
    steps = settings["frames"] // settings["stacked_frames"]
    return {
        "rate": f"{settings['sample_rate'] / 1000:g}",
        "bands": str(settings["mel_bands"]),
        "hop_ms": f"{1000 * hop_s:.0f}",
        "window_s": f"{settings['frames'] * hop_s:g}",
        "tokens": str(steps // 4),
    }


def _pictures() -> str:
    return (
        f"![Scores of every condition with intervals](images/{COMPARISON_PICTURE})\n\n"
        f"![Share of changes found over their size](images/{PSYCHOMETRIC_PICTURE})\n"
    )


def _weights_section(weights: Path, base: Manifest, adapters: Sequence[Manifest]) -> str:
    rows = ["## Weights", "| folder | trained on | steps | seed | size | SHA-256 |", "|---|---|---|---|---|---|"]
    rows.append(_weights_row(base, weights / "base" / "model.safetensors", trained_on="generalist tasks"))
    rows += [_weights_row(a, weights / a.name / ADAPTER_FILE, trained_on=_trained_on(a)) for a in adapters]
    versions = ", ".join(f"{name} {number}" for name, number in base.training["versions"].items())
    again = "Made again by one command: `python -m training ship` (configurations: `training/configs/`; CPU)."
    return "\n".join([*rows, "", f"{again} Versions: {versions}.", ""])


def _trained_on(adapter: Manifest) -> str:
    config = adapter.training["config"]
    special = [note for note, holds in (
        ("without audio", config.get("audio") == "none"),
        ("with other items' references", config.get("reference_audio") == "shuffled"),
    ) if holds]  # fmt: skip
    return ", ".join([f"`{adapter.trained_on}`", *special, f"reference kinds: {', '.join(adapter.reference_kinds)}"])


def _weights_row(manifest: Manifest, path: Path, *, trained_on: str) -> str:
    config = manifest.training["config"]
    megabytes = path.stat().st_size / 1e6
    return (
        f"| `{path.parent.name}` | {trained_on} | {config['loop']['steps']} | {config['seed']} | {megabytes:.2f} MB "
        f"| `{manifest.weights_sha256[:16]}` |"
    )
