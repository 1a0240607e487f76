"""docker/nginx.conf in a real nginx: audio leaves only on the web server's word, in ranges, and limits hold."""

from __future__ import annotations

import http.client
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import needed
from tests.servers.find import find_nginx
from tests.servers.mixtrial import ROOT
from tests.servers.process import accepts_connections, free_port, start, wait_until

AUDIO = bytes(range(256)) * 8


class WebServer(BaseHTTPRequestHandler):
    """Answers as the web container does: /audio hands the file over, everything else shows what it was sent."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/audio":
            self.send_header("X-Accel-Redirect", "/accel/stimuli/opaque.flac")
            self.send_header("Content-Type", "audio/flac")
            self.send_header("Cache-Control", "private, no-store")
            self.send_header("ETag", '"opaque"')
        self.send_header("X-Seen-Proto", self.headers.get("X-Forwarded-Proto", ""))
        self.send_header("X-Seen-For", self.headers.get("X-Forwarded-For", ""))
        self.send_header("X-Seen-Host", self.headers.get("Host", ""))
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def web_port() -> Iterator[int]:
    """The port of a stand-in for the web container."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), WebServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture(scope="module")
def nginx_folder() -> Iterator[Path]:
    """A folder with one audio file, which nginx may read: started by root, its workers are another user."""
    with tempfile.TemporaryDirectory(prefix="mixtrial-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "media" / "stimuli").mkdir(parents=True)
        (folder / "media" / "stimuli" / "opaque.flac").write_bytes(AUDIO)
        yield folder


@pytest.fixture(scope="module")
def nginx_port(web_port: int, nginx_folder: Path) -> Iterator[int]:
    """The port of an nginx with our configuration, its host names and paths replaced by this machine's."""
    folder, port = nginx_folder, free_port()
    text = (ROOT / "docker" / "nginx.conf").read_text()
    for ours, here in {
        "/tmp/": f"{folder}/",
        "/data/media/": f"{folder}/media/",
        "web:8000": f"127.0.0.1:{web_port}",
        "listen 8080": f"listen 127.0.0.1:{port}",
    }.items():
        assert ours in text
        text = text.replace(ours, here)
    (folder / "nginx.conf").write_text(text)
    command = [needed(find_nginx(), "nginx"), "-c", folder / "nginx.conf", "-g", "daemon off;"]
    running = start(command, log=folder / "nginx.log")
    wait_until(lambda: accepts_connections(port), what="nginx listens", running=running)
    yield port
    running.stop()


def ask(
    port: int, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body=body, headers=headers or {})
    response = connection.getresponse()
    found = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return found


def test_audio_is_sent_whole_when_the_web_server_says_so(nginx_port: int) -> None:
    status, headers, body = ask(nginx_port, "/audio")
    assert (status, headers["content-type"], body) == (200, "audio/flac", AUDIO)
    assert headers["cache-control"] == "private, no-store"


def test_a_personal_link_is_in_no_log(nginx_port: int, nginx_folder: Path) -> None:
    log = nginx_folder / "nginx.log"
    assert ask(nginx_port, "/p/0123456789abcdef/?key=fedcba")[0] == 200
    # The line is written after the answer was sent.
    wait_until(lambda: '"GET /p/-/" 200' in log.read_text(), what="the visit is logged")
    # What fails is logged apart, with the whole request line and the referrer.
    assert ask(nginx_port, "/p/0123456789abcdef/", method="POST", body=bytes(2_000_000))[0] == 413
    wait_until(lambda: '"POST /p/-/" 413' in log.read_text(), what="the failure is logged")
    lines = log.read_text()
    assert "0123456789abcdef" not in lines
    assert "fedcba" not in lines


def test_the_files_place_and_age_are_not_told(nginx_port: int) -> None:
    _status, headers, _body = ask(nginx_port, "/audio")
    assert not {"x-accel-redirect", "content-disposition", "last-modified"} & set(headers)
    assert headers["etag"] == '"opaque"'


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-99", 206, AUDIO[:100]),
        ("bytes=2000-", 206, AUDIO[2000:]),
        ("bytes=-10", 206, AUDIO[-10:]),
        ("bytes=9999-", 416, None),
    ],
    ids=["first", "rest", "last", "beyond"],
)
def test_ranges_are_answered(nginx_port: int, asked: str, status: int, part: bytes | None) -> None:
    found, _headers, body = ask(nginx_port, "/audio", headers={"Range": asked})
    assert found == status
    assert part is None or body == part


@pytest.mark.parametrize("path", ["/accel/stimuli/opaque.flac", "/accel/../accel/stimuli/opaque.flac", "/accel/"])
def test_audio_is_not_reached_without_the_web_server(nginx_port: int, path: str) -> None:
    assert ask(nginx_port, path)[0] == 404


def test_the_web_server_sees_host_and_address_and_no_forged_ones(nginx_port: int) -> None:
    sent = {"Host": "trials.example.org", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "ftp"}
    _status, headers, _body = ask(nginx_port, "/", headers=sent)
    seen = (headers["x-seen-host"], headers["x-seen-for"], headers["x-seen-proto"])
    assert seen == ("trials.example.org", "127.0.0.1", "http")


def test_an_outer_proxy_that_ends_tls_is_heard(nginx_port: int) -> None:
    _status, headers, _body = ask(nginx_port, "/", headers={"X-Forwarded-Proto": "https"})
    assert headers["x-seen-proto"] == "https"


def test_a_body_that_is_too_large_is_refused(nginx_port: int) -> None:
    assert ask(nginx_port, "/", method="POST", body=b"x" * 1_100_000)[0] == 413


def test_a_flood_of_logins_is_slowed_down_and_pages_are_not(nginx_port: int) -> None:
    logins = [ask(nginx_port, "/login/", method="POST", body=b"")[0] for _ in range(30)]
    assert logins[:20] == [200] * 20
    assert 429 in logins
    assert {ask(nginx_port, "/")[0] for _ in range(60)} == {200}
