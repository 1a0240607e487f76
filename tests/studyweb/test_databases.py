"""The embedded database: durable settings, and network file systems refused with the way out."""

from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from studyweb.databases import database_from_environment, refuse_network_file_system


def mounts(tmp_path: Path, kind: str, at: str) -> Path:
    table = tmp_path / "mounts"
    table.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/export {at} {kind} rw 0 0\n")
    return table


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs"])
def test_a_network_file_system_is_refused_with_both_ways_out(tmp_path, kind):
    with pytest.raises(ImproperlyConfigured, match=r"--data DIR.*DATABASE_URL"):
        refuse_network_file_system(Path("/srv/share/study"), mounts(tmp_path, kind, "/srv/share"))


def test_a_local_folder_beside_a_network_mount_is_accepted(tmp_path):
    assert refuse_network_file_system(Path("/srv/local"), mounts(tmp_path, "nfs4", "/srv/share")) is None


def test_a_local_mount_inside_a_network_mount_is_accepted(tmp_path):
    table = mounts(tmp_path, "nfs4", "/srv/share")
    table.write_text(table.read_text() + "/dev/vdb /srv/share/disk ext4 rw 0 0\n")
    assert refuse_network_file_system(Path("/srv/share/disk/study"), table) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_every_connection_has_the_durable_settings(pragma, value):
    with connection.cursor() as cursor:
        assert cursor.execute(f"PRAGMA {pragma}").fetchone()[0] == value


def test_a_database_url_gives_postgresql(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@localhost:5432/study")
    settings = database_from_environment(environ.Env(), tmp_path)
    assert (settings["ENGINE"], settings["NAME"]) == ("django.db.backends.postgresql", "study")
