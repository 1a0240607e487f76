"""The command line: bad input gets one message, and the shipped card is the one its scores make."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.__main__ import main
from training.model_card import COMPARISON_PICTURE, PSYCHOMETRIC_PICTURE, write_model_card
from training.ship import MODEL_CARD, SHIPPED_FOLDER


def test_a_configuration_that_does_not_exist_is_one_message_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(tmp_path / "nowhere.yaml")]) == 2
    assert "nowhere.yaml cannot be read" in capsys.readouterr().err


def test_missing_weights_are_one_message_and_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--weights", str(tmp_path), "evaluate"]) == 2
    assert "is not a folder of weights" in capsys.readouterr().err


def test_the_model_card_in_the_repository_is_what_the_kept_scores_make(tmp_path: Path) -> None:
    write_model_card(SHIPPED_FOLDER, card=tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == MODEL_CARD.read_text(encoding="utf-8")
    for name in (COMPARISON_PICTURE, PSYCHOMETRIC_PICTURE):
        assert (tmp_path / "images" / name).read_bytes() == (MODEL_CARD.parent / "images" / name).read_bytes()


def test_the_shipped_weights_take_at_most_five_megabytes() -> None:
    assert sum(path.stat().st_size for path in SHIPPED_FOLDER.rglob("*") if path.is_file()) <= 5_000_000
