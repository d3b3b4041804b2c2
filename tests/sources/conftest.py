"""One board, a host on this machine with feeds, and a clock that goes on from look to look."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.domain.imports import services as imports
from app.domain.imports.models import ImportSighting, ImportSource
from app.domain.imports.services import Wish
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import transition
from app.domain.postings.transitions import Mover
from app.worker import Shift
from app.worker.sources import look_at_sources
from tests.domain.imports.rows import lines, row
from tests.factories import Board
from tests.peer import LOOPBACK, Peer, peering

S = PostingStatus
ROOT = Path(__file__).resolve().parents[2]
HOUR = timedelta(hours=1)
ABC = [row(1), row(2), row(3)]


class Feeds:
    """One board, one peer with feeds, and a clock that goes on from look to look."""

    def __init__(self, app: Flask, board: Board, peer: Peer) -> None:
        self.app, self.board, self.peer = app, board, peer
        self.now = clock.now()
        self.settings = app.extensions["nexus-settings"].model_copy(update={"outbound_allow": "127.0.0.0/8"})
        self.waits: list[str] = []

    def add(self, path: str = "/feed.jsonl", **facts: Any) -> int:
        wish = Wish(**({"url": self.peer.url(path), "publish": True, "every_hours": 1} | facts))
        with self.board.writing() as session:
            return imports.add(session, wish, LOOPBACK, SYSTEM, self.now).id

    def shows(self, *rows: Any, **headers: str) -> None:
        self.peer.says(lines(*rows), **headers)

    def look(self, later: timedelta = HOUR) -> dict[str, int]:
        """Let the time pass, then the worker's turn."""
        self.now += later
        shift = Shift(self.settings, now=lambda: self.now)
        with self.app.app_context():
            counts = dict(look_at_sources(shift))
        self.waits = shift.waits
        return counts

    def source(self, id_: int = 1) -> ImportSource:
        with self.board.reading() as session:
            return session.scalars(select(ImportSource).where(ImportSource.id == id_)).one()

    def states(self) -> list[S]:
        """States of the postings, in the order in which they came."""
        with self.board.reading() as session:
            return list(session.scalars(select(Posting.status).order_by(Posting.id)))

    def absences(self) -> list[int]:
        with self.board.reading() as session:
            return list(session.scalars(select(ImportSighting.absences).order_by(ImportSighting.posting_id)))

    def change(self, number: int, **facts: Any) -> None:
        with self.board.writing() as session:
            posting = session.scalars(select(Posting).order_by(Posting.id).offset(number)).first()
            assert posting is not None
            for name, value in facts.items():
                setattr(posting, name, value)

    def move(self, number: int, to: S, mover: Mover = Mover.EMPLOYER) -> None:
        with self.board.writing() as session:
            posting = session.scalars(select(Posting).order_by(Posting.id).offset(number)).first()
            assert posting is not None
            transition(session, posting, to, mover, posting.version, SYSTEM, "By hand.", self.now, 60)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with peering() as peer:
        yield peer


@pytest.fixture
def feeds(app: Flask, board: Board, peer: Peer) -> Feeds:
    return Feeds(app, board, peer)
