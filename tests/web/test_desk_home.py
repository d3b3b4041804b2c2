"""“Waiting on you”, and the first steps of a new company."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core import clock
from app.domain.applications.models import Application
from app.domain.companies.models import Company
from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board
from tests.web.people import Cast


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _page(cast: Cast, role: str = "owner") -> str:
    return cast.as_(role).get("/employer").get_data(as_text=True)


def _section(page: str, name: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', page, re.S)
    return found[0] if found else ""


def test_what_waits_is_named_with_its_date(cast: Cast) -> None:
    now, board, company = clock.now(), cast.board, cast.company.id
    board.posting(company, title="Ends soon", expires_at=now + timedelta(days=3))
    back = {"status": PostingStatus.CHANGES_REQUESTED, "reason": "Name the pay."}
    board.posting(company, title="Sent back", live=False, **back)
    page = _page(cast)
    assert "Ada Lovelace" in _section(page, "longest") and "1 new" in _section(page, "new-applicants")
    assert "Ends soon" in _section(page, "ending") and "Backend Engineer" not in _section(page, "ending")
    assert "Name the pay." in _section(page, "changes") and not _section(page, "over")
    over = now - timedelta(days=2)
    with board.writing() as session:
        session.execute(
            update(Posting).where(Posting.id == cast.posting.id)
            .values(published_at=now - timedelta(days=40), expires_at=over)
        )
        session.execute(update(Application).values(moved_at=over - timedelta(days=5)))
    told = _section(_page(cast), "over")
    assert "1 open" in told and (over + timedelta(days=14)).isoformat(timespec="seconds") in told
    assert "Ada" not in _page(cast, "rival") and "Backend" not in _page(cast, "rival")


def test_first_steps_go_when_done_or_put_away_for_all(cast: Cast) -> None:
    steps = ("Say who you are", "Add your logo", "Post the first job", "Invite a colleague")
    fresh = _section(_page(cast, "rival"), "first-steps")
    assert [step for step in steps if step in fresh] == list(steps)
    assert cast.post("rival", "/employer/first-steps", item="logo").status == 303
    assert cast.post("rival", "/employer/first-steps", item="logo").status == 303
    assert cast.post("rival", "/employer/first-steps", item="nonsense").status == 422
    cast.post("rival", "/employer/company", name="Rival", description="We trade.", version="1")
    cast.post("rival", "/employer/team/invitations", email="fay@example.org", role="recruiter")
    left = _section(_page(cast, "rival"), "first-steps")
    assert [step for step in steps if step in left] == ["Post the first job"]
    northwind = _section(_page(cast), "first-steps")
    assert [step for step in steps if step in northwind] == ["Say who you are", "Add your logo"]
    assert not _section(_page(cast, "reviewer"), "first-steps")
    assert cast.post("reviewer", "/employer/first-steps", item="page").status == 403
    assert cast.post("rival", "/employer/first-steps", item="page", company="northwind").status == 404


def test_members_of_a_suspended_company_are_told_and_ask_nobody_to_join(cast: Cast) -> None:
    told = "The board suspended Northwind"
    assert told not in _page(cast)
    with cast.board.writing() as session:
        session.get_one(Company, cast.company.id).suspended_at = clock.now()
    for role in ("owner", "reviewer"):
        assert told in _page(cast, role)
    assert told not in _page(cast, "rival")
    asked = cast.post("owner", "/employer/team/invitations", email="fay@example.org", role="recruiter")
    assert asked.status == 422 and "nobody can join it until that is over" in asked.text
