"""What a run was made with: versions of the libraries that decide the numbers."""

from __future__ import annotations

from importlib.metadata import version

PACKAGES: tuple[str, ...] = ("torch", "transformers", "peft", "tokenizers", "safetensors", "numpy", "scipy")


def run_versions() -> dict[str, str]:
    """{package: installed version}."""
    return {package: version(package) for package in PACKAGES}
