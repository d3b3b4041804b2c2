"""What a company reads when an admin decided on its posting."""

import pytest
from flask import Flask

from app.core import clock
from app.core.actor import Actor
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import UNDO_WINDOW, admin_act
from tests.factories import Board
from tests.mailbox import html_of, post, text_of

REASON = "The pay is <b>not</b> stated as a range & the title shouts."


@pytest.mark.parametrize(
    ("action", "status", "subject"),
    [
        ("approve", PostingStatus.PENDING, "Published: Night Porter"),
        ("request-changes", PostingStatus.PENDING, "Please change: Night Porter"),
        ("reject", PostingStatus.PENDING, "Not published: Night Porter"),
        ("remove", PostingStatus.PUBLISHED, "Taken down: Night Porter"),
    ],
)
def test_a_decision_is_mailed_with_its_reason_once_it_can_no_longer_be_undone(
    app: Flask, board: Board, action: str, status: PostingStatus, subject: str
) -> None:
    company = board.company(owner="owner@example.org")
    board.member(company.id, "reviewer@example.org", "reviewer")
    made = board.posting(company.id, title="Night Porter", live=status is PostingStatus.PUBLISHED, status=status)
    admin, now = Actor(user_id=board.admin().id, is_admin=True, how="session"), clock.now()
    with board.writing() as session:
        posting = session.get_one(Posting, made.id)
        admin_act(session, posting, action, posting.version, admin, REASON, now, 60)
    assert post(app, now) == []
    (letter,) = post(app, now + UNDO_WINDOW)
    assert (letter["To"], letter["Subject"]) == ("owner@example.org", subject)
    if action == "approve":
        assert f"/jobs/{made.id}/night-porter\n" in text_of(letter)
    else:
        assert "The pay is <b>not</b>" in text_of(letter) and "&lt;b&gt;not&lt;/b&gt;" in html_of(letter)
        assert f"/employer/postings/{made.id}\n" in text_of(letter)
