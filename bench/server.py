"""gunicorn with one system behind it, as the product's own configuration starts it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.load import driven, request
from bench.where import ROOT, folder
from proof.board import children, free_port

WORKERS = min(4, (os.cpu_count() or 1) + 1)
THREADS = 8
"""What gunicorn.conf.py says for this machine."""


class Server(NamedTuple):
    """A server that answers, and the seconds from its start to its first answer."""

    port: int
    pid: int
    started: float

    def memory(self) -> dict[str, float]:
        """MB a worker takes: resident, its own alone (USS) and its share (PSS), the median of the workers."""
        return {kind: _median([_held(pid, pattern) for pid in children(self.pid)]) for kind, pattern in _KINDS.items()}


_KINDS = {"rss": r"^Rss:", "uss": r"^Private_(?:Clean|Dirty):", "pss": r"^Pss:"}


def _held(pid: int, pattern: str) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(number) for number in re.findall(rf"{pattern}\s+(\d+) kB", text, re.M)) / 1024


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0


@contextmanager
def serving(name: str, engine: str, size: str, first: str, *, memo: bool = False) -> Iterator[Server]:
    """The system behind gunicorn; `first` is the path whose answer is waited for. Raises TimeoutError.

    Without `memo` the product remembers no whole answers.
    """
    port = free_port()
    ours = ["--config", "gunicorn.conf.py"] if name in ("index", "plain") else ["--config", "/dev/null"]
    environment = os.environ | {
        "BENCH_SYSTEM": f"{name} {engine} {size}", "BENCH_MEMO": "on" if memo else "off", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    words = [
        sys.executable, "-m", "gunicorn", *ours, "--preload", "--worker-class", "gthread", "--workers", str(WORKERS),
        "--threads", str(THREADS), "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--keep-alive", "75",
        "--timeout", "180", "bench.serve:app",
    ]  # fmt: skip
    began = time.perf_counter()
    with _log().open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log)
    try:
        _wait(process, port, first)
        yield Server(port, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, first: str, seconds: float = 300) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until and process.poll() is None:
        try:
            if driven(port, [request(first, htmx=True)], 120, 1, most=1).answers:
                return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(f"the server does not answer {first}: {_log().read_text(errors='replace')[-2000:]}")


def _log() -> Path:
    return folder() / "server.log"
