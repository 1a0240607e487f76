"""Health: /livez says the process answers, /readyz that it can reach what it needs."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET


@never_cache
@require_GET
def livez(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_GET
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when database and broker answer, else 503 with what does not."""
    problems = {name: problem for name, problem in (("database", _database()), ("redis", _redis())) if problem}
    if problems:
        return JsonResponse({"status": "not ready", "problems": problems}, status=503)
    return JsonResponse({"status": "ok"})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM jobs_job LIMIT 1")
    except DatabaseError as error:
        return type(error).__name__
    return ""


def _redis() -> str:
    if not settings.REDIS_URL:
        return ""
    import redis  # only where a broker is set: the embedded default has none

    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    except redis.RedisError as error:
        return type(error).__name__
    return ""
