"""The generalist tasks of pre-training: hearing levels, tying differences to stems, and putting lists into words.

Every task makes one example from a random scene. None of them goes from audio to advice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.disturbances import DisturbanceSettings
from datagen.explanations import write
from datagen.words import STEMS
from training.cross_mel import mix_power
from training.examples import Example, Part, question_and_answer
from training.features import Floats, log_mel
from training.prompts import clips_of, finding_text, signed, stem_list
from training.scenes import LEVEL_RANGE_DB, Scene, SceneSettings, draw_scene, heard_differences_db, scene_clips
from training.songs_cache import Songs, levels_db
from training.tokenizer import ADVICE, BOS, EOS, WORDINGS

Task = Callable[[np.random.Generator, Songs], Example]

HEARING = SceneSettings(DisturbanceSettings(clean_share=0.15, two_stem_share=0.6), recombine_share=0.5)
"""More pairs than in the task itself: two changed stems are what takes longest to learn."""
SAME_SONG = SceneSettings(DisturbanceSettings(clean_share=0.2), recombine_share=0.0)
BALANCE_FLOOR_DB = -40.0


def level_of_clip(rng: np.random.Generator, songs: Songs) -> Example:
    """How loud one stem or mix is, in dB re full scale."""
    scene = draw_scene(rng, songs, reference_kind="none", settings=SAME_SONG)
    name = str(rng.choice([*scene.audible, "mix"]))
    question = clips_of((name,), paired=False)
    stems, mix = _levels(scene, songs)
    level = mix if name == "mix" else stems[STEMS.index(name)]
    answer = signed(max(float(level), -60.0))
    return question_and_answer(f"{question.text} level", answer, scene_clips(scene, question.clips, songs))


def difference_of_pair(rng: np.random.Generator, songs: Songs) -> Example:
    """How much louder one clip is than another of the same stem or mix."""
    scene = draw_scene(rng, songs, reference_kind="same_passage", settings=SAME_SONG)
    name = str(rng.choice([*scene.audible, "mix"]))
    question = clips_of((name,), paired=True)
    difference = _mix_difference(scene, songs) if name == "mix" else _raw_differences(scene)[STEMS.index(name)]
    clips = scene_clips(scene, question.clips, songs)
    return question_and_answer(f"{question.text} difference", signed(difference), clips)


def difference_after_each_pair(rng: np.random.Generator, songs: Songs) -> Example:
    """All pairs, each followed by its difference: teaches the read-out at the pair's name."""
    scene = draw_scene(rng, songs, reference_kind="same_passage", settings=HEARING)
    question = clips_of(STEMS, paired=True)
    parts = [Part(f"{BOS} each")]
    for stem, difference in zip(STEMS, _raw_differences(scene), strict=True):
        parts.extend((Part(clips_of((stem,), paired=True).text), Part(signed(difference), taught=True)))
    parts.append(Part(EOS, taught=True))
    return Example(tuple(parts), scene_clips(scene, question.clips, songs))


def list_of_differences(rng: np.random.Generator, songs: Songs) -> Example:
    """All pairs, then the list of raw differences."""
    scene = draw_scene(rng, songs, reference_kind="same_passage", settings=HEARING)
    question = clips_of(STEMS, paired=True)
    answer = stem_list(_raw_differences(scene))
    return question_and_answer(f"{question.text} each", answer, scene_clips(scene, question.clips, songs))


def overall_difference(rng: np.random.Generator, songs: Songs) -> Example:
    """All pairs, then what most of them have in common."""
    scene = draw_scene(rng, songs, reference_kind="same_passage", settings=HEARING)
    question = clips_of(STEMS, paired=True)
    answer = signed(_known(scene.overall_db))
    return question_and_answer(f"{question.text} overall", answer, scene_clips(scene, question.clips, songs))


def differences_from_overall(rng: np.random.Generator, songs: Songs) -> Example:
    """All pairs, then the common difference and what each stem differs from it."""
    scene = draw_scene(rng, songs, reference_kind="same_passage", settings=HEARING)
    question = clips_of(STEMS, paired=True)
    heard_db = heard_differences_db(rng, scene)
    answer = finding_text(scene.differences_db, heard_db=heard_db, overall_db=scene.overall_db)
    return question_and_answer(f"{question.text} differences", answer, scene_clips(scene, question.clips, songs))


def match_of_balance(rng: np.random.Generator, songs: Songs) -> Example:
    """Whether two sets of stems have the same balance."""
    even = SceneSettings(DisturbanceSettings(clean_share=0.5), recombine_share=0.5)
    scene = draw_scene(rng, songs, reference_kind="same_passage", settings=even)
    question = clips_of(STEMS, paired=True)
    answer = "no" if scene.correction else "yes"
    return question_and_answer(f"{question.text} match", answer, scene_clips(scene, question.clips, songs))


