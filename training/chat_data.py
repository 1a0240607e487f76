"""The data of an adapter on a real base: a run's examples by their number, checked before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from datagen.recipe_table import TableInfo, read_info
from datagen.words import REFERENCE_KINDS
from training.bases.base import Clip, Conversation
from training.bases.chat_base import ChatBase
from training.chat_prompts import advice_chat, answer_text, conversation_of, finding_text
from training.config_files import RunConfigError
from training.examples import Batch
from training.mixassist import read_mixassist, shortened, turn_example
from training.packing import pack
from training.processes import process_count, require_even_shares
from training.prompts import has_reference
from training.recipe_examples import Showing, recipe_example
from training.recipe_reader import TripletReader, place_of
from training.run_config import ChatAdapterConfig
from training.schedule import Share
from training.step_data import RunData
from training.weights import file_sha256

ADVICE_CHARACTERS = 400
"""More than any advice is long; what the check of positions reckons with."""

Examples = Callable[[int], Conversation]
"""A run's example by its number, counted from 0 over all steps."""


def chat_data(base: ChatBase, config: ChatAdapterConfig, *, log: Callable[[str], None] = print) -> RunData:
    """The batches of a run. Raises RunConfigError, RecipeTableError and MixAssistError before anything starts."""
    require_even_shares(config.batch_size // config.examples_at_once, what="batch_size / examples_at_once")
    parts = config.batch_size // (config.examples_at_once * process_count())
    examples = run_examples(base, config, log=log)

    def make(step: int, part: int, share: Share) -> Batch:
        mine = list(share.places(config.batch_size))
        chosen = mine[part * config.examples_at_once : (part + 1) * config.examples_at_once]
        return batch_of(base, config, [examples(step * config.batch_size + place) for place in chosen])

    return RunData(make, parts=parts, validate=_validation(base, config))


def batch_of(base: ChatBase, config: ChatAdapterConfig, examples: Sequence[Conversation]) -> Batch:
    """Examples that go through the model together: padded, or packed into one row."""
    batch = base.batch(examples)
    return pack(batch) if config.pack else batch


def run_examples(base: ChatBase, config: ChatAdapterConfig, *, log: Callable[[str], None] = print) -> Examples:
    """The examples of a run by their numbers."""
    if config.data.mixassist:
        turns = read_mixassist(Path(config.data.mixassist), audio=Path(config.data.mixassist_audio))
        cut = shortened(turns, longest_s=base.max_clip_s)
        log(f"{len(turns)} turns with content; of {cut} segments only the last {base.max_clip_s:g} s are heard")
        return lambda index: turn_example(turns[place_of(index, count=len(turns), seed=config.seed)], base)
    path = Path(config.data.recipes)
    info = read_info(path)
    require_fitting(info, base, config, path=path)
    reader = TripletReader(path, sample_rate=base.sample_rate)

    def example(index: int) -> Conversation:
        return recipe_example(reader, place_of(index, count=info.count, seed=config.seed), showing_of(config))

    return example


def showing_of(config: ChatAdapterConfig) -> Showing:
    """How the run shows its examples."""
    return Showing(config.trained_on, config.shuffle_stems, config.audio, config.reference_audio)


def require_fitting(info: TableInfo, base: ChatBase, config: ChatAdapterConfig, *, path: Path) -> None:
    """Raise RunConfigError, with every problem, unless a file's recipes can be shown to the base as the run wants."""
    length_s = float(info.config["excerpt_length_s"])
    problems = []
    if length_s > base.max_clip_s:
        problems.append(
            f"its excerpts last {length_s:g} s, {base.name} hears {base.max_clip_s:g} s; build shorter ones"
        )
    else:
        positions = longest_example(info, base, config, length_s=length_s)
        limit = min(config.max_positions, base.positions)
        if positions > limit:
            problems.append(f"an example can take {positions} positions, {limit} are allowed; build shorter excerpts")
    if has_reference(config.trained_on, "same_passage") and set(_kinds(info)) <= {"none"}:
        problems.append(f"its recipes have no reference, which trained_on: {config.trained_on} is about")
    if problems:
        raise RunConfigError(f"{path}:\n" + "\n".join(f"- {problem}" for problem in problems))


def longest_example(info: TableInfo, base: ChatBase, config: ChatAdapterConfig, *, length_s: float) -> int:
    """The most positions that an example of a file can take."""
    kind = next((kind for kind in REFERENCE_KINDS if kind in _kinds(info)), "none")
    prompt = advice_chat(config.trained_on, reference_kind=kind, wording=0, stems=info.stems, brief="x" * 100)
    clip = Clip(samples=round(length_s * base.sample_rate))
    finding = finding_text(dict.fromkeys(info.stems, 10.5), stems=info.stems, overall_db=10.5)
    answer = answer_text(finding, "x" * ADVICE_CHARACTERS)
    return base.token_count(conversation_of(prompt, [clip] * len(prompt.clips), answer=answer))


def _kinds(info: TableInfo) -> list[str]:
    # The settings hold pairs of kind and weight; one without weight is never drawn.
    return [str(kind) for kind, weight in info.config["recipes"]["reference_kinds"] if weight > 0.0]


def _validation(base: ChatBase, config: ChatAdapterConfig) -> tuple[Callable[[Share], Batch], ...]:
    if not config.loop.validate_every:
        return ()
    reader = TripletReader(Path(config.data.validation), sample_rate=base.sample_rate)
    count = min(config.data.validation_examples, len(reader))
    usable = range(count - count % process_count())

    def make(share: Share, *, start: int, stop: int) -> Batch:
        places = share.places(len(usable))[start:stop]
        return batch_of(base, config, [recipe_example(reader, place, showing_of(config)) for place in places])

    each, size = len(usable) // process_count(), config.examples_at_once
    return tuple(partial(make, start=start, stop=start + size) for start in range(0, each, size))


def data_identity(config: ChatAdapterConfig) -> dict[str, str]:
    """{file: SHA-256} of the files that a run is trained on."""
    data = config.data
    return {path: file_sha256(_existing(path)) for path in (data.recipes, data.validation, data.mixassist) if path}


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise RunConfigError(f"{path}, which the configuration names, is not there; `python -m datagen build` makes it")
    return Path(path)


def reference_kinds(config: ChatAdapterConfig) -> tuple[str, ...]:
    """The reference kinds that a run's examples can have."""
    if config.data.mixassist:
        return ("none",)
    return tuple(_kinds(read_info(Path(config.data.recipes))))
