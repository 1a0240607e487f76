"""The engine on an adapter of a real base: a small random Qwen2-Audio that was taught one answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datagen.requests import AdviceRequest, AdviceResult, ExcerptRef, TrackRef, to_json
from inference.chat_system import ask_chat
from inference.engine import advise
from inference.excerpt_audio import ClipLongerThanWindowError
from inference.loaded_models import SHIPPED, WEIGHTS_VARIABLE, loaded_models, models_for
from inference.systems import System, SystemEntryError, system_of
from training.adapters import ADAPTER_FILE, add_lora, save_adapter
from training.bases import qwen2_audio
from training.bases.base import Conversation, Turn
from training.bases.chat_base import ChatBase
from training.bases.loading import save_chat_base
from training.bases.registry import base_sha256
from training.chat_prompts import CHAT_PROMPT_VERSION, answer_text
from training.examples import Batch
from training.run_config import LoraSettings
from training.weights import Manifest, WeightsError, WrongBaseError, file_sha256, write_manifest

RATE = 44_100
WINDOW_S = 4
MOST_STEPS = 300
ADVICE = "Bass down 6 dB."
SYSTEM: dict[str, Any] = {
    "key": "seven_b",
    "kind": "model",
    "trained_on": "mix",
    "shown": "mix",
    "reference_kind": "none",
    "register": "terse",
}


def excerpt(seconds: float = WINDOW_S) -> ExcerptRef:
    return ExcerptRef(TrackRef("procedural", "study-00003"), 30 * RATE, round(seconds * RATE), RATE)


def request(system: dict[str, Any], **changes: Any) -> AdviceRequest:
    asked = AdviceRequest(
        item_id="item-1",
        excerpt=excerpt(),
        disturbance_db={"bass": 6.0},
        problem_level_db=1.5,
        reference_level_db=-2.0,
        reference_excerpt=excerpt(),
        reference_gains_db={},
        system=system,
        brief="rock, chorus, the vocals lead",
        seed=4,
    )
    return replace(asked, **changes)


def written(asked: AdviceRequest) -> AdviceResult:
    return advise(asked, lambda share, message: None)


def learn_by_heart(base: ChatBase, conversation: Conversation) -> Any:
    """An adapter that answers one prompt, however little it has understood."""
    torch.manual_seed(0)
    adapted = add_lora(base.model, LoraSettings(rank=16, alpha=32), name="heart", targets=base.lora_targets)
    batch: Batch = base.batch([conversation])
    matrices = [parameter for parameter in adapted.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(matrices, lr=0.015)
    wanted = batch.labels()[:, 1:]
    for _ in range(MOST_STEPS):
        out = adapted(**batch.model_inputs(), labels=batch.labels())
        if bool(torch.all((out.logits[:, :-1].argmax(dim=-1) == wanted) | (wanted == -100))):
            break
        out.loss.backward()
        torch.nn.utils.clip_grad_norm_(matrices, 1.0)
        optimiser.step()
        optimiser.zero_grad()
    return adapted


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a base of the real class and one adapter beside it."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("weights")
    base = qwen2_audio.from_tiny_random_config(0, window_s=WINDOW_S)
    with torch.no_grad():
        # A random head this small could never be certain of a token.
        base.model.lm_head.weight.mul_(6.0)
    save_chat_base(base, folder / "base")
    asked = ask_chat(request({**SYSTEM, "adapter": "x"}), _system(folder), base=base, adapter=None)
    answer = Turn("assistant", (answer_text("bass +6 dB", ADVICE),), taught=True)
    adapted = learn_by_heart(base, Conversation((*asked.conversation.turns, answer)))
    save_adapter(adapted, "heart", folder / "heart")
    write_manifest(folder / "heart", _manifest(folder))
    return folder


def _system(folder: Path) -> System:
    return system_of(request({**SYSTEM, "adapter": str(folder / "heart")}))


def _manifest(folder: Path, **changes: Any) -> Manifest:
    manifest = Manifest(
        kind="adapter",
        name="heart",
        weights_sha256=file_sha256(folder / "heart" / ADAPTER_FILE),
        base_sha256=base_sha256(folder / "base"),
        prompt_version=CHAT_PROMPT_VERSION,
        generator_version="test",
        trained_on="mix",
    )
    return replace(manifest, **changes)


def test_an_adapter_given_by_its_path_makes_advice_on_the_base_beside_it(weights: Path) -> None:
    result = written(request({**SYSTEM, "adapter": str(weights / "heart")}))
    assert result.text == ADVICE
    assert result.finding == "bass +6 dB"
    assert result.changes_db == {"bass": -6.0}
    assert json.loads(json.dumps(to_json(result)))["text"] == ADVICE


def test_a_result_says_which_base_adapter_and_prompt_made_it(weights: Path) -> None:
    provenance = written(request({**SYSTEM, "adapter": str(weights / "heart")})).provenance
    assert provenance["base"] == "qwen2_audio"
    assert provenance["base_sha256"] == base_sha256(weights / "base")
    assert provenance["adapter_sha256"] == file_sha256(weights / "heart" / ADAPTER_FILE)
    assert provenance["prompt_version"] == CHAT_PROMPT_VERSION
    assert "Audio 1, mix, problem: <problem/mix>" in provenance["prompt"]
    assert provenance["decoding"]["max_new_tokens"] == 256


def test_the_weights_folder_may_hold_a_real_base(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(weights))
    assert written(request({**SYSTEM, "adapter": "heart"})).text == ADVICE


def test_the_shipped_base_stays_the_one_for_shipped_adapters(weights: Path) -> None:
    assert models_for(str(weights / "heart")).base.name == "qwen2_audio"
    assert models_for("mix").folder == SHIPPED


def test_an_untuned_base_that_rambles_is_not_actionable(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(weights))
    result = written(request({**SYSTEM, "trained_on": "untuned"}))
    assert result.changes_db is None
    assert result.not_actionable


def test_every_condition_can_be_asked_and_hears_its_clips(weights: Path) -> None:
    base = loaded_models(weights).base
    assert isinstance(base, ChatBase)
    for shown, kind, clips in (("stems_ref", "same_passage", 8), ("mix_ref", "other_song", 2), ("stems", "none", 4)):
        asked = request({**SYSTEM, "shown": shown, "reference_kind": kind})
        prompt = ask_chat(asked, system_of(asked), base=base, adapter=None)
        assert len(prompt.prompt.clips) == clips
        assert base.batch([prompt.conversation]).input_features.shape[0] == clips


def test_gains_reach_the_waveform_of_their_stem(weights: Path) -> None:
    base = loaded_models(weights).base
    assert isinstance(base, ChatBase)

    def levels_db(gain_db: float) -> np.ndarray:
        asked = request({**SYSTEM, "shown": "stems"}, disturbance_db={"bass": gain_db})
        turns = ask_chat(asked, system_of(asked), base=base, adapter=None).conversation.turns
        waves = [piece.waveform for piece in turns[-1].content if not isinstance(piece, str)]
        return np.array([10 * np.log10(np.mean(np.square(wave, dtype=np.float64)) + 1e-20) for wave in waves])

    np.testing.assert_allclose(levels_db(6.0) - levels_db(0.0), [0.0, 6.0, 0.0, 0.0], atol=1e-3)


def test_an_adapter_trained_on_shuffled_stems_gets_an_order_drawn_by_item(weights: Path) -> None:
    base = loaded_models(weights).base
    assert isinstance(base, ChatBase)
    shuffled = _manifest(weights, training={"stem_order": "shuffled"})

    def order(item: str) -> tuple[str, ...]:
        asked = request({**SYSTEM, "shown": "stems"}, item_id=item)
        return ask_chat(asked, system_of(asked), base=base, adapter=shuffled).prompt.stems

    assert order("item-1") == order("item-1")
    assert len({order(f"item-{k}") for k in range(12)}) > 3


def test_an_adapter_of_another_prompt_version_is_refused(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "base").symlink_to(weights / "base")
    other = tmp_path / "other"
    other.mkdir()
    for path in (weights / "heart").iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    write_manifest(other, _manifest(weights, prompt_version="chat-0"))
    with pytest.raises(WrongBaseError, match="expects prompt version 'chat-0'"):
        written(request({**SYSTEM, "adapter": str(other)}))


def test_a_declared_training_that_the_adapter_did_not_have_is_refused(weights: Path) -> None:
    with pytest.raises(SystemEntryError, match="was trained on 'mix'"):
        written(request({**SYSTEM, "adapter": str(weights / "heart"), "trained_on": "stems"}))


def test_an_excerpt_longer_than_the_base_hears_is_refused(weights: Path) -> None:
    with pytest.raises(ClipLongerThanWindowError, match="the model hears 30"):
        written(request({**SYSTEM, "adapter": str(weights / "heart")}, excerpt=excerpt(30.5)))


def test_a_missing_adapter_is_named(weights: Path) -> None:
    with pytest.raises(WeightsError, match="nowhere"):
        written(request({**SYSTEM, "adapter": str(weights / "nowhere")}))
