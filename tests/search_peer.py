"""Another process beside a test, with an index of its own: one that dies at the worst moment, or one that compares.

`python -m tests.search_peer DATABASE_URL FILE ROLE` ends with 0 where what it compared was equal.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event

from app.core import clock
from app.core.db import db, reading, transaction
from app.core.events import postings_changed
from app.domain.postings.models import Posting
from app.domain.search.filters import Filters
from app.domain.search.index.board import Board
from bench.data import store
from bench.oracle.asking import Asker, stock
from bench.oracle.judging import Judge

QUESTIONS = 25


def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _third_time(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, which nobody outlives when it is done for the third time."""
    times = iter((work, work, _die))
    return lambda *args: next(times)(*args)


def follow_half(judge: Judge, file: Path) -> None:
    """Die half way on in the log, which is thousands of changes long."""
    for ids in ([1], range(1, 3000)):
        with transaction() as session:
            postings_changed.send("tests", session=session, posting_ids=ids, now=clock.now())
        judge.index.total(reading(), Filters(), clock.now())
        Board._renew = _third_time(Board._renew)


def save_half(judge: Judge, file: Path) -> None:
    """Die with half an index on the disk."""
    def half(new: Any, **arrays: Any) -> None:
        new.write(b"PK\x03\x04" + bytes(50_000))
        new.flush()
        _die()

    judge.index.total(reading(), Filters(), clock.now())
    np.savez = half
    judge.index.save(reading(), file, clock.now())


def write_half(judge: Judge, file: Path) -> None:
    """Die with everything written and nothing committed."""
    event.listen(db.engine, "commit", _die)
    with transaction() as session:
        posting = session.get_one(Posting, 1)
        posting.title, posting.frozen_at = "Half a change", clock.now()
        postings_changed.send("tests", session=session, posting_ids=[1], now=clock.now())


def agree(judge: Judge, file: Path) -> None:
    """Begin with what is on the disk, and answer as plain SQL does."""
    judge.index.warm(reading(), clock.now(), file, "EUR")
    dice = random.Random(4)
    asker = Asker(dice, stock(reading(), dice))
    for _ in range(QUESTIONS):
        session = reading()
        session.rollback()
        for difference in judge.differences(session, asker.question(), clock.now()):
            raise SystemExit(str(difference))
    if judge.plainly:
        raise SystemExit(f"{judge.plainly} answers were left to plain SQL")


ROLES = {role.__name__: role for role in (follow_half, save_half, write_half, agree)}

if __name__ == "__main__":
    url, file, role = sys.argv[1:]
    with store.board(url).app_context():
        ROLES[role](Judge(), Path(file))
