"""Asking a WSGI application in this process, without a server and without a client's own cost."""

import io
from collections.abc import Iterable
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Caller:
    """Calls one application as a server on 127.0.0.1 would, the same way for every application."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._base = {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_ACCEPT": "text/html", "HTTP_USER_AGENT": "bench", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip

    def get(self, path: str, *, htmx: bool = False) -> Answer:
        """Raises RuntimeError on an answer of 500 and more."""
        where, _, query = path.partition("?")
        environ = self._base | {
            "PATH_INFO": where, "QUERY_STRING": query, "RAW_URI": path, "wsgi.input": io.BytesIO(),
        }  # fmt: skip
        if htmx:
            environ["HTTP_HX_REQUEST"] = "true"
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], info: object = None) -> None:
            said[:] = [int(status.split()[0]), headers]

        chunks: Iterable[bytes] = self._application(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = said
        if status >= 500:
            raise RuntimeError(f"{path} answered {status}: {body[:300]!r}")
        return Answer(status, {name.lower(): value for name, value in headers}, body)
