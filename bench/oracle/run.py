"""A run: its processes, and what they said."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench import where
from bench.oracle.part import Part


@dataclass
class Result:
    """What was done, asked and seen."""

    questions: int = 0
    answers: int = 0
    plainly: int = 0
    seconds: float = 0.0
    asking: dict[str, float] = field(default_factory=dict)
    """Seconds that the index and plain SQL took for their answers."""
    done: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    differences: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """What processes died of, or a writer stumbled over."""

    @property
    def changes(self) -> int:
        """Transactions that changed something."""
        return sum(n for name, n in self.done.items() if not name.startswith("–"))

    @property
    def sound(self) -> bool:
        """Whether both said the same, always, and the index itself nearly always spoke."""
        return not self.differences and not self.broken and self.answers > 0 and self.plainly * 20 < self.answers

    def __str__(self) -> str:
        return (
            f"{self.questions:,} listings, {self.answers:,} answers ({self.plainly:,} by plain SQL), {self.changes:,}"
            f" changes, {len(self.differences)} differences, {len(self.broken)} broken, {self.seconds:.0f} s"
        )


class _Running:
    """One process, and the last it said."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.facts: dict[str, Any] = {}
        self.differences: list[dict[str, Any]] = []
        self.broken: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.oracle.part", json.dumps(asdict(part))], cwd=where.ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )
        self._errors: list[str] = []
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._listen, self._gather)]
        for thread in self._threads:
            thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None  # noqa: S101  it was asked for
        for line in self.process.stdout:
            said = json.loads(line)
            if "difference" in said:
                self.differences.append(said["difference"])
            elif "broken" in said:
                self.broken.append(said["broken"])
            else:
                self.facts |= said

    def _gather(self) -> None:
        assert self.process.stderr is not None  # noqa: S101  it was asked for
        self._errors += self.process.stderr

    def end(self) -> None:
        """Let it come to its end, and take down what it died of."""
        if self.part.role == "writer":
            self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            self.broken.append(f"{self.part.role} {self.part.number} did not end")
        for thread in self._threads:
            thread.join(10)
        if self.process.returncode not in (0, -signal.SIGTERM):  # told to end on its very way out
            self.broken.append("".join(self._errors[-30:]) or f"ended with {self.process.returncode}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def held_against(
    parts: Sequence[Part], tell: Callable[[Result], None] = lambda result: None, longest: float = 7200
) -> Result:
    """Let these processes run until the readers have asked all; `tell` hears every other second how it stands.

    Interrupted or beyond `longest` seconds, what is known by then is the answer.
    """
    where.behind()  # one clock for all
    began = time.monotonic()
    running = [_Running(part) for part in parts]
    readers = [one for one in running if one.part.role == "reader"]
    try:
        while any(one.process.poll() is None for one in readers) and time.monotonic() - began < longest:
            time.sleep(0.2)
            if int((time.monotonic() - began) * 5) % 10 == 0:
                tell(_summed(running, began))
        _end_all(running)
    except KeyboardInterrupt:
        _end_all(running)
        raise Interrupted(_summed(running, began)) from None
    finally:
        for one in running:
            if one.process.poll() is None:
                one.kill()
    return _summed(running, began)


class Interrupted(Exception):
    """Somebody ended the run; `result` is what was known by then."""

    def __init__(self, result: Result) -> None:
        super().__init__(str(result))
        self.result = result


def _end_all(running: Sequence[_Running]) -> None:
    for one in running:
        if one.part.role == "reader" and one.process.poll() is None:
            one.process.terminate()
    for one in running:
        one.end()


def _summed(running: Sequence[_Running], began: float) -> Result:
    result = Result(seconds=round(time.monotonic() - began, 1))
    done, refused, asking = Counter[str](), Counter[str](), Counter[str]()
    for one in running:
        facts = one.facts
        result.questions += facts.get("asked", 0)
        result.answers += facts.get("answers", 0)
        result.plainly += facts.get("plainly", 0)
        asking.update(facts.get("seconds", {}))
        done.update(facts.get("done", {}))
        refused.update(facts.get("refused", {}))
        result.differences += one.differences
        result.broken += one.broken
    result.asking = {name: round(seconds, 2) for name, seconds in asking.items()}
    result.done, result.refused = dict(sorted(done.items())), dict(refused)
    return result


def parts(
    url: str, *, questions: int, readers: int, writers: int, pause: float, seed: int, few: int | None
) -> list[Part]:
    """The writers and readers of a run; of several readers, every other one counts as on a board of a million."""
    shares = [questions // readers + (number < questions % readers) for number in range(readers)]
    return [
        *(Part("writer", number, url, seed, pause=pause) for number in range(1, writers + 1)),
        *(
            Part("reader", number, url, seed, questions=share, few=few if number % 2 == 0 else None)
            for number, share in enumerate(shares, 1)
        ),
    ]


__all__ = ["Interrupted", "Part", "Result", "held_against", "parts"]
