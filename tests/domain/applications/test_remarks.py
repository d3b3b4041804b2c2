"""Notes and ratings: each belongs to one application and one colleague; what changed unseen is not written over."""

from types import SimpleNamespace

import pytest

from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.applications import remarks
from app.domain.applications.models import Application
from app.domain.applications.remarks import add_note, delete_note, edit_note, notes, rate, rating
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


def test_notes_and_ratings_of_two_applicants_are_kept_apart(
    board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    ada, grace = (
        applying(employed.posting.id, email=f"{name}@example.org").application_id for name in ("ada", "grace")
    )
    one, two, now = employed.one, employed.two, clock.now()
    given = ((ada, one, "Strong", "1"), (ada, two, "Good", "2"), (grace, one, "Strong", "5"), (ada, one, "Strong", "4"))
    for number, colleague, words, score in given:
        with board.writing() as session:
            application = session.get_one(Application, number)
            add_note(session, application, words, colleague, now)
            rate(session, application, score, colleague, now)
    with board.reading() as session:
        assert [len(notes(session, number, one)) for number in (ada, grace)] == [2, 1]
        found = [session.get_one(Application, number) for number in (ada, grace)]
        assert [application.rating for application in found] == [300, 500]
        assert [rating(session, application, two).own for application in found] == [2, None]
        assert [rating(session, application, one).own for application in found] == [4, 5]
        assert [rating(session, application, one).number for application in found] == [2, 1]
        hers = notes(session, grace, one)[0]
    with board.writing() as session:
        rate(session, session.get_one(Application, ada), "0", one, now)
    with pytest.raises(NotFound), board.writing() as session:
        delete_note(session, session.get_one(Application, ada), hers.id, hers.version, one, now)
    with board.reading() as session:
        assert [session.get_one(Application, number).rating for number in (ada, grace)] == [200, 500]
        assert [note.id for note in notes(session, grace, one)] == [hers.id]


def test_room_for_notes_is_counted_for_each_applicant(
    board: Board, employed: SimpleNamespace, applying: Applying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remarks, "MOST_NOTES", 1)
    ada, grace = (
        applying(employed.posting.id, email=f"{name}@example.org").application_id for name in ("ada", "grace")
    )
    for number in (ada, grace):
        with board.writing() as session:
            add_note(session, session.get_one(Application, number), "Strong", employed.one, clock.now())
    with pytest.raises(Invalid, match="no room"), board.writing() as session:
        add_note(session, session.get_one(Application, grace), "Very strong", employed.one, clock.now())
