"""./dev before anything is installed: which Python it takes, what it installs again, what it says when it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dev_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """.dev/environment.py as ./dev itself imports it."""
    monkeypatch.syspath_prepend(str(ROOT / ".dev"))
    import environment

    return environment


@pytest.fixture
def checkout(dev_module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout of its own that dev_module works on, with a finished environment."""
    (tmp_path / ".dev").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements.txt").write_text("-r requirements/web.txt\n")
    (tmp_path / "requirements" / "web.txt").write_text("Django==5.2.19\n")
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    for name, path in {"ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "bin" / "python"}.items():
        monkeypatch.setattr(dev_module, name, path)
    monkeypatch.setattr(dev_module, "STAMP", venv / "installed.json")
    monkeypatch.setattr(dev_module, "LOG", venv / "install.log")
    lists = {"requirements.txt": dev_module.fingerprint("requirements.txt")}
    dev_module._write_stamp({"place": str(venv), "lists": lists})
    return tmp_path


def run_dev(*arguments: str, path: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        ["/bin/sh", str(ROOT / "dev"), *arguments],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def fake_python(folder: Path, name: str, version: str) -> None:
    """A Python that answers like the given version, without being one."""
    program = folder / name
    program.write_text(f'#!/bin/sh\ncase "$2" in *print*) echo {version} ;; *) exit 1 ;; esac\n')
    program.chmod(0o755)


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with the two tools that the script needs and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("dirname", "sh"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    return folder


def test_too_old_pythons_are_named_with_the_way_to_a_newer_one(bare_path: Path) -> None:
    fake_python(bare_path, "python3", "3.9.2")
    refused = run_dev("demo", path=str(bare_path))
    assert refused.returncode == 1
    assert "needs Python 3.11 or newer. Found: python3 is 3.9.2." in refused.stderr
    assert "apt install python3 python3-venv" in refused.stderr


def test_no_python_at_all_is_said(bare_path: Path) -> None:
    refused = run_dev("demo", path=str(bare_path))
    assert refused.returncode == 1
    assert "No Python 3 was found in PATH." in refused.stderr


def test_a_newer_python_beside_an_old_python3_is_taken(bare_path: Path) -> None:
    fake_python(bare_path, "python3", "3.9.2")
    (bare_path / "python3.11").symlink_to(sys.executable)
    shown = run_dev("--help", path=str(bare_path))
    assert shown.returncode == 0
    assert "usage: ./dev COMMAND" in shown.stderr


def test_dev_works_from_another_folder_and_through_a_path_with_spaces(tmp_path: Path) -> None:
    place = tmp_path / "a folder"
    shutil.copytree(ROOT / ".dev", place / ".dev")
    shutil.copy(ROOT / "dev", place / "dev")
    shown = subprocess.run([place / "dev", "--help"], cwd="/", capture_output=True, text=True, check=False)
    assert (shown.returncode, "usage" in shown.stderr) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["demo", "--stems", "/no/such/folder"], "--stems /no/such/folder: there is no such file or folder"),
        (["demo", "--port", "99999"], "99999 is no port"),
        (["dmeo"], "./dev has no command dmeo"),
        (["lint", "x"], "./dev lint takes no arguments"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_installed(arguments: list[str], message: str) -> None:
    refused = run_dev(*arguments, path=f"{Path(sys.executable).parent}:/usr/bin:/bin")
    assert refused.returncode in (1, 2)
    assert message in refused.stderr


def test_a_port_in_use_is_refused_before_anything_is_installed() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run_dev("demo", "--port", str(port), path=f"{Path(sys.executable).parent}:/usr/bin:/bin")
    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in refused.stderr


def test_an_installed_list_is_not_installed_again(dev_module: ModuleType, checkout: Path) -> None:
    assert dev_module._venv_is_usable()
    assert dev_module._is_installed("requirements.txt")


def test_a_change_in_an_included_list_is_noticed(dev_module: ModuleType, checkout: Path) -> None:
    (checkout / "requirements" / "web.txt").write_text("Django==5.2.20\n")
    assert not dev_module._is_installed("requirements.txt")


def test_an_interrupted_installation_counts_as_none(
    dev_module: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **kwargs: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev_module, "run_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dev_module._install(["requirements.txt"])
    assert not dev_module._is_installed("requirements.txt")


@pytest.mark.parametrize("stamp", ["", "{", '{"place": "/elsewhere/.venv", "lists": {}}', "[]"])
def test_a_torn_stamp_or_a_moved_checkout_makes_the_environment_again(
    dev_module: ModuleType, checkout: Path, stamp: str
) -> None:
    dev_module.STAMP.write_text(stamp)
    assert not dev_module._venv_is_usable()


def test_a_python_without_ensurepip_gets_the_apt_line(
    dev_module: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev_module.STAMP.unlink()
    monkeypatch.setattr(dev_module.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(Exception, match=r"has no module ensurepip.*\n.*apt install python3.*-venv"):
        dev_module.prepare("requirements.txt")


def test_a_disk_that_is_too_small_is_named_before_the_download(
    dev_module: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "requirements.txt").write_text("nothing\n")
    monkeypatch.setattr(dev_module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 0, 10**9))
    with pytest.raises(Exception, match=r"has 1\.0 GB free; the installation needs about 2\.5 GB"):
        dev_module._install(["requirements.txt"])


def test_without_a_network_the_message_says_so_and_where_the_log_is(
    dev_module: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed_port = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in closed_port.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(dev_module, "PYTHON", Path(sys.executable))
    (checkout / "requirements.txt").write_text("mixtrial-has-no-such-requirement\n")
    with pytest.raises(Exception, match="could not be reached: the first start needs the network") as raised:
        dev_module._install(["requirements.txt"])
    assert str(dev_module.LOG) in str(raised.value)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n", "disk is full"),
        ("WARNING: Retrying ... SSLError(SSLCertVerificationError(1))\nERROR: No matching distribution\n", "PIP_CERT"),
        ("ERROR: No matching distribution found for torch==2.13.0\n", "no version that fits this Python"),
        ("ERROR: something new\n", "pip: ERROR: something new"),
    ],
)
def test_a_failed_installation_says_why(dev_module: ModuleType, output: str, words: str) -> None:
    from diagnosis import explain_failure

    assert words in explain_failure(f"\n$ pip install\n{output}", log=Path("install.log"))


@pytest.mark.parametrize(
    ("versions", "found"), [("2.13.0+cpu, 2.13.0", True), ("2.13.0", False), ("12.13.0+cpu", False)]
)
def test_the_cpu_build_is_recognised_in_pips_list(
    dev_module: ModuleType, tmp_path: Path, versions: str, found: bool
) -> None:
    from pytorch import has_cpu_build

    pip = tmp_path / "python"
    pip.write_text(f"#!/bin/sh\necho 'torch (2.15.0)'\necho 'Available versions: 2.15.0, {versions}, 2.12.0'\n")
    pip.chmod(0o755)
    assert has_cpu_build(pip, "2.13.0", (), log=tmp_path / "log") is found
