"""Is level still in what the language model is given? Linear probes on the tower's and the projector's outputs.

Levels and differences of clips of procedural songs are predicted from mean-pooled outputs, on songs that the probe was
not fitted on. What a linear probe cannot read, the language model has to dig for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from datagen.words import STEMS
from training.bases.tiny_qwen2_audio import TinyBase
from training.bases.tiny_qwen2_audio import load as load_tiny_base
from training.examples import Example, Part
from training.prompts import clips_of
from training.ridge import ProbeScore, fit_probe, score_probe
from training.scenes import Scene, SceneSettings, Side, draw_scene, scene_clips
from training.songs_cache import Songs, levels_db, load_songs
from training.tokenizer import BOS
from training.weights import file_sha256

PROBE_FILE = "probe.json"
PROJECTOR = r".*(multi_modal_projector\.linear(_\d+)?|audio_tower\.proj)"
"""The projector's linears in every base: the first takes the tower's output, the last gives the projector's."""
PLACES: tuple[str, ...] = ("tower", "projector")
BATCH = 64
Array = NDArray[np.float64]
Log = Callable[[str], None]


@dataclass(frozen=True)
class ProbeSettings:
    """How many songs are used, and how many pairs of clips of each."""

    fitted_songs: int = 200
    held_out_songs: int = 100
    pairs_per_song: int = 8
    seed: int = 2027


@dataclass(frozen=True)
class Pair:
    """Two clips of one stem (or mix) at different levels, and what is true about them."""

    song: str
    name: str
    scene: Scene
    level_db: float
    """RMS of the first clip in dB re full scale."""
    difference_db: float
    """How much louder the first is than the second."""


def probe_base(weights: Path, *, settings: ProbeSettings | None = None, log: Log = print) -> dict[str, Any]:
    """The probes of the base in a folder of weights, as the plain data of probe.json."""
    chosen = settings or ProbeSettings()
    base = load_tiny_base(weights / "base")
    sets = []
    for split, count in (("train", chosen.fitted_songs), ("test", chosen.held_out_songs)):
        songs = load_songs(split, count=count, settings=base.parts.features, log=log)
        pairs = draw_pairs(songs, per_song=chosen.pairs_per_song, seed=chosen.seed)
        sets.append((pairs, pair_outputs(base, songs, pairs)))
    (fitted, fitted_outputs), (held_out, held_out_outputs) = sets
    scores = {place: probe_place(fitted, fitted_outputs[place], held_out, held_out_outputs[place]) for place in PLACES}
    return {
        "base": file_sha256(weights / "base" / "model.safetensors"),
        **asdict(chosen),
        "places": {place: {name: _to_json(each) for name, each in of.items()} for place, of in scores.items()},
    }


def draw_pairs(songs: Songs, *, per_song: int, seed: int) -> list[Pair]:
    """Random pairs of every song: an audible stem or the mix, at two levels. The seed decides everything."""
    pairs = []
    for number in range(per_song):
        rng = np.random.default_rng([seed, number])
        for _ in range(len(songs)):
            scene = draw_scene(rng, songs, reference_kind="same_passage", settings=SceneSettings())
            pairs.append(_pair(songs, scene, str(rng.choice([*scene.audible, "mix"]))))
    return pairs


def _pair(songs: Songs, scene: Scene, name: str) -> Pair:
    assert scene.reference is not None, "pairs need a reference"
    first, second = (_level(songs, side, name) for side in (scene.problem, scene.reference))
    return Pair(songs.keys[int(scene.problem.songs[0])], name, scene, first, first - second)


def _level(songs: Songs, side: Side, name: str) -> float:
    stems, mix = levels_db(songs.gram[side.songs[0], side.passages[0]], side.gains_db.astype(np.float64))
    return mix if name == "mix" else float(stems[STEMS.index(name)])


def pair_outputs(base: TinyBase, songs: Songs, pairs: Sequence[Pair]) -> dict[str, Array]:
    """Mean-pooled outputs of every pair's two clips, {place: [pairs, 2, values]}."""
    examples = []
    for pair in pairs:
        question = clips_of((pair.name,), paired=True)
        examples.append(Example((Part(f"{BOS} {question.text}"),), scene_clips(pair.scene, question.clips, songs)))
    parts = [pooled_outputs(base, examples[start : start + BATCH]) for start in range(0, len(examples), BATCH)]
    return {place: np.concatenate([part[place] for part in parts]).reshape(len(pairs), 2, -1) for place in PLACES}


@torch.inference_mode()
def pooled_outputs(base: Any, examples: Sequence[Any]) -> dict[str, Array]:
    """Mean-pooled outputs of tower and projector for every clip of a batch, {place: [clips, values]}.

    Works for any base of `training.bases`. Clips must be of one length: some models pack them into one row.
    """
    inputs = base.batch(examples).model_inputs()
    linears = [module for name, module in base.model.named_modules() if re.fullmatch(PROJECTOR, name)]
    assert linears, "the base has no projector"
    kept: dict[str, torch.Tensor] = {}
    hooks = [
        linears[0].register_forward_pre_hook(lambda _, given: kept.__setitem__("tower", given[0])),
        linears[-1].register_forward_hook(lambda _, given, output: kept.__setitem__("projector", output)),  # noqa: ARG005
    ]
    try:
        base.model(**inputs)
    finally:
        for hook in hooks:
            hook.remove()
    clips = len(inputs["input_features"])
    return {
        place: tensor.reshape(clips, -1, tensor.shape[-1]).mean(dim=1).double().cpu().numpy()
        for place, tensor in kept.items()
    }


def probe_place(
    fitted: Sequence[Pair], fitted_outputs: Array, held_out: Sequence[Pair], held_out_outputs: Array
) -> dict[str, ProbeScore]:
    """The probes of one place, from outputs [pairs, 2, values]: of the first clip's level, and of the difference."""
    fitted_songs, held_out_songs = ([pair.song for pair in pairs] for pairs in (fitted, held_out))
    scores = {}
    for name, seen in (("level", lambda outputs: outputs[:, 0]), ("difference", _both)):
        y, y_held_out = (np.array([getattr(pair, f"{name}_db") for pair in pairs]) for pairs in (fitted, held_out))
        probe = fit_probe(seen(fitted_outputs), y, songs=fitted_songs)
        scores[name] = score_probe(probe, seen(held_out_outputs), y_held_out, songs=held_out_songs)
    return scores


def _both(outputs: Array) -> Array:
    return outputs.reshape(len(outputs), -1)


def _to_json(score: ProbeScore) -> dict[str, Any]:
    low, high = score.error_db.interval or (None, None)
    return {
        "r2": round(score.r2, 4),
        "error_db": round(score.error_db.value or 0.0, 4),
        "low": None if low is None else round(low, 4),
        "high": None if high is None else round(high, 4),
        "pairs": score.error_db.count,
        "guess_error_db": round(score.guess_error_db, 4),
    }
