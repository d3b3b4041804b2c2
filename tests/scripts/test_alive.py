"""The container's health check."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from scripts.alive import main


class Web(BaseHTTPRequestHandler):
    """A web process that knows one host and one page."""

    def do_GET(self) -> None:
        known = self.headers["Host"] == "jobs.example.org" and self.path == "/healthz"
        self.send_response(200 if known else 400)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("BIND", f"0.0.0.0:{server.server_port}")
    monkeypatch.setenv("BASE_URL", "https://jobs.example.org")
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_web_that_answers_under_its_name_is_alive(port: int) -> None:
    assert main() == 0


def test_one_that_refuses_or_is_gone_is_not(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", "https://other.example.org")
    assert main() == 1
    monkeypatch.setenv("BIND", "0.0.0.0:1")
    assert main() == 1
