"""A polite end with people in the middle of something; a row somebody holds; slow and absurd requests; the clock."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from proof.applying import OPEN
from proof.board import PASSWORD, ROOT, Board, board, engines
from proof.client import Answer, Browser
from proof.faults.plan import Finding, Size, Told, fault
from proof.faults.races import together
from proof.resume import pdf


@fault("stop", "SIGTERM to the server with fifty applications in flight")
def stop(size: Size) -> Told:
    """All fifty are answered."""
    return [_stopped(engine) for engine in engines()]


def _stopped(engine: str) -> Finding:
    with board(engine, "stop") as made:
        server = made.serve(threads=16)
        posting = made.data.number(OPEN.replace("LIMIT 60", "LIMIT 1"))
        forms = [_form(made, posting, number) for number in range(50)]
        begun = threading.Semaphore(0)

        def send(browser: Browser, fields: dict[str, str], content: bytes) -> Answer:
            begun.release()
            try:
                return browser.post(f"/jobs/{posting}/applications", fields, ("resume", "cv.pdf", content))
            except OSError as error:
                return Answer(0, {}, str(error).encode())

        def end() -> Answer:
            for _ in range(50):
                begun.acquire()
            time.sleep(0.3)
            os.kill(server.pid, signal.SIGTERM)
            return Answer(1, {}, b"")

        answers = Counter(
            answer.status for answer in together(end, *(lambda each=each: send(*each) for each in forms))  # type: ignore[misc]
        )
        server.wait(60)
        rows = made.data.number("SELECT count(*) FROM applications WHERE email LIKE 'flying%'")
        return Finding(
            engine, "50 answered", f"{answers[303]} of 50 answered 303, {rows} kept; {dict(answers)}",
            answers[303] == 50 == rows,
        )


def _form(made: Board, posting: int, number: int) -> tuple[Browser, dict[str, str], bytes]:
    browser = Browser(made.port, 60)
    form = browser.get(f"/jobs/{posting}/-/apply")
    fields = {
        "name": f"Flying {number}", "email": f"flying{number}@proof.example", "cover_letter": "",
        "csrf_token": form.token, "idempotency_key": form.key,
    }
    return browser, fields, pdf(f"flying {number}")


@fault("locked", "somebody holds a row (SQLite: the whole database) for thirty seconds")
def locked(size: Size) -> Told:
    """Whoever needs it is told so within five seconds: 503."""
    return [_locked(engine) for engine in engines()]


def _locked(engine: str) -> Finding:
    with board(engine, "locked") as made:
        made.serve()
        browser = Browser(made.port, 60)
        browser.sign_in("admin@nexus.example", PASSWORD)
        token = browser.get("/admin/postings").token
        posting, version = made.data.rows("SELECT id, version FROM postings WHERE status = 'published' LIMIT 1")[0]
        with _held(made, posting):
            began = time.monotonic()
            answer = browser.post(f"/admin/postings/{posting}/freeze", {"version": str(version), "csrf_token": token})
            took = time.monotonic() - began
            pages = [Browser(made.port).get(path).status for path in ("/", "/jobs")]
        later = browser.post(f"/admin/postings/{posting}/freeze", {"version": str(version), "csrf_token": token}).status
        return Finding(
            engine, "503 in 5 s or less, with Retry-After; reads go on; works again afterwards",
            f"{answer.status} after {took:.1f} s, Retry-After {answer.headers.get('retry-after', 'missing')};"
            f" pages {pages}; afterwards {later}",
            answer.status == 503 and took <= 5 and set(pages) == {200} and later == 303
            and "retry-after" in answer.headers,
        )


@contextmanager
def _held(made: Board, posting: int) -> Iterator[None]:
    if made.data.sqlite:
        holder = sqlite3.connect(made.data.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.close()
        return
    with psycopg.connect(made.data.url) as wire:
        wire.execute("SELECT 1 FROM postings WHERE id = %s FOR UPDATE", (posting,))
        yield


@fault("odd", "200 connections that never end their request; bodies and fields without measure; NUL, bad UTF-8, 10^23")
def odd(size: Size) -> Told:
    """4xx at once, never 5xx; a slow crowd costs the others nothing."""
    with board("sqlite", "odd") as made:
        made.serve()
        return [_absurd(made), _crowd(made, size.of(200, 40))]


def _absurd(made: Board) -> Finding:
    browser, told = Browser(made.port, 60), []
    form = browser.get("/sign-in")
    token, kind = form.token, {"Content-Type": "application/x-www-form-urlencoded"}
    fields = "&".join(f"f{number}=1" for number in range(10_000)).encode()
    asked = {
        "a body of 50 MB": ("POST", "/sign-in", b"email=" + b"x" * 50_000_000, kind),
        "10,000 fields": ("POST", "/sign-in", b"csrf_token=" + token.encode() + b"&" + fields, kind),
        "NUL in the address": ("GET", "/jobs?q=a%00b", b"", {}),
        "NUL in a form": ("POST", "/sign-in", b"csrf_token=" + token.encode() + b"&email=a%00b&password=x", kind),
        "bad UTF-8": ("GET", "/jobs?q=%FF", b"", {}),
        "10^23 in the path": ("GET", f"/jobs/{10**23}", b"", {}),
        "10^23 as a page marker": ("GET", f"/jobs?after={10**23}", b"", {}),
        "a header of 60 kB": ("GET", "/", b"", {"X-Long": "x" * 60_000}),
    }
    for name, request in asked.items():
        try:
            answer = browser.send(*request)
            told.append((name, answer.status))
        except OSError:  # the server need not read fifty megabytes to refuse them
            told.append((name, 413 if "MB" in name else 0))
    return Finding(
        "absurd requests", "4xx at once", "; ".join(f"{name}: {status}" for name, status in told),
        all(400 <= status < 500 for _, status in told) and Browser(made.port).get("/").status == 200,
    )


def _crowd(made: Board, number: int) -> Finding:
    """Connections that say a line and then a letter now and then, while others read."""
    crowd = []
    for _ in range(number):
        wire = socket.create_connection(("127.0.0.1", made.port), 5)
        wire.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\nX-A: ")
        crowd.append(wire)
    took, statuses = [], Counter[int]()
    try:
        for path in ("/", "/jobs", "/companies", "/healthz") * 3:
            for wire in crowd:
                try:
                    wire.sendall(b"x")
                except OSError:
                    continue
            began = time.monotonic()
            try:
                statuses[Browser(made.port, 20).get(path).status] += 1
            except OSError:
                statuses[0] += 1
            took.append(time.monotonic() - began)
    finally:
        for wire in crowd:
            wire.close()
    again = Browser(made.port).get("/").status
    return Finding(
        f"{number} slow connections", "behind nginx they never arrive; without it others may wait, never get an error",
        f"others meanwhile: {dict(statuses)} (0: no answer in 20 s), the slowest after {max(took):.1f} s;"
        f" afterwards {again}",
        again == 200 and not any(status >= 500 for status in statuses),
    )


@fault("clock", "the clock stands 31 and 400 days later, and a day earlier")
def clock(size: Size) -> Told:
    """What has expired has left every page at once; sessions are over; nothing breaks."""
    found = []
    for engine in engines():
        with board(engine, "clock") as made:
            said = subprocess.run(
                [sys.executable, "-m", "proof.faults.shifted"], cwd=ROOT, env=made.environment, check=True, text=True,
                capture_output=True,
            )
            for name, seen, good in json.loads(said.stdout.splitlines()[-1]):
                found.append(Finding(f"{engine}, {name}", "live means live now; no 5xx", seen, good))
    return found
