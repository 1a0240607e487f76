"""The images hold what their process needs and no more; the files that describe them are valid."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docker.compose import read_compose
from tests.docker.images import DOCKERFILE, copied_paths, lay_out
from tests.servers.mixtrial import ROOT, process_environment

DOCKER = ROOT / "docker"

WITHOUT_TORCH = """
import runpy, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "transformers", "peft", "accelerate", "safetensors", "av"}:
            raise ModuleNotFoundError(f"{name} is not in the web image")

sys.meta_path.insert(0, Absent())
sys.path.insert(0, "")
sys.argv = ["manage.py", *sys.argv[1:]]
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.fixture(scope="module")
def web_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The web image's /app."""
    return lay_out("web", tmp_path_factory.mktemp("web-image"))


def in_image(image: Path, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py there as the image would, where torch does not exist and the database is a server's."""
    environment = process_environment(data=data, database_url="postgres://none")
    command = [sys.executable, "-c", WITHOUT_TORCH, *arguments]
    return subprocess.run(command, cwd=image, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_web_image_collects_its_static_files_without_torch(web_image: Path, tmp_path: Path) -> None:
    # The API's documentation pages are left out for their size: compressing them takes most of a minute.
    done = in_image(web_image, tmp_path, "collectstatic", "--no-input", "--ignore", "drf_spectacular_sidecar")
    assert done.returncode == 0, done.stderr
    assert (web_image / "staticfiles" / "staticfiles.json").is_file()


def test_the_web_image_loads_every_page_and_passes_djangos_checks_without_torch(
    web_image: Path, tmp_path: Path
) -> None:
    done = in_image(web_image, tmp_path, "check")
    assert done.returncode == 0, done.stderr


def test_the_worker_image_loads_the_function_of_every_kind_of_job(tmp_path: Path) -> None:
    image = lay_out("worker", tmp_path / "worker-image")
    program = "import inference.worker as w; print(*(w.find_function(kind).__name__ for kind in w.FUNCTIONS))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=image,
        env=process_environment(data=tmp_path / "data"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_only_the_worker_image_holds_models_and_engine() -> None:
    names = {stage: {source for sources, _ in copied_paths(stage) for source in sources} for stage in ("web", "worker")}
    assert names["worker"] - names["web"] == {"training", "inference"}


def test_what_the_images_copy_passes_the_ignore_file() -> None:
    allowed = {
        line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {
        source
        for stage in ("web-packages", "worker-packages", "web", "worker")
        for s, _ in copied_paths(stage)
        for source in s
    }
    lists = {name for name in copied if name.startswith("requirements/")}
    assert copied - lists == allowed - {"requirements/*.txt"}


def test_the_dockerfile_passes_its_linter() -> None:
    linted = subprocess.run(
        [Path(sys.executable).parent / "hadolint", DOCKERFILE], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("name", ["compose.yaml", "compose.gpu.yaml"])
def test_a_compose_file_fits_the_published_schema(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / name]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_gpu_file_only_adds_to_services_that_exist() -> None:
    assert set(read_compose(DOCKER / "compose.gpu.yaml")["services"]) <= set(read_compose()["services"])


def test_our_containers_run_without_root_and_without_a_writable_system() -> None:
    ours = [service for service in read_compose()["services"].values() if service["image"].startswith("mixtrial-")]
    assert len(ours) == 5
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert DOCKERFILE.read_text().count("USER 10001:10001") == 2


def test_no_secret_is_in_the_repository_or_the_environment_files() -> None:
    text = "\n".join(path.read_text() for path in DOCKER.glob("*") if path.is_file())
    assert "PASSWORD=" not in text
    assert {secret["file"] for secret in read_compose()["secrets"].values()} == {
        "./secrets/postgres_password",
        "./secrets/secret_key",
    }


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    def make() -> dict[str, str]:
        subprocess.run([DOCKER / "make-secrets.sh", tmp_path / "s"], check=True, capture_output=True)
        return {path.name: path.read_text() for path in (tmp_path / "s").iterdir()}

    first = make()
    assert sorted(map(len, first.values())) == [50, 50]
    assert len(set(first.values())) == 2
    assert make() == first


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", ["dev", ".ci/run", "docker/entrypoint.sh", "docker/make-secrets.sh"])
def test_a_shell_script_passes_shellcheck(script: str) -> None:
    checked = subprocess.run(["shellcheck", ROOT / script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
