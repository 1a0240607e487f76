"""`python -m datagen COMMAND`: what can be done with stems without a web server or a model."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from datagen.commands import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its mistakes are printed as one message, without a traceback."""
    parser = argparse.ArgumentParser(prog="python -m datagen", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_arguments(subparsers.add_parser(command.name, help=command.summary, description=command.summary))
    chosen = parser.parse_args(arguments)
    run = next(command.run for command in COMMANDS if command.name == chosen.command)
    try:
        return run(chosen)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
