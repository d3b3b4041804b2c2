"""The settings page: saved for everybody at once, kept on a mistake, never overwritten unseen."""

import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import transaction
from app.domain.board.services import Wish, edit_board
from app.web.context import board as shown
from tests.factories import Board

PATH = "/admin/settings"


def _save(board: Board, **fields: str) -> tuple[int, str]:
    browser = board.sign_in("admin@example.org")
    answer = browser.post(PATH, data={"csrf_token": board.csrf(browser, PATH), "version": "0"} | fields)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_name_and_a_legal_page_are_there_for_everybody(board: Board) -> None:
    board.admin("admin@example.org")
    visitor = board.app.test_client()
    assert visitor.get("/legal/imprint").status_code == 404
    assert _save(board, site_name="Harbour Jobs", imprint="We are *us*.")[0] == 303
    home = visitor.get("/").get_data(as_text=True)
    assert "Harbour Jobs" in home
    assert 'href="/legal/imprint"' in home
    assert 'href="/legal/terms"' not in home
    assert "<em>us</em>" in visitor.get("/legal/imprint").get_data(as_text=True)
    assert visitor.get("/legal/terms").status_code == 404
    assert visitor.get("/legal/nonsense").status_code == 404


def test_the_usual_currency_is_what_a_pay_filter_means(board: Board) -> None:
    board.admin("admin@example.org")
    board.posting(title="In pounds", salary_currency="GBP")
    assert _save(board, default_currency="gbp")[0] == 303
    page = board.app.test_client().get("/jobs?salary_min=10000").get_data(as_text=True)
    assert "In pounds" in page


def test_what_another_process_saved_is_there_at_once_and_read_once(board: Board) -> None:
    board.posting()
    visitor = board.app.test_client()
    assert "Elsewhere" not in visitor.get("/").get_data(as_text=True)
    with board.writing() as session:  # nothing tells this process but the database
        edit_board(session, Wish("Elsewhere"), 0, SYSTEM, clock.now())
    assert "Elsewhere" in visitor.get("/").get_data(as_text=True)
    with board.statements() as asked:
        assert "Elsewhere" in visitor.get("/").get_data(as_text=True)
    assert not [statement for statement in asked if "board_settings" in statement]


def test_a_name_that_was_never_committed_is_not_kept(board: Board) -> None:
    board.posting()
    visitor = board.app.test_client()
    before = visitor.get("/").get_data(as_text=True)
    with pytest.raises(ZeroDivisionError), board.app.test_request_context(), transaction() as session:
        edit_board(session, Wish("Undone"), 0, SYSTEM, clock.now())
        assert shown().site_name == "Undone"
        raise ZeroDivisionError
    assert visitor.get("/").get_data(as_text=True).count("Undone") == before.count("Undone") == 0


def test_a_mistake_keeps_what_was_typed(board: Board) -> None:
    board.admin("admin@example.org")
    status, page = _save(board, site_name="Harbour Jobs", posting_days="ten")
    assert status == 422
    assert 'value="Harbour Jobs"' in page
    assert "1 to 365" in page


def test_who_saves_second_is_told(board: Board) -> None:
    board.admin("admin@example.org")
    assert _save(board, site_name="First")[0] == 303
    status, page = _save(board, site_name="Second")
    assert status == 409
    assert 'value="Second"' in page
    assert "Another admin saved" in page
    assert _save(board, site_name="Second", version="1")[0] == 303
