"""A base from a local folder: checked first, then loaded by its class in transformers. Nothing is ever fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoTokenizer, GenerationConfig, WhisperFeatureExtractor

from training.bases.chat_base import ChatBase
from training.bases.chat_rows import TURN_END, ConversationError, token_id
from training.bases.family import Family
from training.bases.folders import MissingClassError, read_json, require_tensors, weight_files
from training.bases.whisper_features import require_level
from training.weights import WeightsError

PREPROCESSOR_FILE = "preprocessor_config.json"
PROCESSOR_FILE = "processor_config.json"
FEWEST_VERSION = "5.23.0"
"""The version of transformers whose module names are used here."""
AUDIO_TOWER = "audio_tower"


def model_class(family: Family) -> Any:
    """The family's class. Raises MissingClassError when the installed transformers does not have it."""
    found = getattr(transformers, family.class_name, None)
    if found is None:
        raise MissingClassError(
            f"transformers {transformers.__version__} has no {family.class_name}, which {family.name} needs; "
            f"install {FEWEST_VERSION} or later"
        )
    return found


def choose_device() -> tuple[str, torch.dtype]:
    """The GPU with bfloat16 where there is one, else the CPU with float32."""
    return ("cuda", torch.bfloat16) if torch.cuda.is_available() else ("cpu", torch.float32)


def load_chat_base(
    folder: Path, family: Family, *, device: str | None = None, dtype: torch.dtype | None = None
) -> ChatBase:
    """A real base from a local folder, in evaluation mode; device and dtype as `choose_device` says unless given.

    Raises WeightsError (and its kinds) for missing, pickled or incomplete weights, a front end that loses level, or a
    class that is not installed.
    """
    files = weight_files(folder, never_opened=family.never_opened)
    require_tensors(folder, files, part=AUDIO_TOWER)
    extractor = _extractor(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    chosen_device, chosen_dtype = choose_device()
    model = _model(folder, family, device=device or chosen_device, dtype=dtype or chosen_dtype)
    return make_chat_base(family, model, tokenizer, extractor)


def make_chat_base(family: Family, model: Any, tokenizer: Any, extractor: Any) -> ChatBase:
    """A base from its parts: decoding is greedy and ends with the turn. Raises WeightsError when they do not fit."""
    try:
        end = token_id(tokenizer, TURN_END)
        audio = token_id(tokenizer, family.audio_mark)
    except ConversationError as error:
        raise WeightsError(str(error)) from error
    if audio != model.config.audio_token_id:
        raise WeightsError(
            f"{family.audio_mark} is token {audio} of the tokenizer and {model.config.audio_token_id} of the model; "
            "copy the whole folder of the base again"
        )
    model.generation_config = GenerationConfig(
        do_sample=False, num_beams=1, eos_token_id=end, pad_token_id=tokenizer.pad_token_id
    )
    positions = min(int(model.config.get_text_config().max_position_embeddings), int(tokenizer.model_max_length))
    return ChatBase(family, model.eval(), tokenizer, extractor, positions)


def save_chat_base(base: ChatBase, folder: Path) -> None:
    """Write a base as a folder that `load_chat_base` reads: safetensors, tokenizer, front end."""
    folder.mkdir(parents=True, exist_ok=True)
    base.model.save_pretrained(folder)
    base.tokenizer.save_pretrained(folder)
    base.extractor.save_pretrained(folder)


def _model(folder: Path, family: Family, *, device: str, dtype: torch.dtype) -> Any:
    # On a CPU the backward pass of fused attention is slower than the plain one's.
    attention = "eager" if device == "cpu" else "sdpa"
    model, report = model_class(family).from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=dtype, attn_implementation=attention,
        output_loading_info=True,
    )  # fmt: skip
    missing = sorted(report["missing_keys"])
    if missing:
        raise WeightsError(
            f"{folder} lacks {len(missing)} tensors of {family.class_name}, for example {missing[0]}; they would be "
            "random. Copy the whole folder of the base again"
        )
    return model.to(device)


def _extractor(folder: Path) -> Any:
    settings = _extractor_settings(folder)
    require_level(settings, where=str(folder / PREPROCESSOR_FILE))
    return WhisperFeatureExtractor.from_dict({**settings, "dither": 0.0, "do_normalize": False})


def _extractor_settings(folder: Path) -> dict[str, Any]:
    # Newer folders keep the front end inside processor_config.json.
    if (folder / PREPROCESSOR_FILE).is_file():
        return read_json(folder / PREPROCESSOR_FILE)
    settings = read_json(folder / PROCESSOR_FILE).get("feature_extractor")
    if not isinstance(settings, dict):
        raise WeightsError(f"{folder} has no {PREPROCESSOR_FILE}; copy the whole folder of the base again")
    return settings
