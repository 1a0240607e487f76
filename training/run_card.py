"""The card of one run's weights, in Markdown: what they are, what they were made from, and what they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LIMITS = """## What this is not
Scores are no part of a run: `python -m training evaluate` and `compare` measure what the weights can do. A system that
is shown `same_passage` has heard the answer. The licences of the base and of the songs hold for these weights too.
"""


def run_card(record: Mapping[str, Any], metrics: Sequence[Mapping[str, float]]) -> str:
    """The card of a run from its record and its metrics."""
    config = record["config"]
    lines = [f"# {config['name']}", "", _summary(config), "", "## Made from", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in _facts(record, metrics)]
    return "\n".join([*lines, "", "## Configuration", *_settings(config), "", LIMITS])


def _summary(config: Mapping[str, Any]) -> str:
    if config["kind"] == "pretrain":
        return "A tiny base, pre-trained from random weights on procedurally generated songs."
    controls = [
        text
        for text, holds in (
            ("every clip was silent: a text-only control", config["audio"] == "none"),
            ("references were other items': a control", config["reference_audio"] == "shuffled"),
        )
        if holds
    ]
    return "; ".join([f"A LoRA adapter that advises on balance, trained on `{config['trained_on']}`", *controls]) + "."


def _facts(record: Mapping[str, Any], metrics: Sequence[Mapping[str, float]]) -> list[tuple[str, str]]:
    facts = [("commit", f"`{record['commit']}`"), ("base SHA-256", f"`{record['base_sha256'] or 'random weights'}`")]
    facts += [(f"data: {name}", f"`{value}`") for name, value in record["data"].items()]
    facts.append(("processes", str(record["processes"])))
    facts += _last(metrics, "loss", "training loss at the end")
    facts += _last(metrics, "validation_loss", "validation loss at the end")
    if metrics:
        facts.append(("time", f"{metrics[-1]['seconds'] / 60:.1f} minutes for {metrics[-1]['step']:.0f} steps"))
    facts.append(("versions", ", ".join(f"{name} {number}" for name, number in record["versions"].items())))
    return facts


def _last(metrics: Sequence[Mapping[str, float]], name: str, label: str) -> list[tuple[str, str]]:
    values = [line[name] for line in metrics if name in line]
    return [(label, f"{values[-1]:.4f} nats")] if values else []


def _settings(config: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in config.items():
        if isinstance(value, dict):
            lines += [f"{indent}- {name}:", *_settings(value, f"{indent}  ")]
        else:
            lines.append(f"{indent}- {name}: `{value}`")
    return lines
