"""LoRA touches the language model's linears alone, is saved without pickles, and cannot be switched by accident."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.adapters import (
    ADAPTER_FILE,
    LANGUAGE_LINEARS,
    AdapterWithoutEffectError,
    activate,
    add_lora,
    check_scope,
    load_adapter,
    save_adapter,
    touched_modules,
)
from training.run_config import LoraSettings
from training.tiny_base import Base, build_tiny_base
from training.weights import WeightsError

from .conftest import SMALL

LINEARS_IN_A_LAYER = 7


def with_effect(base: Base, name: str) -> object:
    adapted = add_lora(base.model, LoraSettings(rank=4, alpha=8), name=name)
    with torch.no_grad():
        for key, parameter in adapted.named_parameters():
            if ".lora_B." in key:
                parameter.normal_(0, 0.02)
    return adapted


def test_lora_touches_all_linears_of_the_language_model_and_nothing_else(small_base: Base) -> None:
    adapted = add_lora(small_base.model, LoraSettings(), name="probe")
    touched = touched_modules(adapted, "probe")
    assert len(touched) == SMALL.language_layers * LINEARS_IN_A_LAYER
    assert all("language_model.layers" in module for module in touched)


def test_only_lora_matrices_are_trained(small_base: Base) -> None:
    adapted = add_lora(small_base.model, LoraSettings(), name="probe")
    trained = [key for key, parameter in adapted.named_parameters() if parameter.requires_grad]
    assert trained
    assert all(".lora_" in key for key in trained)
    assert not any("audio_tower" in key or "projector" in key or "lm_head" in key for key in trained)


def test_a_suffix_list_would_have_touched_the_audio_tower(small_base: Base) -> None:
    from peft import LoraConfig, get_peft_model

    adapted = get_peft_model(small_base.model, LoraConfig(target_modules=["q_proj", "k_proj", "v_proj"]), "suffix")
    with pytest.raises(WeightsError, match="audio_tower"):
        check_scope(adapted, "suffix")
    assert "audio_tower" not in LANGUAGE_LINEARS


def test_a_saved_adapter_comes_back_with_the_same_output(small_base: Base, tmp_path: Path) -> None:
    adapted = with_effect(small_base, "probe")
    tokens = torch.arange(10, 30)[None]
    with torch.inference_mode():
        before = adapted(input_ids=tokens).logits  # type: ignore[operator]
    save_adapter(adapted, "probe", tmp_path)  # type: ignore[arg-type]
    loaded = load_adapter(build_tiny_base(SMALL, seed=3).model, tmp_path, name="again")
    activate(loaded, "again")
    with torch.inference_mode():
        after = loaded(input_ids=tokens).logits
    torch.testing.assert_close(after, before, atol=2e-3, rtol=0)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}


def test_an_adapter_that_changes_nothing_is_refused(small_base: Base, tmp_path: Path) -> None:
    save_adapter(add_lora(small_base.model, LoraSettings(), name="fresh"), "fresh", tmp_path)
    with pytest.raises(AdapterWithoutEffectError, match="changes nothing"):
        load_adapter(build_tiny_base(SMALL, seed=3).model, tmp_path, name="fresh")


def test_a_pickle_beside_the_adapter_is_refused_before_anything_is_read(small_base: Base, tmp_path: Path) -> None:
    save_adapter(with_effect(small_base, "probe"), "probe", tmp_path)  # type: ignore[arg-type]
    (tmp_path / "adapter_model.bin").write_bytes(b"\x80\x04}.")
    with pytest.raises(WeightsError, match="pickled weights"):
        load_adapter(build_tiny_base(SMALL, seed=3).model, tmp_path, name="probe")
    assert (tmp_path / ADAPTER_FILE).exists()


def test_activating_one_of_two_adapters_leaves_only_that_one_active(small_base: Base, tmp_path: Path) -> None:
    save_adapter(with_effect(small_base, "first"), "first", tmp_path)  # type: ignore[arg-type]
    model = load_adapter(build_tiny_base(SMALL, seed=3).model, tmp_path, name="one")
    model = load_adapter(model, tmp_path, name="two")
    activate(model, "two")
    assert list(model.active_adapters) == ["two"]
    activate(model, "one")
    assert list(model.active_adapters) == ["one"]