def stems_sounding(rng: np.random.Generator, songs: Songs) -> Example:
    """Which stems sound in a mix."""
    scene = draw_scene(rng, songs, reference_kind="none", settings=SAME_SONG)
    muted = rng.random(len(STEMS)) < 0.35
    muted[int(rng.integers(len(STEMS)))] = False
    gains = np.where(muted, -200.0, scene.problem.gains_db).astype(np.float32)
    power = mix_power(songs.cross[scene.problem.songs[0], scene.problem.passages[0]], gains)
    heard = [stem for stem, silent in zip(STEMS, muted, strict=True) if stem in scene.audible and not silent]
    question = clips_of(("mix",), paired=False)
    return question_and_answer(f"{question.text} sounding", " ".join(heard) or "none", log_mel(power)[None])


def balance_of_mix(rng: np.random.Generator, songs: Songs) -> Example:
    """Each stem's level relative to the mix, heard in the mix alone."""
    return _balance(rng, songs, names=("mix",))


def balance_of_stems(rng: np.random.Generator, songs: Songs) -> Example:
    """Each stem's level relative to the mix, heard in the stems."""
    return _balance(rng, songs, names=STEMS)


def words_for_differences(rng: np.random.Generator, songs: Songs) -> Example:
    """Text alone: a list of differences put into words. A base language model can write; this one learns it here."""
    scene = draw_scene(rng, songs, reference_kind="none", settings=HEARING)
    return _written(rng, scene, songs, given=stem_list(scene.differences_db), worked_out="")


def working_out(rng: np.random.Generator, songs: Songs) -> Example:
    """Text alone: from what was heard of each pair to the common difference, the differences, and words for them."""
    scene = draw_scene(rng, songs, reference_kind="same_passage", settings=HEARING)
    heard_db = heard_differences_db(rng, scene)
    overall = signed(_known(scene.overall_db))
    worked_out = f"overall {overall}; {stem_list(scene.differences_db)}"
    return _written(rng, scene, songs, given=f"{stem_list(heard_db)};", worked_out=worked_out)


def _written(rng: np.random.Generator, scene: Scene, songs: Songs, *, given: str, worked_out: str) -> Example:
    # As an adapter will meet it: the wording is asked for long before the sentence.
    wording = int(rng.integers(WORDINGS))
    sentence = write(scene.correction, register="terse", seed=wording).advice
    silent = np.zeros((0, *songs.stems_db.shape[3:]), dtype=np.float32)
    answer = Part(f"{worked_out} {ADVICE} {sentence} {EOS}", taught=True)
    return Example((Part(f"{BOS} advise <w{wording}> {given}"), answer), silent)


def _balance(rng: np.random.Generator, songs: Songs, *, names: tuple[str, ...]) -> Example:
    scene = draw_scene(rng, songs, reference_kind="none", settings=SAME_SONG)
    stems, mix = _levels(scene, songs)
    question = clips_of(names, paired=False)
    answer = stem_list([max(float(level) - mix, BALANCE_FLOOR_DB) for level in stems])
    return question_and_answer(f"{question.text} balance", answer, scene_clips(scene, question.clips, songs))


TASK_GROUPS: tuple[dict[str, Task], ...] = (
    {"say": words_for_differences, "work_out": working_out},
    {
        "level": level_of_clip,
        "difference": difference_of_pair,
        "sounding": stems_sounding,
        "balance_of_mix": balance_of_mix,
    },
    {
        "balance_of_stems": balance_of_stems,
        "difference_after_each_pair": difference_after_each_pair,
        "list_of_differences": list_of_differences,
        "overall": overall_difference,
        "differences_from_overall": differences_from_overall,
        "match": match_of_balance,
    },
)
"""Text alone, one or two clips, four or eight: batched apart, so that little is padded and each counts the same."""
TASKS: dict[str, Task] = {name: task for group in TASK_GROUPS for name, task in group.items()}


def _raw_differences(scene: Scene) -> list[float]:
    assert scene.reference is not None, "differences need a reference"
    return [float(value) for value in scene.problem.gains_db - scene.reference.gains_db]


def _known(value: float | None) -> float:
    assert value is not None, "an overall difference needs a reference"
    return value


def _levels(scene: Scene, songs: Songs) -> tuple[Floats, float]:
    side = scene.problem
    gram = songs.gram[side.songs[0], side.passages[0]]
    stems, mix = levels_db(gram, side.gains_db.astype(np.float64))
    return stems.astype(np.float32), mix


def _mix_difference(scene: Scene, songs: Songs) -> float:
    assert scene.reference is not None, "differences need a reference"
    side = scene.problem
    gram = songs.gram[side.songs[0], side.passages[0]]
    _, problem = levels_db(gram, side.gains_db.astype(np.float64))
    _, reference = levels_db(gram, scene.reference.gains_db.astype(np.float64))
    return problem - reference


assert LEVEL_RANGE_DB * 2 + 12 <= 30, "differences must stay inside the tokenizer's numbers"
