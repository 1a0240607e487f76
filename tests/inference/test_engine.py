"""The engine on the shipped weights: what is returned was decoded from what was heard, and nothing else."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from datagen.requests import AdviceRequest, AdviceResult, ExcerptRef, TrackRef, to_json
from datagen.words import STEMS
from inference.engine import advise
from inference.excerpt_audio import ClipLongerThanWindowError, check_length
from inference.loaded_models import SHIPPED, WEIGHTS_VARIABLE, loaded_models
from inference.model_system import NoEffectError, ask, model_advice
from inference.systems import SystemEntryError, system_of
from training.adapters import ADAPTER_FILE, AdapterWithoutEffectError
from training.features import FeatureSettings
from training.reading import read_changes
from training.weights import WeightsError, WrongBaseError, file_sha256

RATE = 44_100
DIFFERENTIAL = {
    "key": "differential",
    "kind": "model",
    "adapter": "stems_ref",
    "trained_on": "stems_ref",
    "shown": "stems_ref",
    "reference_kind": "same_passage",
    "register": "terse",
}
BASELINE = {**DIFFERENTIAL, "key": "baseline", "adapter": "mix", "trained_on": "mix", "shown": "mix"}
BASELINE["reference_kind"] = "none"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def excerpt(key: str = "study-00003", *, start_s: float = 30.0, seconds: float = 20.0) -> ExcerptRef:
    return ExcerptRef(TrackRef("procedural", key), round(start_s * RATE), round(seconds * RATE), RATE)


def request(system: dict[str, Any] = DIFFERENTIAL, **changes: Any) -> AdviceRequest:
    asked = AdviceRequest(
        item_id="item-1",
        excerpt=excerpt(),
        disturbance_db={"bass": 6.0},
        problem_level_db=1.5,
        reference_level_db=-2.0,
        reference_excerpt=excerpt(),
        reference_gains_db={},
        system=system,
        seed=4,
    )
    return replace(asked, **changes)


def written(asked: AdviceRequest) -> AdviceResult:
    return advise(asked, lambda share, message: None)


def weights_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = folder / "weights"
    shutil.copytree(SHIPPED, copy)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(copy))
    return copy


def test_the_differential_hears_what_was_done_to_the_bass() -> None:
    result = written(request())
    assert result.changes_db is not None
    assert result.changes_db["bass"] == pytest.approx(-6.0, abs=1.5)
    assert "bass" in result.text.lower()
    assert result.not_actionable == ""


def test_another_references_audio_changes_the_answer() -> None:
    first = written(request())
    louder_bass = written(request(reference_gains_db={"bass": 6.0, "vocals": -6.0}))
    assert first.changes_db != louder_bass.changes_db
    assert first.text != louder_bass.text


def test_a_common_level_of_problem_or_reference_does_not_change_the_correction() -> None:
    first = written(request())
    shifted = written(request(problem_level_db=-3.0, reference_level_db=4.0))
    assert shifted.changes_db == first.changes_db


def test_the_same_request_gives_the_same_advice() -> None:
    first, second = written(request()), written(request())
    assert (first.text, first.finding, first.changes_db) == (second.text, second.finding, second.changes_db)


@pytest.mark.parametrize(
    "system", [DIFFERENTIAL, BASELINE, {**DIFFERENTIAL, "shown": "stems", "reference_kind": "none"}]
)
def test_every_shipped_system_writes_advice_that_can_be_read_and_names_no_reference(system: dict[str, Any]) -> None:
    result = written(request(system))
    assert result.text
    assert "reference" not in result.text.lower()
    assert result.changes_db == read_changes(result.text)[0]
    assert all(stem in STEMS for stem in result.changes_db or {})


def test_the_finding_lists_every_stem() -> None:
    finding = written(request()).finding
    heard, overall, differences = finding.split("; ")
    assert overall.startswith("overall")
    assert all(stem in heard and stem in differences for stem in STEMS)


def test_adapters_do_not_mix_when_jobs_of_both_systems_take_turns() -> None:
    alone = [written(request(system)).text for system in (DIFFERENTIAL, BASELINE)]
    turns = [written(request(system)).text for system in (BASELINE, DIFFERENTIAL, BASELINE, DIFFERENTIAL)]
    assert turns == [alone[1], alone[0], alone[1], alone[0]]


def test_a_result_says_what_made_it_and_survives_json() -> None:
    result = written(request())
    provenance = result.provenance
    assert provenance["base_sha256"] == file_sha256(SHIPPED / "base" / "model.safetensors")
    assert provenance["adapter_sha256"] == file_sha256(SHIPPED / "stems_ref" / ADAPTER_FILE)
    needed = {"prompt_version", "prompt_sha256", "decoding", "tokens", "versions", "seconds", "clip_seconds", "shown"}
    assert needed <= set(provenance)
    assert json.loads(json.dumps(to_json(result)))["text"] == result.text


def test_the_prompt_says_no_level_and_no_gain() -> None:
    prompt = written(request()).provenance["prompt"]
    assert not any(character.isdigit() for character in prompt.split("advise")[0])


def test_the_features_of_a_request_follow_its_gains() -> None:
    def features(gain_db: float) -> np.ndarray:
        asked = request(disturbance_db={"bass": gain_db})
        return ask(asked, system_of(asked), features=FeatureSettings()).example.clips

    shift = features(6.0) - features(0.0)
    np.testing.assert_allclose(shift[2], 6.0 / 40, atol=1e-3)
    np.testing.assert_allclose(shift[[0, 1, 3, 4, 5, 6, 7]], 0.0, atol=1e-6)


def test_sampled_advice_is_the_models_own_and_the_same_for_the_same_seed() -> None:
    sampled = {**BASELINE, "decoding": {"method": "sample"}}
    texts = [written(request(sampled, item_id=f"item-{k}")).text for k in range(6)]
    assert texts == [written(request(sampled, item_id=f"item-{k}")).text for k in range(6)]
    assert len(set(texts)) > 1
    with pytest.raises(SystemEntryError, match="decoding method"):
        written(request({**BASELINE, "decoding": {"method": "beam"}}))


@pytest.mark.parametrize("seconds", [4.0, 6.08])
def test_a_short_excerpt_is_heard_and_its_length_recorded(seconds: float) -> None:
    short = excerpt(seconds=seconds)
    result = written(request(excerpt=short, reference_excerpt=short))
    assert result.provenance["clip_seconds"]["problem"] == pytest.approx(seconds, abs=1e-3)
    assert result.text


@pytest.mark.parametrize("seconds", [20.5, 30.0, 30.001, 40.0])
def test_an_excerpt_beyond_the_window_is_refused_and_nothing_is_cut_silently(seconds: float) -> None:
    with pytest.raises(ClipLongerThanWindowError, match="the model hears 20"):
        written(request(excerpt=excerpt(seconds=seconds)))


def test_an_excerpt_of_exactly_the_window_is_accepted() -> None:
    assert check_length(excerpt(seconds=20.0), window_s=20.0, side="problem") == 20.0


def test_the_oracle_is_exact_and_says_that_its_text_is_no_models() -> None:
    oracle = {"key": "oracle", "kind": "oracle", "shown": "stems_ref", "reference_kind": "same_passage"}
    result = written(request(oracle, disturbance_db={"bass": 6.0, "vocals": -2.5}))
    assert result.changes_db == {"bass": -6.0, "vocals": 2.5}
    assert result.provenance["text"].startswith("written by")
    assert "base_sha256" not in result.provenance


def test_the_constant_system_changes_nothing() -> None:
    result = written(request({"key": "nothing", "kind": "constant"}))
    assert result.changes_db == {}
    assert read_changes(result.text)[0] == {}


def test_everything_wrong_with_a_system_entry_is_said_at_once() -> None:
    wrong = {"key": "x", "kind": "model", "shown": "ears", "trained_on": "luck", "register": "sung"}
    with pytest.raises(SystemEntryError) as caught:
        written(request(wrong))
    for word in ("ears", "luck", "sung"):
        assert word in str(caught.value)


def test_a_missing_reference_is_refused() -> None:
    with pytest.raises(SystemEntryError, match="no reference excerpt"):
        written(request(reference_excerpt=None))


def test_an_adapter_that_was_trained_on_something_else_than_declared_is_refused() -> None:
    with pytest.raises(SystemEntryError, match="was trained on 'mix'"):
        written(request({**DIFFERENTIAL, "adapter": "mix"}))


def test_a_shuffled_reference_must_be_of_another_track() -> None:
    shuffled = {**DIFFERENTIAL, "kind": "shuffled_reference"}
    with pytest.raises(SystemEntryError, match="another track"):
        written(request(shuffled))
    assert written(request(shuffled, reference_excerpt=excerpt("study-00005", start_s=10.0))).text


def test_pickled_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = weights_copy(tmp_path, monkeypatch)
    (copy / "stems_ref" / "adapter_model.bin").write_bytes(b"\x80\x04}.")
    with pytest.raises(WeightsError, match="pickled weights"):
        written(request())


def test_an_adapter_of_another_base_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = weights_copy(tmp_path, monkeypatch)
    manifest = json.loads((copy / "stems_ref" / "manifest.json").read_text())
    (copy / "stems_ref" / "manifest.json").write_text(json.dumps({**manifest, "base_sha256": "0" * 64}))
    with pytest.raises(WrongBaseError, match="trained on base"):
        written(request())


def test_an_adapter_whose_matrices_are_zero_is_an_error_and_not_an_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = weights_copy(tmp_path, monkeypatch)
    path = copy / "stems_ref" / ADAPTER_FILE
    save_file({key: torch.zeros_like(tensor) for key, tensor in load_file(path).items()}, path, {"format": "pt"})
    manifest = json.loads((path.parent / "manifest.json").read_text())
    (path.parent / "manifest.json").write_text(json.dumps({**manifest, "weights_sha256": file_sha256(path)}))
    with pytest.raises(AdapterWithoutEffectError, match="changes nothing"):
        written(request())


def test_audio_that_never_reaches_the_model_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = weights_copy(tmp_path, monkeypatch)
    models = loaded_models(copy)
    with torch.no_grad():
        models.base.model.model.multi_modal_projector.linear.weight.zero_()
    asked = request()
    with pytest.raises(NoEffectError, match="audio never reached the model"):
        model_advice(asked, system_of(asked))


def test_the_base_is_loaded_once_a_process() -> None:
    written(request())
    assert loaded_models(SHIPPED) is loaded_models(SHIPPED)
