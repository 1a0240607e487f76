"""A base is recognised by its folder, loaded from safetensors alone, and refused with one clear message."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from training.bases import qwen2_5_omni, qwen2_audio, tiny_qwen2_audio
from training.bases.chat_base import ChatBase
from training.bases.folders import MissingClassError, NotAnAudioBaseError
from training.bases.loading import load_chat_base, model_class, save_chat_base
from training.bases.registry import base_sha256, load_any_base, recognise
from training.bases.whisper_features import LevelLostError
from training.examples import question_and_answer
from training.tiny_base import save_base
from training.weights import WeightsError, file_sha256

from .conftest import MakeClip, ask

RELEASE_PREFIXES = (
    ("model.language_model.", "model."),
    ("model.audio_tower.", "audio_tower."),
    ("model.visual.", "visual."),
)


@pytest.fixture(scope="module")
def qwen_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("qwen2-audio")
    save_chat_base(qwen2_audio.from_tiny_random_config(1, window_s=6), folder)
    return folder


@pytest.fixture
def folder(qwen_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    for path in qwen_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def edit_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_every_real_base_comes_back_from_its_folder(real_base: ChatBase, tmp_path: Path, clip: MakeClip) -> None:
    save_chat_base(real_base, tmp_path)
    assert recognise(tmp_path) == real_base.name
    loaded = load_any_base(tmp_path, device="cpu", dtype=torch.float32)
    batch = real_base.batch([ask("a ", clip(1.0), "b ", clip(2.0, seed=1), "?")])
    with torch.inference_mode():
        torch.testing.assert_close(
            loaded.model(**batch.model_inputs()).logits, real_base.model(**batch.model_inputs()).logits
        )
    assert loaded.positions == real_base.positions


def test_the_tiny_base_is_told_from_the_large_one_of_the_same_class(tmp_path: Path) -> None:
    tiny = tiny_qwen2_audio.from_tiny_random_config(2)
    save_base(tiny.parts, tmp_path)
    assert recognise(tmp_path) == "tiny_qwen2_audio"
    loaded = load_any_base(tmp_path)
    example = question_and_answer("level", "3 dB", np.zeros((0, 128, 32), dtype=np.float32))
    assert loaded.token_count(example) == 5  # type: ignore[arg-type]
    assert (loaded.sample_rate, loaded.max_clip_s, loaded.audio_tokens(8000)) == (8000, 20.0, 4)


def test_the_whole_omni_model_gives_its_thinker_and_its_voices_stay_closed(tmp_path: Path) -> None:
    base = qwen2_5_omni.from_tiny_random_config(3, window_s=6)
    save_chat_base(base, tmp_path)
    tensors = {f"thinker.{_released(name)}": tensor for name, tensor in base.model.state_dict().items()}
    save_file({**tensors, "talker.thing": torch.zeros(1)}, tmp_path / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen2_5_omni", "thinker_config": config}))
    (tmp_path / "spk_dict.pt").write_bytes(b"never read")
    loaded = load_any_base(tmp_path)
    assert loaded.name == "qwen2_5_omni"
    for name, tensor in base.model.state_dict().items():
        torch.testing.assert_close(loaded.model.state_dict()[name], tensor)


def _released(name: str) -> str:
    for ours, released in RELEASE_PREFIXES:
        if name.startswith(ours):
            return released + name.removeprefix(ours)
    return name


def test_shards_are_read_and_hashed_together(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    shards = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for shard, held in shards.items():
        save_file({name: tensors[name] for name in held}, folder / shard, metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": {name: shard for shard, held in shards.items() for name in held}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert load_any_base(folder).name == "qwen2_audio"
    before = base_sha256(folder)
    save_file(
        {name: tensors[name] + 1 for name in names[1::2]}, folder / "model-2.safetensors", metadata={"format": "pt"}
    )
    assert base_sha256(folder) != before
    (folder / "model-2.safetensors").unlink()
    with pytest.raises(WeightsError, match="lacks the shards model-2"):
        load_any_base(folder)


def test_the_hash_of_one_file_is_its_own(folder: Path) -> None:
    assert base_sha256(folder) == file_sha256(folder / "model.safetensors")


def test_a_language_model_without_ears_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen2"}))
    with pytest.raises(NotAnAudioBaseError, match="'qwen2', not an audio-language model"):
        load_any_base(tmp_path)


def test_a_checkpoint_that_lost_its_audio_tower_is_refused_before_it_is_loaded(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    deaf = {name: tensor for name, tensor in tensors.items() if "audio_tower" not in name}
    save_file(deaf, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(NotAnAudioBaseError, match="hold no audio_tower: this base cannot hear"):
        load_any_base(folder)


def test_a_missing_tensor_is_refused_and_never_made_up(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors[next(name for name in tensors if "multi_modal_projector" in name)]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsError, match="multi_modal_projector"):
        load_any_base(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "extra.pt", "spk_dict.pt"])
def test_a_pickle_beside_the_weights_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\x80\x04}.")
    with pytest.raises(WeightsError, match="pickled weights"):
        load_any_base(folder)


def test_a_front_end_that_normalises_is_refused(folder: Path) -> None:
    edit_json(folder / "preprocessor_config.json", do_normalize=True)
    with pytest.raises(LevelLostError, match="take away the level"):
        load_any_base(folder)


def test_a_tokenizer_of_another_base_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    edit_json(folder / "config.json", audio_token_index=7)
    with pytest.raises(WeightsError, match="token 259 of the tokenizer and 7 of the model"):
        load_any_base(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff"])
def test_an_unreadable_config_is_one_clear_message(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(WeightsError, match=r"config\.json"):
        recognise(tmp_path)


def test_a_missing_folder_says_that_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="nothing is fetched"):
        load_any_base(tmp_path / "Qwen" / "Qwen2-Audio-7B")


def test_a_transformers_without_the_class_says_which_version_has_it() -> None:
    settings = {**vars(qwen2_audio.FAMILY), "class_name": "NoSuchModel"}
    del settings["scopes"]
    with pytest.raises(MissingClassError, match=r"has no NoSuchModel.*install 5"):
        model_class(type(qwen2_audio.FAMILY)(**settings))


def test_the_prompt_is_what_the_stock_processor_makes_where_it_takes_several_clips(clip: MakeClip) -> None:
    base = qwen2_audio.from_tiny_random_config(0, window_s=6)
    first, second = clip(1.0), clip(4.0, seed=1)
    processor = transformers.Qwen2AudioProcessor(base.extractor, base.tokenizer)
    text = (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nA: <|audio_bos|><|AUDIO|>"
        "<|audio_eos|>B: <|audio_bos|><|AUDIO|><|audio_eos|>?<|im_end|>\n<|im_start|>assistant\n"
    )
    stock = processor(text=[text], audio=[first.waveform, second.waveform], sampling_rate=16_000, return_tensors="pt")
    ours = base.batch([ask("A: ", first, "B: ", second, "?")])
    assert stock["input_ids"].tolist() == ours.input_ids.tolist()
    assert stock["feature_attention_mask"].tolist() == ours.feature_attention_mask.tolist()
    torch.testing.assert_close(stock["input_features"], ours.input_features, atol=1e-5, rtol=0)


def test_loading_by_family_keeps_dtype_and_device(qwen_folder: Path) -> None:
    base = load_chat_base(qwen_folder, qwen2_audio.FAMILY, device="cpu", dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in base.model.parameters()} == {torch.bfloat16}
