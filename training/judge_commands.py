"""`python -m training judge ITEMS`: verdicts on the items that `manage.py judge` wrote."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from training.judge import METHODS, Judge, write_verdicts
from training.judge_client import KEY_VARIABLE, Endpoint
from training.judge_items import read_items


def add_judge(commands: Any) -> None:
    """The command's arguments."""
    judge = commands.add_parser("judge", help="let a judge compare the advices of a study's items")
    judge.add_argument("items", type=Path, help="JSON lines from `python manage.py judge STUDY --items FILE`")
    judge.add_argument("--output", type=Path, required=True, help="verdicts, for `manage.py judge STUDY --verdicts`")
    judge.add_argument("--method", choices=METHODS, default="rubric", help="default: %(default)s, which needs no model")
    judge.add_argument("--endpoint", default="", metavar="URL", help=f"up to /v1; its key is read from ${KEY_VARIABLE}")
    judge.add_argument("--model", default="")
    judge.add_argument("--seed", type=int, default=0)
    judge.add_argument("--temperature", type=float, default=0.0)
    judge.add_argument("--max-tokens", type=int, default=400)
    judge.add_argument("--cache", type=Path, dest="judge_cache", default=Path("out/judge"), help="where calls are kept")
    judge.add_argument("--replay", action="store_true", help="use what is cached alone; nothing is sent")
    judge.add_argument("--audio", type=Path, help="folder of the items' WAV files, for a model that hears")


def run_judge(options: argparse.Namespace) -> int:
    """Write the verdicts; returns the exit status."""
    try:
        judge = Judge(options.method, _endpoint(options), options.audio)
        count, missing = write_verdicts(judge.verdicts(read_items(options.items)), options.output)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{options.output}: {count} pairs, {missing} of them missing (failed or unreadable replies)")
    return 0


def _endpoint(options: argparse.Namespace) -> Endpoint | None:
    if not options.endpoint:
        return None
    if not options.endpoint.startswith(("http://", "https://")):
        raise ValueError(f"--endpoint must start with http:// or https://, not {options.endpoint!r}")
    return Endpoint(
        url=options.endpoint,
        model=options.model,
        seed=options.seed,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        cache=options.judge_cache,
        replay=options.replay,
    )
