"""Examples and batches: what is taught, and that a batch gives what its examples give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from datagen.corrections import residual_imbalance_db
from datagen.words import REFERENCE_KINDS, STEMS
from training.advice_tasks import advice_example
from training.answering import answer, next_token_logits, prompt_example
from training.examples import make_batch
from training.loss import label_table, taught_loss
from training.pretraining_tasks import TASKS
from training.prompts import advice_prompt
from training.scenes import Scene, SceneSettings, draw_scene, scene_clips
from training.songs_cache import Songs
from training.tiny_base import Base, load_base, save_base
from training.tokenizer import ADVICE, EOS, decode


def scene_of(songs: Songs, kind: str, *, seed: int = 0) -> Scene:
    return draw_scene(np.random.default_rng(seed), songs, reference_kind=kind, settings=SceneSettings())


@pytest.mark.parametrize("kind", REFERENCE_KINDS)
def test_the_answer_of_an_example_is_finding_then_advice(small_base: Base, noise_songs: Songs, kind: str) -> None:
    example = advice_example(
        np.random.default_rng(1), noise_songs, shown="stems_ref", kinds={kind: 1.0}, settings=SceneSettings()
    )
    batch = make_batch([example], tokenizer=small_base.tokenizer, features=small_base.features)
    taught = small_base.tokenizer.convert_ids_to_tokens(batch.input_ids[0][batch.taught[0]].tolist())
    assert taught[-1] == EOS
    assert taught.count(ADVICE) == 1
    assert ("overall" in taught) == (kind != "none")


@pytest.mark.parametrize("task", sorted(TASKS))
def test_every_pretraining_task_teaches_its_answer_and_not_its_question(
    small_base: Base, noise_songs: Songs, task: str
) -> None:
    example = TASKS[task](np.random.default_rng(2), noise_songs)
    batch = make_batch([example], tokenizer=small_base.tokenizer, features=small_base.features)
    audio = small_base.model.config.audio_token_id
    assert batch.taught.any()
    assert not (batch.taught & (batch.input_ids == audio)).any()
    assert not decode(small_base.tokenizer, batch.input_ids[0].tolist()).count("<unk>")


def test_the_finding_undoes_the_disturbance(noise_songs: Songs) -> None:
    for seed in range(40):
        scene = scene_of(noise_songs, "same_passage", seed=seed)
        applied = {stem: -value for stem, value in zip(STEMS, scene.differences_db, strict=True)}
        assert residual_imbalance_db(scene.disturbance_db, applied, STEMS) < 1e-9


def test_the_overall_difference_is_that_of_the_unchanged_stems(noise_songs: Songs) -> None:
    scene = scene_of(noise_songs, "same_passage", seed=4)
    assert scene.reference is not None
    raw = scene.problem.gains_db - scene.reference.gains_db
    unchanged = [k for k, value in enumerate(scene.differences_db) if value == 0.0]
    np.testing.assert_allclose(raw[unchanged], scene.overall_db, atol=1e-5)


def test_a_batch_gives_what_its_examples_give_alone(small_base: Base, noise_songs: Songs) -> None:
    model = small_base.model.eval()
    examples = [
        prompt_example(prompt, scene_clips(scene_of(noise_songs, kind), prompt.clips, noise_songs))
        for kind, shown in (("same_passage", "stems_ref"), ("none", "stems_ref"), ("none", "mix"))
        for prompt in [advice_prompt(shown, reference_kind=kind, wording=3)]
    ]
    make = lambda chosen: make_batch(  # noqa: E731
        chosen, tokenizer=small_base.tokenizer, features=small_base.features, side="left"
    )
    together = model(**_inputs(make(examples)), position_ids=_positions(make(examples))).logits[:, -1]
    alone = torch.cat([next_token_logits(model, make([example])) for example in examples])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)
    batched = answer(model, small_base, examples)
    single = [answer(model, small_base, [example])[0] for example in examples]
    assert batched == single


def _inputs(batch: object) -> dict[str, torch.Tensor]:
    names = ("input_ids", "attention_mask", "input_features", "feature_attention_mask")
    return {name: getattr(batch, name) for name in names}


def _positions(batch: object) -> torch.Tensor:
    return (batch.attention_mask.cumsum(-1) - 1).clamp(min=0)  # type: ignore[attr-defined]


def test_soft_labels_keep_zero_and_words_hard(small_base: Base) -> None:
    table = label_table(small_base.tokenizer, soft_label_db=0.6)
    ids = small_base.tokenizer.convert_tokens_to_ids
    torch.testing.assert_close(table.sum(dim=1), torch.ones(len(small_base.tokenizer)))
    assert table[ids("0"), ids("0")] == 1.0
    assert table[ids("bass"), ids("bass")] == 1.0
    assert table[ids("3"), ids("3.5")] == pytest.approx(float(table[ids("3"), ids("2.5")]))
    assert table[ids("0.5"), ids("0")] == 0.0


def test_a_saved_base_comes_back_in_float32_with_the_same_loss(
    small_base: Base, noise_songs: Songs, tmp_path: Path
) -> None:
    save_base(small_base, tmp_path)
    loaded = load_base(tmp_path)
    example = TASKS["difference"](np.random.default_rng(0), noise_songs)
    table = label_table(loaded.tokenizer, soft_label_db=0.0)
    losses = [
        float(taught_loss(b.model, make_batch([example], tokenizer=b.tokenizer, features=b.features), table))
        for b in (small_base, loaded)
    ]
    assert losses[0] == pytest.approx(losses[1], abs=2e-2)
    assert loaded.model.dtype == torch.float32
    assert loaded.features == small_base.features
