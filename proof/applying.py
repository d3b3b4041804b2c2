"""Many people apply at once and try again until they are told that it worked; then the database is asked."""

import hashlib
import http.client
import queue
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from proof.board import Board
from proof.client import Browser
from proof.resume import pdf

OPEN = """
    SELECT p.id FROM postings p
    WHERE p.status = 'published' AND p.apply_url IS NULL AND p.frozen_at IS NULL AND p.company_id IN (
        SELECT m.company_id FROM memberships m JOIN companies c ON c.id = m.company_id
        WHERE m.ended_at IS NULL AND m.role = 'owner' AND c.suspended_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM posting_questions q WHERE q.posting_id = p.id AND q.required)
    ORDER BY p.id DESC LIMIT 60
"""


@dataclass(slots=True)
class Told:
    """What people were told."""

    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Address → (posting, SHA-256 of the file)."""
    answers: Counter[str] = field(default_factory=Counter)
    """How often each answer came; `cut` is a connection that ended without one."""
    slowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the database and the disk say of those who were told that it worked."""

    kept: int
    lost: int
    doubled: int
    orphans: int
    """Files on the disk that no row names."""
    halves: int
    """Files begun and not finished."""

    @property
    def sound(self) -> bool:
        return self.lost == self.doubled == 0


class Applicants:
    """`number` people, `together` at a time; each keeps to one form and its key until it is taken."""

    def __init__(
        self, board: Board, number: int, *, together: int = 16, size: int = 200_000, name: str = "applicant"
    ) -> None:
        self.board, self.number, self.size, self.name = board, number, size, name
        self.told = Told()
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for each in range(number):
            self._waiting.put(each)
        self.postings = [posting for (posting,) in board.data.rows(OPEN)]
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(together)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, seconds: float) -> None:
        """Wait until everybody was told. Raises TimeoutError."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            self.stop.set()
            raise TimeoutError(f"only {self.done} of {self.number} were taken; answers: {dict(self.told.answers)}")

    def wait(self, number: int, seconds: float) -> None:
        """Wait until so many were told. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while self.done < number:
            if time.monotonic() > until:
                self.stop.set()
                raise TimeoutError(f"only {self.done} of {number} were taken; answers: {dict(self.told.answers)}")
            time.sleep(0.02)

    @property
    def done(self) -> int:
        return len(self.told.acknowledged)

    def _work(self) -> None:
        while not self.stop.is_set():
            try:
                number = self._waiting.get_nowait()
            except queue.Empty:
                return
            self._apply(number)

    def _apply(self, number: int) -> None:
        posting = self.postings[number % len(self.postings)]
        email, content = f"{self.name}{number}@proof.example", pdf(f"{self.name} {number}", self.size)
        browser, fields = Browser(self.board.port), None
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                if fields is None:
                    form = browser.get(f"/jobs/{posting}/-/apply")
                    self._note(str(form.status), began)
                    if form.status != 200:
                        raise ConnectionError
                    fields = {
                        "name": f"Person {number}", "email": email, "cover_letter": "I would like to.",
                        "csrf_token": form.token, "idempotency_key": form.key,
                    }
                    continue
                answer = browser.post(f"/jobs/{posting}/applications", fields, ("resume", "resume.pdf", content))
                self._note(str(answer.status), began)
                if answer.status == 303:
                    with self._lock:
                        self.told.acknowledged[email] = (posting, hashlib.sha256(content).hexdigest())
                    browser.close()
                    return
            except (OSError, http.client.HTTPException) as error:
                if not isinstance(error, ConnectionError) or error.errno is not None:
                    self._note("cut", began)
            self.stop.wait(0.2)

    def _note(self, answer: str, began: float) -> None:
        with self._lock:
            self.told.answers[answer] += 1
            self.told.slowest = max(self.told.slowest, time.monotonic() - began)

    def found(self) -> Found:
        """Ask the database and the disk."""
        rows = self.board.data.rows(
            "SELECT a.email, a.posting_id, f.key, f.sha256 FROM applications a"
            " JOIN stored_files f ON f.id = a.resume_id"
            " WHERE a.email LIKE ?", f"{self.name}%",
        )
        times = Counter((email, posting) for email, posting, _, _ in rows)
        whole = {
            (email, posting, digest) for email, posting, key, digest in rows
            if self._digest(key) == digest
        }
        with self._lock:
            lost = sum((email, *facts) not in whole for email, facts in self.told.acknowledged.items())
        proposals = self.board.data.number("SELECT count(*) FROM application_proposals")
        known = {key for (key,) in self.board.data.rows("SELECT key FROM stored_files")}
        kept = [path for path in self.board.uploads.rglob("*") if path.is_file()]
        halves = sum(path.suffix == ".part" for path in kept)
        orphans = sum(path.name not in known for path in kept) - halves
        return Found(len(rows), lost, sum(n - 1 for n in times.values()) + proposals, orphans, halves)

    def _digest(self, key: str) -> str:
        path = self.board.uploads / key[:2] / key
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
