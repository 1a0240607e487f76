"""The demo's data folder is emptied only when it is one."""

import pytest

from studyweb.demo.folder import NotADataFolderError, researcher_password, reset_folder


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.odt").write_text("years of work")
    with pytest.raises(NotADataFolderError, match="nothing was deleted"):
        reset_folder(tmp_path)
    assert (tmp_path / "thesis.odt").exists()


def test_a_media_folder_of_somebody_else_is_left_alone_though_settings_made_a_key(tmp_path):
    (tmp_path / "secret_key").touch()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "holiday.mov").touch()
    with pytest.raises(NotADataFolderError):
        reset_folder(tmp_path)
    assert (tmp_path / "media" / "holiday.mov").exists()


def test_a_new_folder_with_only_the_key_needs_no_reset(tmp_path):
    (tmp_path / "secret_key").touch()
    reset_folder(tmp_path)
    assert (tmp_path / "secret_key").exists()


def test_foreign_files_survive_a_reset(tmp_path):
    for name in ("mixtrial.sqlite3", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "media").mkdir()
    reset_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_or_missing_folder_needs_no_reset(tmp_path):
    reset_folder(tmp_path)
    reset_folder(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []


def test_the_researchers_password_is_kept_and_private(tmp_path):
    password = researcher_password(tmp_path)
    assert researcher_password(tmp_path) == password
    assert (tmp_path / "researcher_password").stat().st_mode & 0o077 == 0
