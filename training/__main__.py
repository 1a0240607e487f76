"""`python -m training pretrain | train | check | evaluate | compare | probe | tune | card | ship`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from training.dpo_arguments import add_dpo
from training.judge_commands import add_judge


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status. Bad input gets one message and status 2."""
    options = _parser().parse_args(arguments)
    # Set before torch starts its threads; small matrices gain nothing from more.
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    if options.command == "judge":
        from training.judge_commands import run_judge

        return run_judge(options)
    from training.commands import run_command

    return run_command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description="Train and score the tiny models.")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    parser.add_argument("--runs", type=Path, default=Path("out/training"), help="folder of checkpoints and logs")
    parser.add_argument("--weights", type=Path, default=Path("training/shipped"), help="folder of base and adapters")
    parser.add_argument("--cache", type=Path, help="folder of prepared songs (else $MIXTRIAL_TRAINING_CACHE)")
    commands = parser.add_subparsers(dest="command", required=True)
    pretrain = commands.add_parser("pretrain", help="train the base from random weights")
    pretrain.add_argument("--config", type=Path, help="default: training/configs/pretrain.yaml")
    train = commands.add_parser("train", help="train one adapter on a base")
    train.add_argument("config", help="a name in training/configs (stems_ref, musdb18_hq/mix) or a YAML file")
    check = commands.add_parser("check", help="say whether configurations can be run, with all problems")
    check.add_argument("configs", nargs="+", metavar="config", help="names in training/configs or YAML files")
    _add_scoring(commands)
    add_judge(commands)
    add_dpo(commands)
    commands.add_parser("tune", help="the same trials for every condition, kept beside the weights")
    card = commands.add_parser("card", help="write the model card from the kept scores")
    ship = commands.add_parser("ship", help="everything: base, adapters, scores, model card")
    for command in (card, ship):
        command.add_argument("--card", type=Path, default=Path("docs/model-card.md"), help="where the card is written")
    return parser


def _add_scoring(commands: Any) -> None:
    evaluate = commands.add_parser("evaluate", help="score adapters on a few songs, to choose between them")
    evaluate.add_argument("systems", nargs="*", metavar="SYSTEM", help="adapters, constant, oracle, untuned (all)")
    evaluate.add_argument("--split", default="validation", choices=("validation", "test"))
    evaluate.add_argument("--songs", type=int, default=20)
    evaluate.add_argument("--recipes", type=Path, help="a file of recipes (python -m datagen build) instead of songs")
    evaluate.add_argument("--keep", action="store_true", help="with --recipes: keep the scores, for the model card")
    compare = commands.add_parser("compare", help="all conditions side by side, checked against the kept scores")
    compare.add_argument("--output", type=Path, default=Path("out/training/compare"), help="folder of tables, pictures")
    compare.add_argument("--only", nargs="+", metavar="SYSTEM", help="only these adapters, constant, oracle, untuned")
    compare.add_argument("--strict", action="store_true", help="a missing adapter is an error")
    compare.add_argument("--keep", action="store_true", help="keep the scores beside the weights, instead of a check")
    for command in (evaluate, compare):
        command.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one a core")
    probe = commands.add_parser("probe", help="what a linear probe reads from the base's tower and projector")
    probe.add_argument("--keep", action="store_true", help="keep the figures beside the weights, for the model card")


if __name__ == "__main__":
    sys.exit(main())
