"""What the operator saves stands over the environment; nothing is overwritten unseen."""

import pytest
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import Conflict, Invalid, NotFound
from app.core.settings import Settings
from app.domain.board.queries import LegalPage, legal_html, standing
from app.domain.board.services import Wish, edit_board

GIVEN = Settings(site_name="Harbour Jobs", default_currency="GBP", posting_days=30)


def test_the_environment_stands_until_something_is_saved(session: Session) -> None:
    board = standing(session, GIVEN)
    assert (board.site_name, board.default_currency, board.posting_days, board.legal) == ("Harbour Jobs", "GBP", 30, ())


def test_what_is_saved_stands_and_what_is_left_empty_does_not(session: Session) -> None:
    wish = Wish("  Dock   Wo\u202erk ", "eur", "", {LegalPage.TERMS: "Be **kind**.<script>alert(1)</script>"})
    edit_board(session, wish, 0, SYSTEM, clock.now())
    board = standing(session, GIVEN)
    assert (board.site_name, board.default_currency, board.posting_days) == ("Dock Work", "EUR", 30)
    assert board.legal == (LegalPage.TERMS,)
    assert "<strong>kind</strong>" in legal_html(session, LegalPage.TERMS)
    assert "<script" not in legal_html(session, LegalPage.TERMS)
    with pytest.raises(NotFound):
        legal_html(session, LegalPage.PRIVACY)


def test_a_second_admin_does_not_overwrite_the_first(session: Session) -> None:
    first = edit_board(session, Wish("First"), 0, SYSTEM, clock.now()).version
    for stale in (0, first + 1):
        with pytest.raises(Conflict):
            edit_board(session, Wish("Second"), stale, SYSTEM, clock.now())
    edit_board(session, Wish("Second"), first, SYSTEM, clock.now())
    with pytest.raises(Conflict):
        edit_board(session, Wish("Third"), first, SYSTEM, clock.now())
    assert standing(session, GIVEN).site_name == "Second"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish("x" * 61), "site_name"), (Wish("", "EURO"), "default_currency"),
        (Wish("", "ZZZ"), "default_currency"), (Wish("", "", "0"), "posting_days"),
        (Wish("", "", "366"), "posting_days"), (Wish("", "", "ten"), "posting_days"),
        (Wish("", "", "9" * 400), "posting_days"), (Wish(pages={LegalPage.TERMS: "x" * 100_001}), "terms"),
    ],
)
def test_nonsense_is_named_beside_its_field(session: Session, wish: Wish, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        edit_board(session, wish, 0, SYSTEM, clock.now())
    assert set(refused.value.fields) == {field}
    assert standing(session, GIVEN).site_name == "Harbour Jobs"
