"""What ./dev bench prepares besides its own environment: the peers', and a word about missing programs."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """.dev/bench_peers.py with an environment below tmp_path that holds no peers yet."""
    monkeypatch.syspath_prepend(str(ROOT / ".dev"))
    import bench_peers
    import environment

    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "LOG", tmp_path / "install.log")
    return bench_peers


@pytest.fixture
def steps(peers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that would have been run; each fails, and says so in the log."""
    commands: list[list[str]] = []

    def fail(title: str, command: list[str], *, log: Path, **_: object) -> int:
        commands.append(command)
        log.write_text("\n$ pip\nERROR: Connection refused\n", encoding="utf-8")
        return 1

    monkeypatch.setattr(peers, "run_step", fail)
    return commands


def test_missing_ffmpeg_is_named_with_the_apt_line(
    peers: ModuleType,
    steps: list[list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    peers.provide_peers(["datagen"])
    assert "not compared with stempeg and musdb: ffmpeg, ffprobe.\n" in capsys.readouterr().err.replace("  ", "")
    assert not any("apt" in part for command in steps for part in command)


def test_a_failed_installation_of_peers_stops_no_bench(
    peers: ModuleType, steps: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    peers.provide_peers([])
    assert len(steps) == 1
    assert "The benches run without these peers." in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["coverage"], ["coverage", "--json"], ["--help"]], ids=" ".join)
def test_nothing_is_installed_for_a_bench_without_peers(
    peers: ModuleType, steps: list[list[str]], arguments: list[str]
) -> None:
    peers.provide_peers(arguments)
    assert steps == []


def test_installed_peers_are_not_installed_again(peers: ModuleType, steps: list[list[str]], tmp_path: Path) -> None:
    python = tmp_path / "peers" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    stamp = {"list": peers.environment.fingerprint("requirements/peers.txt")}
    (tmp_path / "peers" / "installed.json").write_text(json.dumps(stamp), encoding="utf-8")
    peers.provide_peers(["datagen"])
    assert steps == []
