"""The floor: what Flask and the server cost where nothing is searched."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask

Start = Callable[[str, list[tuple[str, str]]], Any]


def application(page: Path) -> Flask:
    """`/empty` says ok; `/same` answers the bytes of `page` out of a string that is ready."""
    app = Flask(__name__)
    ready = page.read_text(encoding="utf-8")

    @app.get("/empty")
    def empty() -> str:
        return "ok"

    @app.get("/same")
    def same() -> str:
        return ready

    return app


def static(page: Path) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """A static page without any framework: the file, opened and read for each who asks."""

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        with page.open("rb") as file:
            content = file.read()
        start("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(content)))])
        return [content]

    return answer
