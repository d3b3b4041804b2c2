"""A person's browser, small and quick: one connection kept alive, cookies, forms with their token."""

import http.client
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_KEY = re.compile(r'name="idempotency_key"[^>]*value="([^"]+)"')
File = tuple[str, str, bytes]
"""Field, file name, content."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def token(self) -> str:
        """The token of the first form. Raises LookupError where the page has none."""
        return _first(_TOKEN, self)

    @property
    def key(self) -> str:
        """The form's idempotency key."""
        return _first(_KEY, self)


def _first(pattern: re.Pattern[str], answer: Answer) -> str:
    found = pattern.search(answer.text)
    if found is None:
        raise LookupError(f"{pattern.pattern} is not in an answer {answer.status}")
    return found[1]


class Browser:
    """Talks to 127.0.0.1 only. Raises OSError or HTTPException where the server goes away."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.port, self.timeout = port, timeout
        self.cookies: dict[str, str] = {}
        self._wire: http.client.HTTPConnection | None = None

    def get(self, path: str, *, htmx: bool = False) -> Answer:
        return self.send("GET", path, headers={"HX-Request": "true"} if htmx else {})

    def post(
        self, path: str, fields: Mapping[str, str], file: File | None = None, *, htmx: bool = False
    ) -> Answer:
        if file:
            body, kind = multipart(fields, file)
        else:
            body, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind} | ({"HX-Request": "true"} if htmx else {})
        return self.send("POST", path, body, headers)

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request. A connection that the server closed meanwhile is opened anew before it, never after."""
        wire = self._connection()
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            wire.request(method, path, body or None, sent)
            got = wire.getresponse()
            answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        for line in got.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if got.will_close:
            self.close()
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        if self._wire is not None and self._wire.sock is not None and _hung_up(self._wire):
            self.close()
        if self._wire is None:
            self._wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        return self._wire

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the page. Raises PermissionError where it does not work."""
        token = self.get("/sign-in").token
        answer = self.post("/sign-in", {"email": email, "password": password, "csrf_token": token})
        if answer.status != 303 or "/sign-in" in answer.headers.get("location", ""):
            raise PermissionError(f"{email} could not sign in: {answer.status}")


def _hung_up(wire: http.client.HTTPConnection) -> bool:
    """Whether the other side closed a connection that waits for our next request."""
    wire.sock.setblocking(False)
    try:
        return wire.sock.recv(1) == b""
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        return True
    finally:
        wire.sock.settimeout(wire.timeout)


def multipart(fields: Mapping[str, str], file: File) -> tuple[bytes, str]:
    """A form with one file, and its content type."""
    edge = secrets.token_hex(16)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    name, filename, content = file
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n"
    )
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


def where(url: str) -> str:
    """The path of an address."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
