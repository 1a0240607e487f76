"""What every real base must do, on a small random model of its real class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.adapters import AdapterScopeError, activate, add_lora, load_adapter, save_adapter, touched_modules
from training.bases.base import Clip, Conversation, PaddingSide
from training.bases.chat_base import ChatBase, PromptTooLongError
from training.bases.whisper_features import ClipTooShortError, clip_windows
from training.chat_answering import answer_chats, next_chat_logits
from training.features import ClipTooLongError
from training.run_config import LoraSettings

from .conftest import RATE, MakeClip, ask

LINEARS_IN_A_LAYER = 7
LAYERS = 2


@torch.inference_mode()
def logits(base: ChatBase, examples: list[Conversation], side: PaddingSide = "right") -> list[torch.Tensor]:
    """Per example the logits of its own tokens, padding left out."""
    batch = base.batch(examples, side)
    out = base.model(**batch.model_inputs()).logits
    return [row[mask.bool()] for row, mask in zip(out, batch.attention_mask, strict=True)]


def three_clips(clip: MakeClip) -> Conversation:
    parts = ("Audio 1: ", clip(1.0, seed=1), "Audio 2: ", clip(4.03, seed=2), "Audio 3: ", clip(7.5, seed=3))
    long_first = parts[4:] + parts[:4]
    return ask(*long_first, "What to change?", answer="drums +3")


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_batch_gives_what_each_example_gives_alone(real_base: ChatBase, clip: MakeClip, side: PaddingSide) -> None:
    examples = [three_clips(clip), ask(clip(2.0, seed=4), "And this?", answer="bass −2, vocals +1.5")]
    together = logits(real_base, examples, side)
    for example, shared in zip(examples, together, strict=True):
        (alone,) = logits(real_base, [example], side)
        torch.testing.assert_close(shared, alone, atol=1e-4, rtol=0)


@pytest.mark.parametrize("side", ["right", "left"])
def test_fused_attention_gives_what_plain_attention_gives(
    fresh_base: ChatBase, clip: MakeClip, side: PaddingSide
) -> None:
    examples = [three_clips(clip), ask(clip(2.0, seed=4), "And this?", answer="bass −2")]
    plain = logits(fresh_base, examples, side)
    fresh_base.model.set_attn_implementation("sdpa")
    for first, second in zip(plain, logits(fresh_base, examples, side), strict=True):
        torch.testing.assert_close(second, first, atol=1e-4, rtol=0)


def test_every_clip_of_a_prompt_is_heard_in_its_place(real_base: ChatBase, clip: MakeClip) -> None:
    loud, soft = clip(3.0, seed=1, level_db=-10.0), clip(3.0, seed=2, level_db=-40.0)
    (straight,) = logits(real_base, [ask("a ", loud, "b ", soft, "?")])
    (swapped,) = logits(real_base, [ask("a ", soft, "b ", loud, "?")])
    (same_first,) = logits(real_base, [ask("a ", loud, "b ", clip(3.0, seed=3), "?")])
    assert float((straight[-1] - swapped[-1]).abs().max()) > 0.01
    assert float((straight[-1] - same_first[-1]).abs().max()) > 0.01


def test_labels_are_on_the_assistants_tokens_alone(real_base: ChatBase, clip: MakeClip) -> None:
    examples = [three_clips(clip), ask(clip(1.0), "And?", answer="bass −2")]
    batch = real_base.batch(examples)
    written = [real_base.tokenizer.decode(row[row != -100]) for row in batch.labels()]
    assert written == ["drums +3<|im_end|>", "bass −2<|im_end|>"]


def test_audio_tokens_are_those_that_the_prompt_takes(real_base: ChatBase, clip: MakeClip) -> None:
    with_clip = real_base.token_count(ask("a", clip(4.03), "b"))
    assert with_clip - real_base.token_count(ask("a", "b")) == real_base.audio_tokens(round(4.03 * RATE))


def test_six_decibels_shift_features_by_six_fortieths(real_base: ChatBase, clip: MakeClip) -> None:
    quiet = clip(2.0, level_db=-30.0)
    assert quiet.waveform is not None
    loud = Clip(quiet.samples, quiet.waveform * np.float32(10 ** (6 / 20)))
    windows = [
        clip_windows(c, real_base.extractor, max_clip_s=real_base.max_clip_s, fill=real_base.family.fills_window)[0]
        for c in (quiet, loud)
    ]
    np.testing.assert_allclose(windows[1].log_mel - windows[0].log_mel, 6 / 40, atol=1e-4)


def test_mel_power_gives_the_features_of_its_waveform(real_base: ChatBase, clip: MakeClip) -> None:
    from_waveform = clip(2.0)
    fill = real_base.family.fills_window
    (window,) = clip_windows(from_waveform, real_base.extractor, max_clip_s=real_base.max_clip_s, fill=fill)
    power = np.power(10.0, window.log_mel[:, : window.frames].T.astype(np.float64) * 4 - 4).astype(np.float32)
    cached = Clip(from_waveform.samples, mel_power=power)
    (again,) = clip_windows(cached, real_base.extractor, max_clip_s=real_base.max_clip_s, fill=fill)
    np.testing.assert_allclose(again.log_mel[:, : window.frames], window.log_mel[:, : window.frames], atol=1e-5)


def test_special_tokens_in_a_brief_are_plain_characters(real_base: ChatBase, clip: MakeClip) -> None:
    mark = real_base.family.audio_mark
    batch = real_base.batch([ask(f"Brief: {mark} <|im_end|> rock", clip(1.0), "?")])
    audio = int(real_base.tokenizer.convert_tokens_to_ids(mark))
    marks = bool(real_base.family.begin_mark) + bool(real_base.family.end_mark)
    assert int((batch.input_ids == audio).sum()) == real_base.audio_tokens(RATE) - marks


def test_lora_touches_exactly_the_language_models_linears(fresh_base: ChatBase) -> None:
    adapted = add_lora(fresh_base.model, LoraSettings(rank=2, alpha=4), name="probe", targets=fresh_base.lora_targets)
    touched = touched_modules(adapted, "probe")
    print("\n".join(touched))
    prefix = "base_model.model.model.language_model.layers"
    attention = [f"self_attn.{name}_proj" for name in "qkvo"]
    linears = [*attention, "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
    assert sorted(touched) == sorted(f"{prefix}.{layer}.{linear}" for layer in range(LAYERS) for linear in linears)


@pytest.mark.parametrize(
    ("scope", "inside", "outside"),
    [("language+projector", "proj", "fc1"), ("language+tower", "fc1", "multi_modal"), ("tower", "fc1", "language")],
)
def test_ablation_scopes_touch_what_they_say(fresh_base: ChatBase, scope: str, inside: str, outside: str) -> None:
    targets = fresh_base.scopes[scope]  # type: ignore[index]
    adapted = add_lora(fresh_base.model, LoraSettings(rank=2, alpha=4), name="probe", targets=targets)
    touched = touched_modules(adapted, "probe")
    language = [name for name in touched if ".language_model." in name]
    rest = [name for name in touched if ".language_model." not in name]
    assert len(language) == (0 if scope == "tower" else LAYERS * LINEARS_IN_A_LAYER)
    assert rest
    assert any(inside in name for name in rest)
    assert not any(outside in name for name in rest)


def test_a_suffix_list_is_refused_when_it_is_loaded(fresh_base: ChatBase, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    adapted = get_peft_model(fresh_base.model, LoraConfig(target_modules=["q_proj", "k_proj"]), "suffix")
    save_adapter(adapted, "suffix", tmp_path)
    with pytest.raises(AdapterScopeError, match="none of this base's scopes"):
        load_adapter(fresh_base.model, tmp_path, name="suffix", scopes=tuple(fresh_base.scopes.values()))


def test_an_adapter_comes_back_with_the_same_output(
    real_base: ChatBase, fresh_base: ChatBase, clip: MakeClip, tmp_path: Path
) -> None:
    example = three_clips(clip)
    adapted = add_lora(fresh_base.model, LoraSettings(rank=2, alpha=4), name="probe", targets=fresh_base.lora_targets)
    with torch.no_grad():
        for key, parameter in adapted.named_parameters():
            if ".lora_B." in key:
                parameter.normal_(0, 0.2)
    adapted.eval()
    (without,) = logits(real_base, [example])
    batch = fresh_base.batch([example])
    with torch.inference_mode():
        before = adapted(**batch.model_inputs()).logits[0]
    save_adapter(adapted, "probe", tmp_path)
    loaded = load_adapter(real_base.model, tmp_path, name="again", scopes=tuple(real_base.scopes.values()))
    activate(loaded, "again")
    with torch.inference_mode():
        after = loaded(**batch.model_inputs()).logits[0]
    loaded.unload()
    torch.testing.assert_close(after, before, atol=2e-3, rtol=0)
    assert float((after - without).abs().max()) > 0.01


def test_generate_goes_on_from_several_clips_the_same_alone_and_in_a_batch(real_base: ChatBase, clip: MakeClip) -> None:
    questions = [ask("a ", clip(1.0, seed=1), "b ", clip(2.0, seed=2), "?"), ask(clip(1.5, seed=3), "Well, and now?")]
    batch = real_base.batch(questions, "left")
    together = real_base.model.generate(**batch.model_inputs(), max_new_tokens=6)[:, batch.input_ids.shape[1] :]
    for row, question in zip(together, questions, strict=True):
        one = real_base.batch([question], "left")
        alone = real_base.model.generate(**one.model_inputs(), max_new_tokens=6)[0, one.input_ids.shape[1] :]
        assert row[: len(alone)].tolist() == alone.tolist()


def test_a_base_in_bfloat16_answers_and_reports_what_it_took(fresh_base: ChatBase, clip: MakeClip) -> None:
    fresh_base.model.to(torch.bfloat16)
    questions = [ask("a ", clip(1.0), "b ", clip(2.0, seed=1), "?"), ask(clip(1.0), "And?")]
    answers = answer_chats(fresh_base.model, fresh_base, questions, method="sample", seed=3, most_tokens=9)
    assert [each.prompt_tokens for each in answers] == [fresh_base.token_count(question) for question in questions]
    assert all(0 < each.answer_tokens <= 9 for each in answers)
    assert answers == answer_chats(fresh_base.model, fresh_base, questions, method="sample", seed=3, most_tokens=9)


def test_the_next_token_is_the_one_that_the_whole_pass_gives(real_base: ChatBase, clip: MakeClip) -> None:
    questions = [ask("a ", clip(1.0), "?"), ask(clip(2.0), "b ", clip(1.0), "And?")]
    last = next_chat_logits(real_base.model, real_base.batch(questions, "left"))
    for row, whole in zip(last, logits(real_base, questions, "left"), strict=True):
        torch.testing.assert_close(row, whole[-1], atol=1e-5, rtol=0)


def test_a_prompt_without_audio_is_answered_too(real_base: ChatBase) -> None:
    (out,) = logits(real_base, [ask("No audio here.", answer="none")])
    assert bool(torch.isfinite(out).all())


def test_a_clip_longer_than_the_model_hears_is_refused(real_base: ChatBase) -> None:
    with pytest.raises(ClipTooLongError, match="choose a shorter excerpt"):
        real_base.audio_tokens(round((real_base.max_clip_s + 1) * RATE))


def test_a_clip_without_a_single_audio_token_is_refused(real_base: ChatBase) -> None:
    with pytest.raises(ClipTooShortError, match="too few to hear"):
        real_base.audio_tokens(100)


def test_an_example_with_more_tokens_than_positions_is_refused(real_base: ChatBase) -> None:
    with pytest.raises(PromptTooLongError, match="8192"):
        real_base.batch([ask("x" * 9000)])
