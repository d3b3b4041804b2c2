"""One process of a run: a writer or a reader with an application of its own. Says what it does in lines of JSON."""

import json
import random
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

from app.core import clock
from app.core.db import Unavailable, let_go, reading
from app.core.errors import DomainError
from app.domain.search.index import counting
from bench import where
from bench.data import store
from bench.oracle.acting import Hand
from bench.oracle.asking import Asker, stock
from bench.oracle.judging import Judge

_OFTEN = 1.0
"""Seconds between two lines."""
_LOOKED = 40
"""Questions after which what the board holds is looked at anew."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one process does.

    A writer acts until it is told to end, with pauses of `pause` seconds on the average; a reader asks `questions`.
    With `few`, hits beyond so many are counted by whole sets, as on boards of a million.
    """

    role: Literal["writer", "reader"]
    number: int
    url: str
    seed: int
    pause: float = 0.0
    questions: int = 0
    few: int | None = None


def main() -> None:
    """Play the part that the first argument tells, in JSON."""
    part = Part(**json.loads(sys.argv[1]))
    where.keep_that_time()
    if part.few is not None:
        counting.FEW = part.few
    app = store.board(part.url)
    dice = random.Random(f"{part.seed} {part.role} {part.number}")
    told: list[int] = []  # looked at between two acts: of what a handler raises the driver makes another error
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    with app.app_context():
        (_write if part.role == "writer" else _read)(part, dice, told)


def _say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def _write(part: Part, dice: random.Random, told: list[int]) -> None:
    """Act after act until told to end; what the board refuses is counted, what breaks is told."""
    hand = Hand(dice, stock(reading(), dice), part.number)
    done, refused, said = Counter[str](), Counter[str](), 0.0
    try:
        while not told:
            try:
                done[hand.act(clock.now())] += 1
            except (DomainError, Unavailable) as error:
                refused[type(error).__name__] += 1
            except Exception:
                _say(broken=traceback.format_exc())
            finally:
                let_go()
            if time.monotonic() - said > _OFTEN:
                said = time.monotonic()
                _say(done=done, refused=refused)
            time.sleep(dice.expovariate(1 / part.pause))
    finally:
        _say(done=done, refused=refused)


def _read(part: Part, dice: random.Random, told: list[int]) -> None:
    """Question after question, each about one moment, until all are asked or it is told to end."""
    judge, asker, said, asked = Judge(), Asker(dice, stock(reading(), dice)), 0.0, 0
    try:
        for number in range(1, part.questions + 1):
            if told:
                break
            session = reading()
            session.rollback()
            if number % _LOOKED == 0:
                asker.known = stock(session, dice)
                session.rollback()
            question, now = asker.question(), clock.now()
            try:
                for difference in judge.differences(session, question, now):
                    _say(difference=asdict(difference))
                asked = number
            except Unavailable as error:
                _say(unavailable=str(error).splitlines()[0])
                let_go()
            if time.monotonic() - said > _OFTEN:
                said = time.monotonic()
                _tell(judge, asked)
    finally:
        _tell(judge, asked)
        let_go()


def _tell(judge: Judge, asked: int) -> None:
    _say(asked=asked, answers=judge.answers, plainly=judge.plainly, seconds=judge.seconds)


if __name__ == "__main__":
    main()
