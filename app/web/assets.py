"""Addresses of static files that change with their content, and hashes of those others wrote.

In production the copies that `scripts/assets.py` wrote to static/dist are served, for a year and compressed, by
whitenoise before Flask is asked; in development the files themselves, with their hash as an argument.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from wsgiref.headers import Headers

import structlog
from flask import Flask, url_for
from whitenoise import WhiteNoise

from app.core.settings import ROOT, Settings

STATIC = ROOT / "app" / "static"
HOW = "Run `python scripts/assets.py`, then start again."
_YEAR = 365 * 24 * 3600
log = structlog.get_logger()


def built(static: Path = STATIC) -> dict[str, str]:
    """The name below `dist` of each static file; empty where they were not built."""
    try:
        files: dict[str, str] = json.loads((static / "dist" / "manifest.json").read_text())["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return files


def changed(static: Path = STATIC) -> list[str]:
    """Static files that are not as they were when `dist` was built, or not there any more."""
    try:
        sums: dict[str, str] = json.loads((static / "dist" / "manifest.json").read_text())["sources"]
    except (OSError, ValueError, KeyError):
        return []
    return [path for path, known in sums.items() if not (static / path).is_file() or _sum(static / path) != known]


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _harden(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'"


def _hashed(app: Flask, folder: Path) -> dict[str, str]:
    """Serve static/dist; answers its names."""
    names = built(folder)
    if not names:
        log.warning("assets not built, slower ones are served", what_to_do=HOW)
        return {}
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, str(folder / "dist"), "static/dist/", max_age=_YEAR, allow_all_origins=False,
        immutable_file_test=lambda path, url: True, add_headers_function=_harden,
    )
    return names


def install(app: Flask, settings: Settings) -> None:
    folder = STATIC
    names = _hashed(app, folder) if settings.production else {}

    @lru_cache(maxsize=1)
    def vendor(changed: float) -> dict[str, str]:
        hashes: dict[str, str] = json.loads((folder / "vendor" / "manifest.json").read_text())["files"]
        return hashes

    @lru_cache(maxsize=512)
    def address(path: str, changed: float) -> str:
        if path in names:
            return url_for("static", filename=f"dist/{names[path]}")
        version = _sum(folder / path) if changed else "missing"
        return url_for("static", filename=path, v=version)

    @app.template_global()
    def asset(path: str) -> str:
        file = folder / path
        return address(path, 0 if path in names or not file.is_file() else file.stat().st_mtime)

    @app.template_global()
    def sri(path: str) -> str:
        manifest = folder / "vendor" / "manifest.json"
        return vendor(manifest.stat().st_mtime).get(path.removeprefix("vendor/"), "") if manifest.is_file() else ""
