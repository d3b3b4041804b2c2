"""Flask's configuration, made from the settings of the environment."""

from typing import Any

from app.core import counters
from app.core.db import engine_options
from app.core.settings import INSTANCE, RELEASE, Settings

MEGABYTE = 1024 * 1024


def flask_config(settings: Settings) -> dict[str, Any]:
    """Configuration keys of Flask and its extensions. Raises UnsafeSettings in an unsafe production."""
    settings.refuse_unsafe()
    INSTANCE.mkdir(exist_ok=True)
    cookie = "__Host-nexus" if settings.secure else "nexus"
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.nexus_env == "testing",
        "TRUSTED_HOSTS": _hosts(settings),
        "MAX_CONTENT_LENGTH": 6 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE,
        "MAX_FORM_PARTS": 200,
        "SESSION_COOKIE_NAME": cookie,
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # some browsers send no referrer; Sec-Fetch-Site and Origin are the second wall
        "CACHE_TYPE": "app.core.cache.Shelf" if settings.redis_url else "SimpleCache",
        "CACHE_THRESHOLD": 500,
        "CACHE_DEFAULT_TIMEOUT": 300,
        "CACHE_KEY_PREFIX": f"nexus:{RELEASE}:",
        "NEXUS_LIMITS": settings.rate_limits == "on",
        "RATELIMIT_STORAGE_URI": f"{counters.SCHEME}://" if settings.redis_url else "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {"redis_url": settings.redis_url} if settings.redis_url else {},
    }


def _hosts(settings: Settings) -> list[str]:
    if settings.production:
        return [settings.host.rsplit(":", 1)[0]]
    return ["127.0.0.1", "localhost", "[::1]", settings.host.rsplit(":", 1)[0]]
