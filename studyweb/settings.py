"""One settings module, fed by the environment. Without any variable it is the embedded default: SQLite, no broker.

Variables (all documented in docs/operate.md):
MIXTRIAL_DATA       folder of everything that is stored: database, audio, exports, secret (default: ./data)
DATABASE_URL        PostgreSQL; default SQLite in the data folder
REDIS_URL           with it, jobs are announced through Celery on Redis; without it, the local runner finds them
MIXTRIAL_SECRET_KEY or MIXTRIAL_SECRET_KEY_FILE; default: made once in the data folder
MIXTRIAL_HOSTS      host names served, comma separated (embedded default: any; required with DATABASE_URL)
MIXTRIAL_HTTPS      true behind a TLS proxy: secure cookies, HSTS, forwarded header trusted
MIXTRIAL_ACCEL      true behind docker/nginx.conf: audio is sent by nginx (X-Accel-Redirect)
MIXTRIAL_STATIC     folder that `manage.py collectstatic` fills and a server reads (default: ./staticfiles)
MIXTRIAL_DEBUG      Django's debug pages, for development only
"""

from __future__ import annotations

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from studyweb.databases import database_from_environment
from studyweb.secret_key import secret_key_from_environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def env_bool(name: str, *, default: bool) -> bool:
    """A strict boolean: only true or false, in any case."""
    text = str(env.str(name, default=str(default))).strip().lower()
    if text not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}")
    return text == "true"


DATA_DIR = Path(env.str("MIXTRIAL_DATA", default=str(BASE_DIR / "data"))).resolve()
MEDIA_ROOT = DATA_DIR / "media"
"""Stimuli, figures and export archives; served only through views that check who asks."""

DEBUG = env_bool("MIXTRIAL_DEBUG", default=False)
HTTPS = env_bool("MIXTRIAL_HTTPS", default=False)
ACCEL = env_bool("MIXTRIAL_ACCEL", default=False)
REDIS_URL = env.str("REDIS_URL", default="")
IS_SERVER = bool(env.str("DATABASE_URL", default=""))

SECRET_KEY = secret_key_from_environment(env, DATA_DIR)
ALLOWED_HOSTS = [host for host in env.str("MIXTRIAL_HOSTS", default="" if IS_SERVER else "*").split(",") if host]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS and host != "*"]
DATABASES = {"default": database_from_environment(env, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_htmx",
    "studyweb.studies",
    "studyweb.trials",
    "studyweb.jobs",
    "studyweb.coding",
    "studyweb.export",
    "studyweb.dashboard",
    "studyweb.api",
    "studyweb.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "studyweb.urls"
WSGI_APPLICATION = "studyweb.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "studyweb" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard:studies"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "studyweb" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("MIXTRIAL_STATIC", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "studyweb" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "studyweb.static_storage.ModuleManifestStorage"
        if IS_SERVER
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_SERVER
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("png", "jpg", "webp", "gz", "br", "zip", "woff", "woff2", "flac", "map")

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Participants and researchers share the session cookie; a session lives long enough for a study done in two sittings.
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "studyweb.trials.access.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy redirects; a health check inside the network uses plain http
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": 1 if IS_SERVER else 0,  # attempts are counted by the address that our own proxy saw
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MixTrial API",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
}

# Celery: only a job's id travels. Why each setting: docs/decisions.md.
CELERY_BROKER_URL = REDIS_URL or None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 1_500
CELERY_TASK_TIME_LIMIT = 1_800
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": env.int("MIXTRIAL_VISIBILITY_TIMEOUT_S", default=3_600)}
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "cpu"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "studyweb.sweep_jobs", "schedule": 15.0, "options": {"queue": "cpu", "expires": 15}}
}
JOB_LEASE_S = env.int("MIXTRIAL_JOB_LEASE_S", default=60)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_personal_links": {"()": "studyweb.quiet_logs.WithoutPersonalLinks"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_personal_links"]}
    },
    "root": {"handlers": ["console"], "level": env.str("MIXTRIAL_LOG_LEVEL", default="INFO")},
}
