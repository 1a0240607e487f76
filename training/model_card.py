"""docs/model-card.md, written from the shipped manifests and the kept scores; no figure in it is typed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.adapters import ADAPTER_FILE
from training.weights import Manifest, WeightsError, read_manifest

SCORES_FILE = "scores.json"

HEADER = """# Model card: the embedded demonstration models

Written by `python -m training card` from `training/shipped/`; do not edit by hand.

**What this is.** A tiny base of the real `Qwen2AudioForConditionalGeneration` class, pre-trained here from random
weights, and two LoRA adapters on its language model: `stems_ref` (the differential multi-track model) and `mix` (the
MixAssist-style baseline). They make the whole path from stems to statistics run on a laptop without downloads. **They
are a demonstration**: trained on procedurally generated songs only, they say nothing about what 7B models reach on
real music, and no claim about mixing advice should rest on them.

**Licence.** MIT, like the code. No third-party audio or weights went in.
"""

HOW = """## How an answer is made
Problem and reference stems are heard at 8 kHz as log-mel (Whisper's formula, 32 bands, frames of 156 ms, no
normalisation: +g dB shifts every value by g/40), 4 audio tokens for a clip of up to 20 s; shorter clips are repeated
to fill the window, longer ones are refused. Clips are interleaved per stem. The model first writes a *finding*
(overall difference, then per stem how much louder (+) or softer (−) it is than it should be), then the *advice*, the
only text a producer sees. Both are shown as they are decoded; nothing corrects them. The wording is
drawn by seed and item, alike for both adapters. Decoding is greedy; rows marked *sampled* draw from the model's
own distribution by seed, leaving out tokens below a fifth of the likeliest one's probability.
"""

DATA = """## Data
Songs of the procedural generator, version {generator}; balances vary from song to song as
`datagen/generator/levels.py` states. Training songs {songs}, two passages each; scores below on {test_songs} songs of
the `test` split that no training saw, {items} items: 20 % clean, otherwise one or two of four stems changed by 0.5 to
12 dB, problem and reference at independent common levels of ±6 dB.
"""

COLUMNS = """- **found**: changed stems (3 dB or more) that are named with the right direction.
- **false alarms**: unchanged stems that are named. **specificity**: clean items for which nothing is advised.
- **dB error**: mean over all changed stems, a missed or unreadable one counts as 0 dB advised.
- In brackets: 95 % intervals by resampling whole tracks.
- `same_passage` has heard the answer: it is a ceiling, not a result that can be deployed.
- `shuffled`: the reference's audio is another item's; `constant`: nothing to change, whatever is heard.
"""


def write_model_card(weights: Path, *, card: Path) -> None:
    """Write the card from the manifests and scores in a folder of weights. Raises WeightsError when they are
    missing."""
    base = read_manifest(weights / "base", weights_file="model.safetensors")
    scores = _kept_scores(weights)
    names = [path.parent.name for path in sorted(weights.glob(f"*/{ADAPTER_FILE}"), reverse=True)]
    adapters = [read_manifest(weights / name, weights_file=ADAPTER_FILE) for name in names]
    songs = base.training["config"]["songs"]["train"]
    sections = [
        HEADER,
        _weights_section(weights, base, adapters),
        HOW,
        DATA.format(generator=base.generator_version, songs=songs, test_songs=scores["songs"], items=scores["items"]),
        _scores_section(scores["rows"]),
        _limits_section(),
    ]
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text("\n".join(sections), encoding="utf-8")


def _kept_scores(weights: Path) -> dict[str, Any]:
    path = weights / SCORES_FILE
    try:
        scores: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise WeightsError(f"{path} cannot be read ({error}); make it with `python -m training evaluate`") from error
    return scores


def _weights_section(weights: Path, base: Manifest, adapters: list[Manifest]) -> str:
    rows = ["## Weights", "| folder | trained on | steps | size | SHA-256 |", "|---|---|---|---|---|"]
    rows.append(_weights_row(base, weights / "base" / "model.safetensors", trained_on="generalist tasks"))
    rows += [_weights_row(a, weights / a.name / ADAPTER_FILE, trained_on=_trained_on(a)) for a in adapters]
    versions = ", ".join(f"{name} {number}" for name, number in base.training["versions"].items())
    again = "Made again by one command: `python -m training ship` (seeds are in `training/configs/`; CPU, one core)."
    return "\n".join([*rows, "", f"{again} Versions: {versions}.", ""])


def _trained_on(adapter: Manifest) -> str:
    return f"`{adapter.trained_on}`, reference kinds: {', '.join(adapter.reference_kinds)}"


def _weights_row(manifest: Manifest, path: Path, *, trained_on: str) -> str:
    steps = manifest.training["config"]["loop"]["steps"]
    folder = path.parent.name
    megabytes = path.stat().st_size / 1e6
    return f"| `{folder}` | {trained_on} | {steps} | {megabytes:.2f} MB | `{manifest.weights_sha256[:16]}` |"


def _scores_section(rows: list[dict[str, Any]]) -> str:
    lines = [
        "## Scores",
        "| trained on / shown / reference | found ≥ 3 dB | false alarms | dB error | specificity | exact set "
        "| two changes: found, false alarms | unreadable |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_score_row(row) for row in rows]
    return "\n".join([*lines, "", COLUMNS])


def _score_row(row: dict[str, Any]) -> str:
    scores, intervals = row["scores"], row["intervals"]
    cells = [
        row["condition"],
        _with_interval(scores["found"], intervals["found"], percent=True),
        _with_interval(scores["false_alarms"], intervals["false_alarms"], percent=True),
        _with_interval(scores["error_db"], intervals["error_db"], percent=False),
        _with_interval(scores["specificity"], intervals["specificity"], percent=True),
        _number(scores["exact"], percent=True),
        f"{_number(scores['found_of_two'], percent=True)}, {_number(scores['false_alarms_of_two'], percent=True)}",
        _number(scores["unreadable"], percent=True),
    ]
    return "| " + " | ".join(cells) + " |"


def _with_interval(value: float | None, interval: list[float] | None, *, percent: bool) -> str:
    if interval is None:
        return _number(value, percent=percent)
    low, high = (_number(end, percent=percent) for end in interval)
    return f"{_number(value, percent=percent)} [{low}, {high}]"


def _number(value: float | None, *, percent: bool) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if percent else f"{value:.2f}"


def _limits_section() -> str:
    return """## Limits
- Procedural songs only; four stems in a fixed order; the terse register only; the brief is not read.
- One seed a condition; a second seed may differ by more than the intervals, which cover tracks and items only.
- The base hears differences between clips well, but hardly what is inside a single mix: its pre-training tasks on one
  mix stayed near their priors. So the baseline `mix`, decoded greedily, nearly always advises to change nothing;
  sampled it advises about as much as there is to change, at random. It is a weak opponent, not an estimate of what a
  large single-mix model can do; even a perfect one could not know the intended balance.
- Changes below about 1 dB are often missed. Two changed stems whose changes are close to each other are hardest.
"""
