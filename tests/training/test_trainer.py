"""The training loop: the same losses after a kill, a lost loss keeps the last checkpoint, nothing is pickled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from training.checkpoints import NoSpaceError, last_checkpoint
from training.loss import LossNotFiniteError, label_table, taught_loss
from training.progress import METRICS_FILE, read_metrics
from training.schedule import LoopSettings, rate_share
from training.songs_cache import Songs
from training.step_data import RunData
from training.tiny_base import Base, build_tiny_base
from training.trainer import train
from training.weights import PICKLE_SUFFIXES

from .conftest import SMALL
from .killed_run import STEPS, data_of, losses_of

SETTINGS = LoopSettings(steps=6, learning_rate=1e-3, warmup_steps=2, log_every=1, checkpoint_every=2)


def run(songs: Songs, folder: Path, settings: LoopSettings = SETTINGS, *, data: RunData | None = None) -> Base:
    base = build_tiny_base(SMALL, seed=3)
    loss = partial(taught_loss, table=label_table(base.tokenizer, soft_label_db=0.6))
    made = data or data_of(base, songs)
    train(base.model, made, loss, settings=settings, seed=1, folder=folder, log=lambda _: None)
    return base


def test_losses_and_weights_are_those_of_a_plain_loop_over_the_same_batches(noise_songs: Songs, tmp_path: Path) -> None:
    trained = run(noise_songs, tmp_path).model
    base = build_tiny_base(SMALL, seed=3)
    data, table = data_of(base, noise_songs), label_table(base.tokenizer, soft_label_db=0.6)
    optimiser = torch.optim.AdamW(base.model.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    losses = []
    for step in range(SETTINGS.steps):
        for group in optimiser.param_groups:
            group["lr"] = SETTINGS.learning_rate * rate_share(step, SETTINGS)
        loss = taught_loss(base.model, data.make(step, 0), table)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(base.model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss.detach()))
    assert losses_of(tmp_path) == pytest.approx(losses, abs=1e-5)
    torch.testing.assert_close(trained.lm_head.weight, base.model.lm_head.weight, atol=1e-6, rtol=1e-5)


def test_a_step_of_two_parts_has_the_mean_of_their_losses(noise_songs: Songs, tmp_path: Path) -> None:
    base = build_tiny_base(SMALL, seed=3)
    whole = data_of(base, noise_songs)
    both = RunData(lambda step, part, share: whole.make(2 * step + part, 0, share), parts=2)
    table = label_table(base.tokenizer, soft_label_db=0.6)
    with torch.no_grad():
        expected = sum(float(taught_loss(base.model, whole.make(k, 0), table)) for k in (0, 1)) / 2
    run(noise_songs, tmp_path, LoopSettings(steps=1, learning_rate=1e-3, log_every=1), data=both)
    assert losses_of(tmp_path) == pytest.approx([expected], abs=1e-5)


def test_batches_made_beside_the_training_are_the_same(noise_songs: Songs, tmp_path: Path) -> None:
    run(noise_songs, tmp_path / "between")
    run(noise_songs, tmp_path / "beside", LoopSettings(**{**vars(SETTINGS), "data_workers": 2}))
    assert losses_of(tmp_path / "beside") == losses_of(tmp_path / "between")


def test_a_resumed_run_has_the_losses_and_weights_of_one_that_was_not_stopped(
    noise_songs: Songs, tmp_path: Path
) -> None:
    stopped = LoopSettings(**{**vars(SETTINGS), "steps": 3, "warmup_steps": 1000})
    longer = LoopSettings(**{**vars(SETTINGS), "warmup_steps": 1000})
    straight = run(noise_songs, tmp_path / "straight", longer).model
    run(noise_songs, tmp_path / "resumed", stopped)
    resumed = run(noise_songs, tmp_path / "resumed", longer).model
    assert losses_of(tmp_path / "resumed") == pytest.approx(losses_of(tmp_path / "straight"), abs=1e-5)
    torch.testing.assert_close(resumed.lm_head.weight, straight.lm_head.weight, atol=1e-6, rtol=1e-5)


def test_a_killed_run_goes_on_with_the_same_losses(noise_songs: Songs, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.killed_run", str(tmp_path / "killed")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    first = subprocess.run(command, env=environment, check=False, cwd=Path(__file__).parents[2])
    assert first.returncode == -signal.SIGKILL
    before = read_metrics(tmp_path / "killed" / METRICS_FILE)
    assert 0 < len(before) < STEPS
    assert last_checkpoint(tmp_path / "killed") is not None
    settings = LoopSettings(**{**vars(SETTINGS), "steps": STEPS})
    run(noise_songs, tmp_path / "killed", settings)
    run(noise_songs, tmp_path / "straight", settings)
    assert losses_of(tmp_path / "killed") == pytest.approx(losses_of(tmp_path / "straight"), abs=1e-5)


def test_a_checkpoint_that_was_half_written_is_passed_over(noise_songs: Songs, tmp_path: Path) -> None:
    run(noise_songs, tmp_path)
    whole = last_checkpoint(tmp_path)
    (tmp_path / "checkpoint-8").mkdir()
    (tmp_path / "checkpoint-9").mkdir()
    (tmp_path / "checkpoint-9" / "trainer_state.json").write_text('{"global_st', encoding="utf-8")
    assert whole is not None
    assert last_checkpoint(tmp_path) == whole


def test_checkpoints_hold_no_pickle(noise_songs: Songs, tmp_path: Path) -> None:
    run(noise_songs, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".jsonl", ".safetensors"}
    assert not any(path.suffix in PICKLE_SUFFIXES for path in files)


def test_a_lost_loss_stops_the_run_and_keeps_the_last_checkpoint(noise_songs: Songs, tmp_path: Path) -> None:
    base = build_tiny_base(SMALL, seed=3)
    good = data_of(base, noise_songs)

    def breaking(step: int, part: int, share: object) -> object:
        batch = good.make(step, part)
        batch.input_features[:] = float("nan") if step == 4 else batch.input_features
        return batch

    with pytest.raises(LossNotFiniteError, match="at step 4"):
        run(noise_songs, tmp_path, data=RunData(breaking))  # type: ignore[arg-type]
    kept = last_checkpoint(tmp_path)
    assert kept is not None
    assert kept.name == "checkpoint-4"


def test_weights_that_are_not_finite_are_not_written_over_the_last_checkpoint(
    noise_songs: Songs, tmp_path: Path
) -> None:
    def overflowing(optimiser: torch.optim.Optimizer, args: object, kwargs: object) -> None:
        steps.append(1)
        if len(steps) == 4:
            optimiser.param_groups[0]["params"][0].data.fill_(float("inf"))

    steps: list[int] = []
    handle = register_optimizer_step_post_hook(overflowing)
    with pytest.raises(LossNotFiniteError, match="after step 4"):
        run(noise_songs, tmp_path)
    handle.remove()
    kept = last_checkpoint(tmp_path)
    assert kept is not None
    assert kept.name == "checkpoint-2"


def test_no_room_on_the_disk_is_said_before_the_start(
    noise_songs: Songs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=7))
    with pytest.raises(NoSpaceError, match="are free"):
        run(noise_songs, tmp_path)
    assert not (tmp_path / METRICS_FILE).exists()


def test_the_validation_loss_is_measured_on_the_same_batches_each_time(noise_songs: Songs, tmp_path: Path) -> None:
    base = build_tiny_base(SMALL, seed=3)
    made = data_of(base, noise_songs)
    data = RunData(made.make, validate=(lambda _: made.make(99, 0),))
    run(
        noise_songs,
        tmp_path,
        LoopSettings(**{**vars(SETTINGS), "learning_rate": 1e-12, "validate_every": 3}),
        data=data,
    )
    found = [line["validation_loss"] for line in read_metrics(tmp_path / METRICS_FILE) if "validation_loss" in line]
    assert len(found) == 2
    assert found[0] == pytest.approx(found[1], abs=1e-6)
