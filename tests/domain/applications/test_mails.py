"""The letters about applications hold what their reader may know, and all of it."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.links import Links
from app.domain.applications import mails
from app.domain.companies.models import Membership
from app.domain.mail.letters import WRITERS
from tests.domain.applications.conftest import Applying
from tests.factories import Board

LINKS = Links("http://board.example", b"key")


def test_a_days_digest_is_not_filled_by_applicants_of_other_companies(
    board: Board, applying: Applying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "_MOST_IN_A_DIGEST", 2)
    strange, former, own = (board.company(owner=f"{name}@example.org").id for name in ("strange", "former", "own"))
    reader = board.member(own, "reader@example.org")
    left = board.member(former, reader.email)
    with board.writing() as session:
        session.get_one(Membership, left.id).ended_at = clock.now()
    for company, number in ((strange, 2), (former, 2), (own, 1)):
        posting = board.posting(company, title=f"Job {company}")
        for n in range(number):
            applying(posting.id, name="Ada", email=f"p{n}@example.org")
    ids = {"user_id": reader.user_id, "since": (clock.now() - timedelta(hours=1)).isoformat()}
    with board.reading() as session:
        letter = WRITERS["new-applicants-digest"](session, ids, LINKS, clock.now())
    assert letter is not None
    assert (letter.subject, letter.values["people"]) == ("1 new applicant", [("Ada", f"Job {own}")])
