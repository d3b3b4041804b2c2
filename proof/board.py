"""A board of its own to be hard on: its database, its uploads, its server processes, all gone afterwards."""

import hashlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from proof.client import Browser

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql://root@127.0.0.1:5432/test")
PASSWORD = "nexus demo password"  # noqa: S105  the demo's, which everybody knows
TEMPLATES = ROOT / "instance" / "proof"
WORKERS, THREADS = 2, 8


def tidy() -> None:
    """Let a polite end (SIGTERM) clean up as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def engines() -> list[str]:
    """SQLite, and PostgreSQL where it answers."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=2).close()
    except psycopg.Error:
        print("PostgreSQL does not answer: nothing is done to it (set TEST_DATABASE_URL).", flush=True)
        return ["sqlite"]
    return ["sqlite", "postgresql"]


def free_port() -> int:
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        return int(wire.getsockname()[1])


class Database:
    """One database, made for a proof and dropped after it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")

    @property
    def path(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query answers, asked beside the application. `?` stands for a value."""
        if self.sqlite:
            connection = sqlite3.connect(self.path, timeout=30)
            try:
                return connection.execute(query, values).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self.url) as wire:
            return wire.execute(query.replace("%", "%%").replace("?", "%s").encode(), values).fetchall()

    def number(self, query: str, *values: Any) -> int:
        return int(self.rows(query, *values)[0][0])


@contextmanager
def database(engine: str, folder: Path, name: str) -> Iterator[Database]:
    """An empty database."""
    if engine == "sqlite":
        yield Database(f"sqlite:///{folder / 'nexus.db'}")
        return
    name = f"nexus_proof_{re.sub(r'[^a-z]', '_', name)}_{os.getpid()}"
    url = POSTGRES.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield Database(url)
    finally:
        with suppress(psycopg.Error), psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Board:
    """A board on a database and a folder, served by gunicorn on a port of 127.0.0.1."""

    def __init__(self, data: Database, folder: Path, **settings: str) -> None:
        self.data, self.folder = data, folder
        self.uploads = folder / "uploads"
        self.port = free_port()
        self.log = folder / "server.log"
        self.settings = {
            "DATABASE_URL": data.url, "UPLOAD_DIR": str(self.uploads), "RATE_LIMITS": "off", "REDIS_URL": "",
            "SMTP_URL": "", "BASE_URL": f"http://127.0.0.1:{self.port}", "NEXUS_ENV": "development",
            "SECRET_KEY": "a secret for proofs only, and long enough", "PYTHONUNBUFFERED": "1",
        } | settings
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | self.settings

    def flask(self, *words: str, said: str = "", timeout: float = 3600) -> str:
        """What `flask --app wsgi …` says on this board. Raises RuntimeError with its words where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words], cwd=ROOT, env=self.environment, check=False,
            text=True, capture_output=True, timeout=timeout, input=said,
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout

    def fill(self) -> None:
        """The demo board, with its people: made once for this tree, then copied or restored."""
        made = demo()
        if self.data.sqlite:
            shutil.copy2(made / "nexus.db", self.data.path)
            shutil.copytree(made / "uploads", self.uploads)
            return
        self.flask("restore", str(made / "demo.tar"))

    # ── processes ────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """A command of ours in a process group of its own, its words in the log."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words], cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )
        self.processes.append(process)
        return process

    def serve(self, workers: int = WORKERS, threads: int = THREADS) -> "subprocess.Popen[bytes]":
        """Start the server, and wait until it answers. Raises TimeoutError."""
        config = ["--config", "gunicorn.conf.py"] if (ROOT / "gunicorn.conf.py").exists() else ["--preload"]
        server = self.start(
            "-m", "gunicorn", *config, "--no-control-socket", "--worker-class", "gthread", "--workers", str(workers),
            "--threads", str(threads), "--bind", f"127.0.0.1:{self.port}", "--log-level", "warning", "wsgi:app",
        )
        self.wait()
        while len(children(server.pid)) < workers:
            time.sleep(0.05)
        return server

    def wait(self, path: str = "/healthz", seconds: float = 60) -> float:
        """Seconds until `path` answers 200. Raises TimeoutError."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            with suppress(OSError, Exception):
                if Browser(self.port, 5).get(path).status == 200:
                    return time.monotonic() - began
            time.sleep(0.05)
        raise TimeoutError(f"{path} does not answer; the end of {self.log}:\n{self.said()}")

    def said(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else ""

    def broken(self) -> str:
        """The last lines of every traceback in the server's log, each once."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        kinds = re.findall(r"^(?:[a-z_]+\.)+[A-Z]\w+(?:: .*)?$", text, re.M)
        return "; ".join(dict.fromkeys(kind[:160] for kind in kinds))

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """kill -9 of a whole server, workers and all."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """End every process that this board started."""
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)


def children(pid: int) -> list[int]:
    """The processes that this one started and that live."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(word) for word in path.read_text().split()]
    except OSError:
        return []


def memory(pids: Sequence[int]) -> int:
    """Bytes of memory that are these processes' own or shared, in proportion (PSS)."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
            total += int(found[1]) * 1024 if found else 0
    return total


@contextmanager
def folder() -> Iterator[Path]:
    """A scratch folder, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="nexus-proof-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def demo() -> Path:
    """A folder with the demo board as an SQLite file, its uploads and a backup of both; made anew when it changed."""
    held = hashlib.sha256()
    for path in sorted([*(ROOT / "app" / "demo").rglob("*.*"), *(ROOT / "migrations" / "versions").glob("*.py")]):
        if path.suffix != ".pyc":
            held.update(path.read_bytes())
    place = TEMPLATES / held.hexdigest()[:16]
    if not (place / "demo.tar").exists():
        print("Loading the demo board, once …", flush=True)
        shutil.rmtree(TEMPLATES, ignore_errors=True)
        place.mkdir(parents=True)
        made = Board(Database(f"sqlite:///{place / 'nexus.db'}"), place)
        made.flask("db", "upgrade")
        made.flask("demo")
        made.flask("backup", str(place / "demo.part"))
        with sqlite3.connect(place / "nexus.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        (place / "demo.part").rename(place / "demo.tar")
    return place


@contextmanager
def board(engine: str, name: str, *, inside: Path | None = None, **settings: str) -> Iterator[Board]:
    """The demo board on one engine, not served yet. `inside` is a folder to hold it, where that matters."""
    with folder() as scratch:
        place = inside or scratch
        with database(engine, place, name) as data:
            made = Board(data, place, **settings)
            try:
                made.fill()
                yield made
            finally:
                made.close()
