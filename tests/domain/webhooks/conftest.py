"""A company with a webhook that leads to a peer on this machine."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.domain.applications.conftest import applying  # noqa: F401  a fixture
from tests.factories import Board
from tests.hooks import hooked, owner_of
from tests.peer import Peer, peering


@pytest.fixture
def peer() -> Iterator[Peer]:
    with peering() as peer:
        yield peer


@pytest.fixture
def hook(board: Board, peer: Peer) -> SimpleNamespace:
    """The webhook; `company` is whose it is, `actor` an owner of it."""
    company = board.company("Northwind", trusted=True)
    made = hooked(board, peer.url("/hook"), owner_of(board, company))
    made.company = company
    return made
