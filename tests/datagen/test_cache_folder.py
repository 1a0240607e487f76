"""Where the cache lies, and that a cache that cannot be written is no obstacle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from datagen.cache_folder import CacheFolderError, cache_folder, write_note
from datagen.fingerprint import sha256_of_file, sha256_of_files


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIXTRIAL_CACHE", str(tmp_path / "a" / "b"))
    assert cache_folder() == tmp_path / "a" / "b"
    assert cache_folder().is_dir()


def test_without_it_the_users_cache_folder_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MIXTRIAL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder() == tmp_path / "mixtrial"


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MIXTRIAL_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(CacheFolderError, match="set MIXTRIAL_CACHE"):
        cache_folder()


def test_a_note_that_cannot_be_written_is_let_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    write_note(tmp_path / "file" / "note", b"x")
    assert (tmp_path / "file").read_text() == ""


def test_a_hash_is_the_files_and_follows_its_content(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert sha256_of_file(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of_file(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"abcd")
    assert sha256_of_file(path) == "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589"


def test_the_hash_of_several_files_depends_on_their_order(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name)
    one, other = (sha256_of_files([tmp_path / name for name in names]) for names in ("ab", "ba"))
    assert one != other
    assert sha256_of_files([tmp_path / "a"]) == sha256_of_file(tmp_path / "a")


@pytest.mark.parametrize("content", ["", "ba7816bf", "not a hash" * 10, "\0" * 64])
def test_a_damaged_note_of_a_hash_is_made_again(tmp_path: Path, cache_folder: Path, content: str) -> None:
    """As a crash of the machine may leave it: empty, cut off or zeros."""
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    expected = sha256_of_file(path)
    (note,) = (cache_folder / "hashes").iterdir()
    note.write_text(content)
    assert sha256_of_file(path) == expected
    assert note.read_text() == expected


def test_threads_that_write_the_same_note_never_show_half_of_one(tmp_path: Path) -> None:
    path, contents = tmp_path / "note", [bytes([letter]) * 300_000 for letter in b"abcdefgh"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_note(path, content), contents * 20))
    assert path.read_bytes() in contents
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("note")] == ["note"]
