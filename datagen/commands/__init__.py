"""The commands of `python -m datagen`, one module each."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from datagen.commands import build, decode, describe, render, tracks, verify


@dataclass(frozen=True)
class Command:
    """One command: its name, one line about it, its arguments and what it does."""

    name: str
    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS: tuple[Command, ...] = (
    Command("tracks", tracks.SUMMARY, tracks.add_arguments, tracks.run),
    Command("decode", decode.SUMMARY, decode.add_arguments, decode.run),
    Command("build", build.SUMMARY, build.add_arguments, build.run),
    Command("describe", describe.SUMMARY, describe.add_arguments, describe.run),
    Command("render", render.SUMMARY, render.add_arguments, render.run),
    Command("verify", verify.SUMMARY, verify.add_arguments, verify.run),
)
"""Another command is one module and one line here."""
