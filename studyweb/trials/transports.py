"""How a scripted participant reaches pages: over HTTP, or straight into Django. Both keep cookies as browsers do."""

from __future__ import annotations

import http.cookiejar
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
CSRF_COOKIE = "csrftoken"
CSRF_HEADER = "X-CSRFToken"
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Exchange:
    """One request and its reply, as a browser's developer tools would show them."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    seconds: float = 0.0
    """From sending the request to having the whole reply."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON data."""
        return json.loads(self.body)

    @property
    def location(self) -> str:
        """Where a redirect leads, as a path; empty without one."""
        parts = urlsplit(self.headers.get("Location", ""))
        return parts.path + (f"?{parts.query}" if parts.query else "")


class Transport(Protocol):
    """Anything that sends one request and keeps cookies. Redirects are not followed."""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A GET."""
        ...

    def post(self, path: str, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A POST with a raw body."""
        ...

    def csrf_cookie(self) -> str:
        """The CSRF cookie's value; empty when there is none."""
        ...


def post_form(transport: Transport, path: str, fields: Mapping[str, str | list[str]]) -> Exchange:
    """Post a form as a browser does."""
    return transport.post(path, urlencode(fields, doseq=True).encode(), FORM_TYPE)


def post_json(transport: Transport, path: str, data: Any) -> Exchange:
    """Post JSON as the trial page's script does, with the CSRF token in a header."""
    return transport.post(path, json.dumps(data).encode(), JSON_TYPE, {CSRF_HEADER: transport.csrf_cookie()})


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Redirects are replies of their own here: the script follows them itself and records each."""

    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        """Never."""
        return


class HttpTransport:
    """Requests to a running server. Raises urllib.error.URLError when it cannot be reached."""

    def __init__(self, base_url: str, *, user_agent: str = "MixTrial scripted participant") -> None:
        self.base_url = base_url
        self.user_agent = user_agent
        self._cookies = http.cookiejar.CookieJar()
        handlers = (urllib.request.HTTPCookieProcessor(self._cookies), _NoRedirects())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), *handlers)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A GET."""
        return self._send("GET", path, None, dict(headers or {}))

    def post(self, path: str, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A POST with a raw body."""
        return self._send("POST", path, body, {"Content-Type": content_type, **(headers or {})})

    def csrf_cookie(self) -> str:
        """The CSRF cookie's value; empty when there is none."""
        return next((cookie.value or "" for cookie in self._cookies if cookie.name == CSRF_COOKIE), "")

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Exchange:
        url = urljoin(self.base_url, path)
        sent = {"User-Agent": self.user_agent, "Referer": url, **headers}
        request = urllib.request.Request(url, data=body, headers=sent, method=method)  # noqa: S310 - the server given
        started = time.perf_counter()
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as reply:
                status, received, content = reply.status, dict(reply.headers.items()), reply.read()
        except urllib.error.HTTPError as reply:
            with reply:
                status, received, content = reply.code, dict(reply.headers.items()), reply.read()
        return Exchange(method, path, status, received, content, time.perf_counter() - started)


class DjangoTransport:
    """Requests straight into this process's Django, through all its middleware and CSRF checks."""

    def __init__(self, *, server_name: str = "127.0.0.1", user_agent: str = "MixTrial scripted participant") -> None:
        # Loaded when used: the web server itself never needs Django's test tools.
        from django.test import Client

        self._client = Client(enforce_csrf_checks=True, SERVER_NAME=server_name, HTTP_USER_AGENT=user_agent)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A GET."""
        started = time.perf_counter()
        return _exchange("GET", path, self._client.get(path, headers=headers), started)

    def post(self, path: str, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A POST with a raw body."""
        started = time.perf_counter()
        response = self._client.post(path, body, content_type=content_type, headers=headers)
        return _exchange("POST", path, response, started)

    def csrf_cookie(self) -> str:
        """The CSRF cookie's value; empty when there is none."""
        morsel = self._client.cookies.get(CSRF_COOKIE)
        return morsel.value if morsel else ""


def _exchange(method: str, path: str, response: Any, started: float) -> Exchange:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    cookies = {f"Set-Cookie {name}": morsel.OutputString() for name, morsel in response.cookies.items()}
    seconds = time.perf_counter() - started
    return Exchange(method, path, response.status_code, {**dict(response.items()), **cookies}, body, seconds)
