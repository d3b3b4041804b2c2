"""Addresses of static files that change with their content, and hashes of those others wrote."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for


def install(app: Flask) -> None:
    folder = Path(app.static_folder or "")

    @lru_cache(maxsize=512)
    def digest(path: str, changed: float) -> str:
        return hashlib.sha256((folder / path).read_bytes()).hexdigest()[:12]

    @lru_cache(maxsize=1)
    def vendor(changed: float) -> dict[str, str]:
        hashes: dict[str, str] = json.loads((folder / "vendor" / "manifest.json").read_text())["files"]
        return hashes

    @app.template_global()
    def asset(path: str) -> str:
        file = folder / path
        version = digest(path, file.stat().st_mtime) if file.is_file() else "missing"
        return url_for("static", filename=path, v=version)

    @app.template_global()
    def sri(path: str) -> str:
        manifest = folder / "vendor" / "manifest.json"
        return vendor(manifest.stat().st_mtime).get(path.removeprefix("vendor/"), "") if manifest.is_file() else ""
