"""The server of production, with our configuration: it shares no connection, adds up its figures, and ends gently."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.core.settings import Settings
from tests.test_commands import free_port

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "a token for the figures"
IN_FLIGHT = 50


class Server:
    """gunicorn on a port and a database of its own."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'served.db'}"
        assert create_app(Settings(nexus_env="testing", database_url=url)).test_cli_runner().invoke(
            args=["db", "upgrade"]
        ).exit_code == 0
        self.port = free_port()
        environment = os.environ | {
            "NEXUS_ENV": "testing", "DATABASE_URL": url, "UPLOAD_DIR": str(folder / "uploads"), "METRICS_TOKEN": TOKEN,
            "BIND": f"127.0.0.1:{self.port}", "WEB_CONCURRENCY": "2", "WEB_THREADS": str(IN_FLIGHT + 10),
            "RATE_LIMITS": "off", "HOME": str(folder / "nowhere"),
        }
        command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert self.process.stderr is not None
        booted = 0
        for line in self.process.stderr:
            booted += "Booting worker" in line
            if booted == 2:
                break
        assert booted == 2

    def get(self, path: str) -> str:
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            wire.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
            return wire.getresponse().read().decode()
        finally:
            wire.close()

    def figure(self, name: str) -> float:
        """The sum of a figure over its labels, as /metrics says."""
        found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.get("/metrics"), re.M)
        return sum(map(float, found))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    yield started
    started.process.kill()
    started.process.communicate()


def half_sent(port: int) -> socket.socket:
    """A form whose second half is still to come."""
    wire = socket.create_connection(("127.0.0.1", port), timeout=30)
    wire.sendall(
        b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 20\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=a%40b"
    )
    return wire


def test_what_is_in_flight_is_answered_before_it_ends(server: Server) -> None:
    wires = [half_sent(server.port) for _ in range(IN_FLIGHT)]
    deadline = time.monotonic() + 30
    while server.figure("nexus_requests_in_flight") < IN_FLIGHT + 1:
        assert time.monotonic() < deadline, "not all are in flight"
    server.process.send_signal(signal.SIGTERM)
    answers = []
    for wire in wires:
        wire.sendall(b"&password")
        with wire.makefile("rb") as file:
            answers.append(file.readline())
        wire.close()
    assert answers == [b"HTTP/1.1 400 BAD REQUEST\r\n"] * IN_FLIGHT, "no token of a form, but an answer"
    assert server.process.wait(30) == 0


def test_figures_are_those_of_all_workers_and_outlive_one(server: Server) -> None:
    for _ in range(20):
        server.get("/healthz")
    asked = re.compile(r'^nexus_request_seconds_count\{[^}]*route="/healthz"[^}]*\} 20.0$', re.M)
    assert asked.search(server.get("/metrics"))
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not tell a process's children")
    workers = children.read_text().split()
    assert len(workers) == 2
    os.kill(int(workers[0]), signal.SIGKILL)
    deadline = time.monotonic() + 30
    while workers[0] in children.read_text().split() or len(children.read_text().split()) < 2:
        assert time.monotonic() < deadline
    assert asked.search(server.get("/metrics"))
    assert server.figure("nexus_requests_in_flight") == 1
