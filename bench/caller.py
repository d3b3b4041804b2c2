"""Asking a WSGI application in this process, without a server and without a client's own cost."""

import io
from collections.abc import Callable, Iterable
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
        parts: list[bytes] = []
        answer = self.sent(path, parts.append, **({"HTTP_HX_REQUEST": "true"} if htmx else {}))
        return answer._replace(body=b"".join(parts))

    def sent(self, path: str, take: Callable[[bytes], object], **environ: str) -> Answer:
        """The answer without its body, whose parts are handed to `take` as they come. Raises as `get` does."""
        where, _, query = path.partition("?")
        asked = self._base | {
            "PATH_INFO": where, "QUERY_STRING": query, "RAW_URI": path, "wsgi.input": io.BytesIO(), **environ,
        }  # fmt: skip
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], info: object = None) -> None:
            said[:] = [int(status.split()[0]), headers]

        chunks: Iterable[bytes] = self._application(asked, start)
        try:
            for chunk in chunks:
                take(chunk)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = said
        if status >= 500:
            raise RuntimeError(f"{path} answered {status}")
        return Answer(status, {name.lower(): value for name, value in headers}, b"")
