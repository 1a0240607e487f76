"""The real MixAssist as examples: one segment of the mix, the conversation so far, a question, the expert's next turn.

Source: Clemens and Marasovic, "MixAssist" (COLM 2025, arXiv 2507.06329); data set `mclemcrew/MixAssist`, Parquet with
the columns conversation_id, topic, turn_id, has_content, input_history (a list of {role, content, audio_file}),
audio_file, user and assistant. `audio_file` names a segment; the sessions' audio is published apart. Nothing of it is
in this repository.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from datagen.resample import resample_stems
from training.bases.base import Clip, Conversation, Role
from training.bases.chat_base import ChatBase
from training.chat_prompts import conversation_of, segment_chat

COLUMNS: tuple[str, ...] = (
    "conversation_id", "topic", "turn_id", "has_content", "input_history", "audio_file", "user", "assistant",
)  # fmt: skip
ROLES: Mapping[str, Role] = {"user": "user", "amateur": "user", "assistant": "assistant", "expert": "assistant"}
PROBLEMS_SHOWN = 10


class MixAssistError(ValueError):
    """A table that is not MixAssist's, or that names audio which is not there; the message lists what is wrong."""


@dataclass(frozen=True)
class RecordedTurn:
    """One row: a question about a segment in the course of a conversation, and the expert's next turn."""

    conversation_id: str
    turn_id: int
    topic: str
    history: tuple[tuple[Role, str], ...]
    """The conversation so far, oldest turn first."""
    audio: Path
    """The segment that is talked about."""
    question: str
    answer: str


def read_mixassist(path: Path, *, audio: Path) -> list[RecordedTurn]:
    """The rows with content, in the table's order; fillers (`has_content` false) are left out.

    path: the Parquet file of a split. audio: the folder of the segments. Raises MixAssistError naming all missing
    columns, unknown roles and missing files.
    """
    rows = _rows(path)
    problems: list[str] = []
    kept = [_turn(row, number, audio, problems) for number, row in enumerate(rows) if row["has_content"]]
    turns = [turn for turn in kept if turn is not None]
    if not kept:
        problems.append("no row has content")
    if problems:
        more = [f"and {len(problems) - PROBLEMS_SHOWN} more"] if len(problems) > PROBLEMS_SHOWN else []
        raise MixAssistError(f"{path}:\n" + "\n".join(f"- {text}" for text in [*problems[:PROBLEMS_SHOWN], *more]))
    return turns


def turn_example(turn: RecordedTurn, base: ChatBase) -> Conversation:
    """A row as it is taught: the segment at the base's rate, mono. A segment longer than the base hears is its end,
    which is what was just heard when the question was asked."""
    prompt = segment_chat(turn.question, history=turn.history)
    mono = read_segment(turn.audio, sample_rate=base.sample_rate, longest_s=base.max_clip_s)
    return conversation_of(prompt, [Clip(samples=len(mono), waveform=mono)], answer=turn.answer)


def read_segment(path: Path, *, sample_rate: int, longest_s: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """The last `longest_s` seconds of an audio file, mono float32 [samples]. Raises MixAssistError."""
    try:
        with soundfile.SoundFile(path) as file:
            frames = min(file.frames, int(longest_s * file.samplerate))
            file.seek(file.frames - frames)
            stereo = file.read(frames, dtype="float32", always_2d=True)
            rate = int(file.samplerate)
    except (OSError, soundfile.SoundFileError) as error:
        raise MixAssistError(f"{path} cannot be read: {error}") from error
    if not len(stereo):
        raise MixAssistError(f"{path} has no samples")
    mono = stereo.mean(axis=1, dtype=np.float32)
    return resample_stems(mono[None, None], rate, to_rate=sample_rate)[0, 0, : int(longest_s * sample_rate)]


def shortened(turns: Sequence[RecordedTurn], *, longest_s: float) -> int:
    """How many of the segments are longer than a base hears, so that only their end is taken."""
    return sum(soundfile.info(path).duration > longest_s for path in {turn.audio for turn in turns})


def _rows(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise MixAssistError("MixAssist's Parquet needs pyarrow: pip install -r requirements/datasets.txt") from error
    try:
        table = parquet.read_table(path)
    except (OSError, ArrowInvalid) as error:
        raise MixAssistError(f"{path} cannot be read as Parquet: {error}") from error
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise MixAssistError(f"{path} lacks the columns {', '.join(missing)}; is it a split of mclemcrew/MixAssist?")
    rows: list[Mapping[str, Any]] = table.select(list(COLUMNS)).to_pylist()
    return rows


def _turn(row: Mapping[str, Any], number: int, audio: Path, problems: list[str]) -> RecordedTurn | None:
    before = len(problems)
    where = f"row {number}"
    history = _history(row["input_history"] or [], where, problems)
    name = row["audio_file"] or ""
    file = audio / name
    if not name or not file.resolve().is_relative_to(audio.resolve()):
        problems.append(f"{where} names the audio file {name!r}, which is no file inside {audio}")
    elif not file.is_file():
        problems.append(f"{where} names {name}, which is not in {audio}")
    spoken = ("user", "assistant")
    problems.extend(f"{where} has an empty {column}" for column in spoken if not (row[column] or "").strip())
    if len(problems) > before:
        return None
    turn_id = int(row["turn_id"])
    return RecordedTurn(
        str(row["conversation_id"]), turn_id, str(row["topic"]), history, file, row["user"], row["assistant"]
    )


def _history(entries: Sequence[Mapping[str, Any]], where: str, problems: list[str]) -> tuple[tuple[Role, str], ...]:
    turns: list[tuple[Role, str]] = []
    for entry in entries:
        role = ROLES.get(str(entry.get("role", "")).lower())
        if role is None:
            problems.append(f"{where} has the unknown role {entry.get('role')!r}, expected one of {', '.join(ROLES)}")
        elif (entry.get("content") or "").strip():
            turns.append((role, entry["content"]))
    return tuple(turns)
