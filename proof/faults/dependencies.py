"""PostgreSQL stopped hard and started again; Redis refusing, hanging, slow."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proof.applying import Applicants
from proof.board import Board, Database, board, children, demo, folder, free_port
from proof.client import Browser
from proof.faults.plan import Finding, Size, Told, fault, say

REDIS = shutil.which("redis-server")


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────


class Cluster:
    """A PostgreSQL of our own on a port of its own."""

    def __init__(self, place: Path) -> None:
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.data, self.port = place / "cluster", free_port()
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        place.chmod(0o755)
        self.data.mkdir()
        if self._as:
            shutil.chown(self.data, "postgres", "postgres")
        self._run("initdb", "-A", "trust", "-U", "proof", "-D", str(self.data), "-E", "UTF8", "--no-locale")

    @property
    def url(self) -> str:
        return f"postgresql://proof@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.data}"
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.data / "log"), "-o", options, "-w", "start")

    def stop(self) -> None:
        """Without a word to anybody: like a power cut."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def _run(self, command: str, *words: str) -> None:
        done = subprocess.run(
            [*self._as, str(self.bin / command), *words], check=False, text=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/",
        )
        if done.returncode:
            raise RuntimeError(f"{command} ended with {done.returncode}")


@fault("postgres", "PostgreSQL stopped hard and started again three times while people read and apply")
def postgres(size: Size) -> Told:
    """Nothing acknowledged is lost, answers are 503 only, no worker exits, nothing is restarted."""
    if not Path("/usr/lib/postgresql").exists():
        return [Finding("PostgreSQL", "a server to stop", "none is installed here", False)]
    with folder() as place:
        cluster = Cluster(place)
        cluster.start()
        made = Board(Database(cluster.url), place)
        try:
            made.flask("restore", str(demo() / "demo.tar"))
            return [_stopped(made, cluster, size.of(300, 30))]
        finally:
            made.close()
            try:
                cluster.stop()
            except RuntimeError:
                say("its PostgreSQL had stopped already")


def _stopped(made: Board, cluster: Cluster, number: int) -> Finding:
    server = made.serve()
    workers = children(server.pid)
    people, reads = Applicants(made, number, together=6), Reader(made)
    people.begin()
    reads.begin()
    back = []
    for turn in range(1, 4):
        people.wait(number * turn // 4, 300)
        cluster.stop()
        say(f"stopped after {people.done} of {number}")
        time.sleep(3)
        cluster.start()
        back.append(round(made.wait("/readyz"), 1))
        say(f"ready again {back[-1]} s after its start")
    people.join(600)
    reads.end()
    if os.environ.get("PROOF_LOG"):
        shutil.copy2(made.log, os.environ["PROOF_LOG"])
    found, answers = people.found(), people.told.answers + reads.answers
    strange = {status for status in answers if status not in ("200", "303", "503")}
    return Finding(
        "PostgreSQL", "0 lost, 0 doubled, 503 only, no worker exits, recovers by itself",
        f"{people.done} acknowledged, {found.lost} lost, {found.doubled} doubled; answers {_counted(answers)};"
        f" ready again after {back} s; {'the same' if children(server.pid) == workers else 'OTHER'} workers"
        + (f"; {made.broken()}" if strange else ""),
        found.sound and people.done == number and not strange and children(server.pid) == workers,
    )


class Reader:
    """Somebody who reads page after page, and counts the answers."""

    PATHS = ("/", "/jobs", "/jobs?q=engineer", "/companies")

    def __init__(self, made: Board) -> None:
        self.made, self.answers, self.slowest = made, Counter[str](), 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join(60)

    def _read(self) -> None:
        browser, turn = Browser(self.made.port, 60), 0
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                self.answers[str(browser.get(self.PATHS[turn % len(self.PATHS)]).status)] += 1
            except OSError:
                self.answers["cut"] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            turn += 1
            self._ended.wait(0.1)


def _counted(answers: Counter[str]) -> str:
    return ", ".join(f"{number}×{answer}" for answer, number in sorted(answers.items()))


# ── Redis ────────────────────────────────────────────────────────────────────────────────────────────────────


@fault("redis", "Redis refusing, hanging and slow, while people read and somebody guesses passwords")
def redis(size: Size) -> Told:
    """No 5xx; the limits still answer 429."""
    found = []
    for name, way in (("refusing", _refusing), ("hanging", _hanging), ("slow", _slow), ("lost on the way", _lost)):
        with way() as port, board("sqlite", "redis", REDIS_URL=f"redis://127.0.0.1:{port}/0", RATE_LIMITS="on") as made:
            found.append(_without_redis(name, made))
            say(found[-1].seen)
    return found


def _without_redis(name: str, made: Board) -> Finding:
    made.serve()
    reads, guesses = Counter[str](), Counter[str]()
    slowest, browser = 0.0, Browser(made.port, 60)
    for path in Reader.PATHS * 5:
        began = time.monotonic()
        reads[str(browser.get(path).status)] += 1
        slowest = max(slowest, time.monotonic() - began)
    token = browser.get("/sign-in").token
    for _ in range(30):  # ten a minute are let through, by each worker where they cannot ask each other
        fields = {"email": "seeker@nexus.example", "password": "wrong", "csrf_token": token}
        guesses[str(browser.post("/sign-in", fields).status)] += 1
    bad = [status for status in (*reads, *guesses) if status.startswith("5")]
    return Finding(
        f"Redis {name}", "no 5xx, limits still answer 429",
        f"pages {_counted(reads)}, the slowest {slowest:.1f} s; guesses {_counted(guesses)}",
        not bad and guesses["429"] > 0 and set(reads) == {"200"},
    )


@contextmanager
def _refusing() -> Iterator[int]:
    yield free_port()


@contextmanager
def _server() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A Redis of our own."""
    if REDIS is None:
        raise RuntimeError("redis-server is not installed here")
    with folder() as place:
        port = free_port()
        process = subprocess.Popen(
            [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(place)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + 10
            while time.monotonic() < until:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield port, process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


@contextmanager
def _hanging() -> Iterator[int]:
    """It takes connections and says nothing more."""
    with _server() as (port, process):
        process.send_signal(signal.SIGSTOP)
        yield port


@contextmanager
def _lost() -> Iterator[int]:
    """It was there, and is stopped while the board runs."""
    with _server() as (port, process):
        threading.Timer(6, lambda: process.send_signal(signal.SIGSTOP)).start()
        yield port


@contextmanager
def _slow() -> Iterator[int]:
    """Every answer of it comes a second late."""
    with _server() as (port, _), socket.create_server(("127.0.0.1", 0)) as ours:
        ours.settimeout(0.2)
        ended = threading.Event()

        def carry(source: socket.socket, target: socket.socket, wait: float) -> None:
            try:
                while data := source.recv(65536):
                    ended.wait(wait)
                    target.sendall(data)
            except OSError:
                pass
            finally:
                source.close()
                target.close()

        def serve() -> None:
            while not ended.is_set():
                try:
                    near = ours.accept()[0]
                    far = socket.create_connection(("127.0.0.1", port))
                except OSError:
                    continue
                for pair in ((near, far, 0.0), (far, near, 1.0)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield int(ours.getsockname()[1])
        finally:
            ended.set()
