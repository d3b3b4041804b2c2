"""What the admin's tests share."""

from collections.abc import Callable

import pytest

from tests.factories import Board


@pytest.fixture
def queries(board: Board) -> Callable[[Callable[[], object]], int]:
    """Counts the statements that a piece of work sends to the database."""

    def count(work: Callable[[], object]) -> int:
        with board.statements() as sent:
            work()
        return len(sent)

    return count
