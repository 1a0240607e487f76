"""Folders of weights say what they are, and a wrong pairing is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from training.weights import (
    Manifest,
    WeightsError,
    WrongBaseError,
    file_sha256,
    read_manifest,
    require_safetensors,
    require_same_base,
    write_manifest,
)


def folder_of_weights(folder: Path, content: bytes = b"weights") -> Manifest:
    (folder / "model.safetensors").write_bytes(content)
    sha256 = file_sha256(folder / "model.safetensors")
    manifest = Manifest("base", "tiny", sha256, sha256, "tiny-1", "1", training={"seed": 1})
    write_manifest(folder, manifest)
    return manifest


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    written = folder_of_weights(tmp_path)
    assert read_manifest(tmp_path, weights_file="model.safetensors") == written


def test_weights_that_changed_after_the_manifest_are_refused(tmp_path: Path) -> None:
    folder_of_weights(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(WeightsError, match="not the file its manifest describes"):
        read_manifest(tmp_path, weights_file="model.safetensors")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "adapter.pt", "optimizer.PKL", "model.ckpt"])
def test_any_pickle_in_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder_of_weights(tmp_path)
    (tmp_path / name).write_bytes(b"\x80\x04")
    with pytest.raises(WeightsError, match="can run code"):
        require_safetensors(tmp_path, "model.safetensors")


def test_a_missing_folder_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="python -m training ship"):
        require_safetensors(tmp_path / "nowhere", "model.safetensors")


def test_a_broken_manifest_is_a_named_error(tmp_path: Path) -> None:
    folder_of_weights(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"kind": "base"}), encoding="utf-8")
    with pytest.raises(WeightsError, match=r"manifest\.json cannot be read"):
        read_manifest(tmp_path, weights_file="model.safetensors")


def test_an_adapter_of_another_base_or_prompt_version_is_refused(tmp_path: Path) -> None:
    base = folder_of_weights(tmp_path)
    adapter = replace(base, kind="adapter", name="mix", base_sha256=base.weights_sha256)
    require_same_base(adapter, base)
    with pytest.raises(WrongBaseError, match="trained on base"):
        require_same_base(replace(adapter, base_sha256="0" * 64), base)
    with pytest.raises(WrongBaseError, match="prompt version"):
        require_same_base(replace(adapter, prompt_version="tiny-0"), base)
