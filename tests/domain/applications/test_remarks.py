"""Notes and ratings: each belongs to one application and one colleague; what changed unseen is not written over."""

from types import SimpleNamespace

import pytest

from app.core import clock
from app.core.errors import Conflict
from app.domain.applications.models import Application
from app.domain.applications.remarks import add_note, delete_note, edit_note, notes
from tests.domain.applications.conftest import Applying
from tests.factories import Board


def test_a_note_that_changed_since_is_neither_written_over_nor_deleted(
    board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    one, now = applying(employed.posting.id).application_id, clock.now()
    with board.writing() as session:
        application = session.get_one(Application, one)
        note = add_note(session, application, "Strong", employed.one, now).id
        edit_note(session, application, note, "Very strong", 1, employed.one, now)
    for stale in (edit_note, delete_note):
        more = ("Weak",) if stale is edit_note else ()
        with pytest.raises(Conflict) as error, board.writing() as session:
            stale(session, session.get_one(Application, one), note, *more, 1, employed.one, now)
        assert error.value.fresh is not None
    with board.reading() as session:
        assert [(kept.body, kept.version) for kept in notes(session, one, employed.one)] == [("Very strong", 2)]
    with board.writing() as session:
        delete_note(session, session.get_one(Application, one), note, 2, employed.one, now)
    with board.reading() as session:
        assert notes(session, one, employed.one) == []
