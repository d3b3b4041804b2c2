"""The index in two processes answers what plain SQL answers while four others change the board.

`python -m bench.oracle` does the same at length.
"""

from flask import Flask

from app.core.db import transaction
from bench.oracle.run import held_against, parts
from tests.domain.search.market import Market

QUESTIONS = 240
LEAST = 60
"""As many must be asked within the time, however busy the machine is."""


def test_while_four_processes_change_the_board(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        Market(seed=9, size=700).store(session)
    url = app.extensions["nexus-settings"].database_url
    roles = parts(url, questions=QUESTIONS, readers=2, writers=4, pause=0.1, seed=3, few=20)
    result = held_against(roles, longest=60)
    assert not result.differences, result.differences[0]
    assert not result.broken, result.broken[0]
    assert result.sound and result.questions >= LEAST, str(result)
    assert result.changes > LEAST // 3, result.done
