"""The tiny base through the interface of all bases."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from training.adapters import add_lora, touched_modules
from training.bases.base import PaddingSide
from training.bases.tiny_qwen2_audio import TinyBase, from_tiny_random_config
from training.examples import Example, question_and_answer
from training.features import ClipTooLongError, clip_features, log_mel, mel_power
from training.run_config import LoraSettings


@pytest.fixture(scope="module")
def tiny() -> TinyBase:
    return from_tiny_random_config(4)


def example(tiny: TinyBase, clips: int, answer: str) -> Example:
    settings = tiny.parts.features
    waves = np.random.default_rng(clips).standard_normal((clips, settings.window_samples)).astype(np.float32) * 0.1
    question = " ".join(["problem <|AUDIO|> drums"] * clips)
    return question_and_answer(question, answer, log_mel(mel_power(waves, settings=settings)))


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_batch_gives_what_each_example_gives_alone(tiny: TinyBase, side: PaddingSide) -> None:
    examples = [example(tiny, 3, "drums + 3 dB"), example(tiny, 1, "yes")]
    with torch.inference_mode():
        batch = tiny.batch(examples, side)
        together = tiny.model(**batch.model_inputs()).logits
        for k, one in enumerate(examples):
            alone = tiny.model(**tiny.batch([one], side).model_inputs()).logits[0]
            torch.testing.assert_close(together[k][batch.attention_mask[k].bool()], alone, atol=1e-4, rtol=0)


def test_labels_are_on_the_answers_tokens_alone(tiny: TinyBase) -> None:
    batch = tiny.batch([example(tiny, 2, "drums + 3 dB")])
    labels = batch.labels()[0]
    assert tiny.tokenizer.convert_ids_to_tokens(labels[labels != -100].tolist()) == ["drums", "+", "3", "dB", "</s>"]


def test_six_decibels_shift_features_by_six_fortieths(tiny: TinyBase) -> None:
    settings = tiny.parts.features
    wave = np.random.default_rng(0).standard_normal((1, settings.window_samples)).astype(np.float32) * 0.05
    shift = clip_features(wave * np.float32(10 ** (6 / 20)), settings=settings) - clip_features(wave, settings=settings)
    np.testing.assert_allclose(shift, 6 / 40, atol=1e-4)


def test_lora_touches_the_language_model_alone() -> None:
    tiny = from_tiny_random_config(4)
    touched = touched_modules(
        add_lora(tiny.model, LoraSettings(rank=2, alpha=4), name="probe", targets=tiny.lora_targets), "probe"
    )
    assert len(touched) == 14
    assert all(re.fullmatch(tiny.scopes["language"], name) for name in touched)


def test_generate_goes_on_from_several_clips(tiny: TinyBase) -> None:
    batch = tiny.batch([example(tiny, 3, "no"), example(tiny, 1, "no")], "left")
    written = tiny.model.generate(**batch.model_inputs(), max_new_tokens=4)
    assert written.shape[1] > batch.input_ids.shape[1]


def test_a_clip_beyond_the_window_is_refused(tiny: TinyBase) -> None:
    with pytest.raises(ClipTooLongError, match="more than the window of 20 s"):
        tiny.audio_tokens(21 * tiny.sample_rate)
