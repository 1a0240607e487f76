"""The subcommands of ./dev, started by the shell script beside this folder. Standard library only."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import environment
from bench_peers import provide_peers
from checks import run_checks, run_tests
from console import DevError, say
from programs import provide_programs

USAGE = """\
usage: ./dev COMMAND [options]

  demo     install, prepare a study with real models, serve it (./dev demo --help)
  test     lint, types, import contracts and all tests; arguments go to pytest
  lint     the first part of it
  bench    measurements against peers and physical limits: ./dev bench [name] [--json] [--long]
"""

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def demo(arguments: list[str]) -> int:
    """Install what the demo needs and become it, so that Ctrl-C reaches it and nothing else."""
    options = _demo_options(arguments)
    lists = ["requirements.txt"]
    command = ["demo", "--port", str(options.port)] if options.port else ["demo"]
    if options.port:
        _refuse_port_in_use(options.port)
    if options.data:
        os.environ["MIXTRIAL_DATA"] = str(options.data.expanduser().resolve())
    if options.stems:
        stems = options.stems.expanduser().resolve()
        lists += ["requirements/stems.txt"] if _holds_mp4(stems) else []
        command += ["--stems", str(stems)]
    command += [flag for flag, on in (("--reset", options.reset), ("--check", options.check)) if on]
    python = environment.prepare(*lists)
    os.chdir(environment.ROOT)
    os.execv(python, [str(python), "manage.py", *command])


def _demo_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev demo", description="A study on this machine, from stems to results.")
    parser.add_argument("--port", type=_port, help="port on 127.0.0.1")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the database and audio (default: data/)")
    parser.add_argument("--reset", action="store_true", help="delete that folder's demo and start over")
    parser.add_argument(
        "--stems", type=Path, metavar="PATH", help="MUSDB18 .stem.mp4 or MUSDB18-HQ: a file or a folder"
    )
    parser.add_argument(
        "--check", action="store_true", help="play a whole session by script, print one JSON line, stop"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: a number from 1 to 65535")
    return int(text)


def _refuse_port_in_use(port: int) -> None:
    """Say so before minutes of installing; binding is the only sure way to know."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DevError(
                f"Port {port} on 127.0.0.1 cannot be used: {error.strerror}. Choose another with --port."
            ) from error


def _holds_mp4(stems: Path) -> bool:
    """Whether an mp4 decoder will be needed; raises DevError for a path that is not there."""
    if not stems.exists():
        raise DevError(f"--stems {stems}: there is no such file or folder.")
    return stems.suffix == ".mp4" if stems.is_file() else any(stems.rglob("*.mp4"))


def test(arguments: list[str]) -> int:
    """All checks and tests, or with arguments only pytest with them."""
    install = IN_CI or "--yes" in arguments
    arguments = [argument for argument in arguments if argument != "--yes"]
    python = environment.prepare("requirements/dev.txt")
    provide_programs(install=install, required=IN_CI)
    if arguments:
        return run_tests(python, arguments)
    failed = run_checks(python)
    status = run_tests(python, [])
    if failed:
        say(f"Failed besides the tests: {', '.join(failed)}")
    return status or int(bool(failed))


def lint(arguments: list[str]) -> int:
    """Style, types, import contracts and Django's own checks."""
    if arguments:
        raise DevError("./dev lint takes no arguments.")
    failed = run_checks(environment.prepare("requirements/dev.txt"))
    if failed:
        say(f"Failed: {', '.join(failed)}")
    return int(bool(failed))


def bench(arguments: list[str]) -> int:
    """Measurements; ./dev bench --help lists them."""
    python = environment.prepare("requirements/dev.txt")
    provide_peers(arguments)
    os.chdir(environment.ROOT)
    os.execv(python, [str(python), "-m", "tests.bench", *arguments])


COMMANDS: dict[str, Callable[[list[str]], int]] = {"demo": demo, "test": test, "lint": lint, "bench": bench}


def main(arguments: list[str]) -> int:
    """Run one subcommand; the exit status."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        say(USAGE)
        return 0 if arguments else 2
    command = COMMANDS.get(arguments[0])
    if command is None:
        say(f"./dev has no command {arguments[0]}.\n{USAGE}")
        return 2
    try:
        return command(arguments[1:])
    except DevError as trouble:
        say(f"\n{trouble}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on where it was.")
        return 130
    except OSError as error:
        say(f"\n{error.filename or 'The system'}: {error.strerror}. Nothing else was changed.")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
