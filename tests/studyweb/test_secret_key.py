"""The secret key: given, or made once."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from studyweb.secret_key import secret_key_from_environment


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for name in ("MIXTRIAL_SECRET_KEY", "MIXTRIAL_SECRET_KEY_FILE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_embedded_default_makes_a_key_once_and_keeps_it(tmp_path):
    first = secret_key_from_environment(environ.Env(), tmp_path)
    assert len(first) >= 50
    assert secret_key_from_environment(environ.Env(), tmp_path) == first


def test_the_key_file_is_its_owners_alone(tmp_path):
    secret_key_from_environment(environ.Env(), tmp_path)
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_server_without_a_key_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://localhost/study")
    with pytest.raises(ImproperlyConfigured, match="MIXTRIAL_SECRET_KEY_FILE"):
        secret_key_from_environment(environ.Env(), tmp_path)


def test_a_key_can_come_from_a_file(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.setenv("MIXTRIAL_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert secret_key_from_environment(environ.Env(), tmp_path) == "from-a-file"
