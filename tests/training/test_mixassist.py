"""MixAssist's table as examples, on a table of its columns that is written here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import soundfile
from pyarrow import parquet

from training.bases import qwen2_audio
from training.bases.base import Clip
from training.mixassist import MixAssistError, read_mixassist, read_segment, shortened, turn_example

RATE = 44_100


def row(**entries: Any) -> dict[str, Any]:
    return {
        "conversation_id": "1", "topic": "drums", "turn_id": 2, "has_content": True,
        "input_history": [
            {"role": "user", "content": "Is the kick in the way?", "audio_file": "first.wav"},
            {"role": "assistant", "content": "A little.", "audio_file": ""},
        ],
        "audio_file": "second.wav", "user": "And now?", "assistant": "Bring it down a touch.", **entries,
    }  # fmt: skip


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "train.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    folder = tmp_path / "audio"
    folder.mkdir()
    rising = np.linspace(0.0, 0.5, 2 * RATE, dtype=np.float32)
    soundfile.write(folder / "second.wav", np.stack([rising, rising], axis=1), RATE, subtype="FLOAT")
    return folder


def test_a_row_becomes_a_question_with_the_conversation_so_far_and_the_experts_next_turn(
    tmp_path: Path, audio: Path
) -> None:
    (turn,) = read_mixassist(write(tmp_path, [row()]), audio=audio)
    assert turn.history == (("user", "Is the kick in the way?"), ("assistant", "A little."))
    assert (turn.question, turn.answer, turn.audio.name) == ("And now?", "Bring it down a touch.", "second.wav")


def test_fillers_are_left_out(tmp_path: Path, audio: Path) -> None:
    turns = read_mixassist(write(tmp_path, [row(has_content=False, user=""), row(turn_id=3)]), audio=audio)
    assert [turn.turn_id for turn in turns] == [3]


def test_the_expert_s_turn_alone_is_taught_and_the_segment_is_heard_once(tmp_path: Path, audio: Path) -> None:
    base = qwen2_audio.from_tiny_random_config(0, window_s=6)
    (turn,) = read_mixassist(write(tmp_path, [row()]), audio=audio)
    example = turn_example(turn, base)
    taught = [said for said in example.turns if said.taught]
    clips = [piece for said in example.turns for piece in said.content if isinstance(piece, Clip)]
    assert [said.content for said in taught] == [("Bring it down a touch.",)]
    assert [clip.samples for clip in clips] == [2 * base.sample_rate]
    assert base.batch([example]).taught.any()


def test_of_a_segment_that_is_too_long_the_end_is_heard(audio: Path) -> None:
    whole = read_segment(audio / "second.wav", sample_rate=RATE, longest_s=30.0)
    end = read_segment(audio / "second.wav", sample_rate=RATE, longest_s=0.5)
    assert len(end) == RATE // 2
    np.testing.assert_allclose(end, whole[-len(end) :], atol=1e-6)


def test_segments_that_will_be_shortened_are_counted(tmp_path: Path, audio: Path) -> None:
    turns = read_mixassist(write(tmp_path, [row(), row()]), audio=audio)
    assert shortened(turns, longest_s=1.0) == 1
    assert shortened(turns, longest_s=3.0) == 0


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path, audio: Path) -> None:
    rows = [
        row(audio_file="gone.wav"), row(assistant=" "), row(audio_file="../train.parquet"),
        row(input_history=[{"role": "judge", "content": "Good.", "audio_file": ""}]),
    ]  # fmt: skip
    with pytest.raises(MixAssistError) as caught:
        read_mixassist(write(tmp_path, rows), audio=audio)
    for said in ("row 0 names gone.wav", "row 1 has an empty assistant", "row 2 names the audio file", "role 'judge'"):
        assert said in str(caught.value)


def test_another_table_is_refused_with_the_columns_it_lacks(tmp_path: Path, audio: Path) -> None:
    with pytest.raises(MixAssistError, match="lacks the columns turn_id"):
        read_mixassist(write(tmp_path, [{key: value for key, value in row().items() if key != "turn_id"}]), audio=audio)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path, audio: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"not a table")
    with pytest.raises(MixAssistError, match="cannot be read as Parquet"):
        read_mixassist(tmp_path / "train.parquet", audio=audio)


def test_a_segment_that_is_no_audio_is_refused(audio: Path) -> None:
    (audio / "broken.wav").write_bytes(b"RIFF")
    with pytest.raises(MixAssistError, match=r"broken\.wav cannot be read"):
        read_segment(audio / "broken.wav", sample_rate=RATE, longest_s=30.0)
