"""What a run writes down while it goes: one line of metrics.jsonl for every logged loss, and a line for whoever
watches."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from training.schedule import LoopSettings

METRICS_FILE = "metrics.jsonl"


class Progress(TrainerCallback):  # type: ignore[misc]
    """Keeps metrics.jsonl: loss, learning rate, gradient norm, validation loss, seconds of training."""

    def __init__(
        self, settings: LoopSettings, *, folder: Path, measure: Callable[[], float], log: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._path = folder / METRICS_FILE
        self._measure = measure
        self._log = log
        self._started = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """Drop the lines after the checkpoint that the run goes on from: their steps are done again."""
        if not state.is_world_process_zero:
            return
        lines = [line for line in read_metrics(self._path) if line["step"] <= state.global_step]
        self._path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        self._started = time.monotonic() - (lines[-1]["seconds"] if lines else 0.0)
        if state.global_step:
            self._log(f"going on after step {state.global_step}")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:  # noqa: ARG002
        """Log the last step too, and measure the validation loss when it is due."""
        if state.global_step == self._settings.steps:
            control.should_log = True
        every = self._settings.validate_every
        if every and (state.global_step % every == 0 or state.global_step == self._settings.steps):
            self._note(state, {"validation_loss": round(self._measure(), 5)})
        return control

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:  # noqa: ARG002
        """One line for the mean loss since the last."""
        if "loss" in logs:
            values = {"loss": round(logs["loss"], 6), "learning_rate": logs["learning_rate"]}
            self._note(state, {**values, "gradient_norm": round(float(logs.get("grad_norm", 0.0)), 5)})

    def _note(self, state: Any, values: dict[str, float]) -> None:
        if not state.is_world_process_zero:
            return
        seconds = time.monotonic() - self._started
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"step": state.global_step, **values, "seconds": round(seconds, 1)}) + "\n")
        name, value = next(iter(values.items()))
        self._log(f"step {state.global_step}: {name.replace('_', ' ')} {value:.4f}, {seconds:.0f} s")


def read_metrics(path: Path) -> list[dict[str, float]]:
    """The lines of a metrics file; none where there is no file. A last line that a kill cut off is left out."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break
    return lines
