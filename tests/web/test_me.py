"""One's own applications: how they stand, what was sent, taking them back."""

from typing import Any

import pytest

from app.core import clock
from app.core.actor import Actor
from app.domain.applications.models import Application, Stage
from app.domain.applications.services import move
from app.domain.postings.models import Posting
from tests.factories import Board
from tests.web.people import Cast


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _move(board: Board, application_id: int, *stages: str) -> int:
    with board.writing() as session:
        application = session.get_one(Application, application_id)
        for stage in stages:
            move(session, application, stage, application.version, Actor(), "A reason", "now", clock.now())
        return application.version


def _stage(board: Board, application_id: int) -> Stage:
    with board.reading() as session:
        return session.get_one(Application, application_id).stage


def test_the_list_tells_every_step(board: Board, cast: Cast) -> None:
    _move(board, cast.application.id, "in_review", "interview")
    page = cast.as_("seeker").get("/me/applications").get_data(as_text=True)
    for word in ("Backend Engineer", "Received", "In review", "Interview", "Withdraw"):
        assert word in page
    _move(board, cast.application.id, "rejected")
    page = cast.as_("seeker").get("/me/applications").get_data(as_text=True)
    assert "Decided: Not this time" in page
    assert "Withdraw" not in page
    assert "No applications yet" in cast.as_("other").get("/me/applications").get_data(as_text=True)


def test_how_it_stands_comes_first_and_the_end_is_asked_twice(cast: Cast) -> None:
    page = cast.as_("seeker").get(f"/me/applications/{cast.application.id}").get_data(as_text=True)
    assert page.index("How it stands") < page.index("What you sent")
    assert page.index("<details") < page.index("cannot be taken back") < page.index("Yes, withdraw it")


def test_one_can_sign_out_from_the_menu_too(cast: Cast) -> None:
    assert cast.as_("seeker").get("/me").get_data(as_text=True).count('action="/sign-out"') == 2


def test_the_posting_stays_as_it_was(board: Board, cast: Cast) -> None:
    with board.writing() as session:
        posting = session.get_one(Posting, cast.posting.id)
        posting.title, posting.description_html = "Other", "<p>Other</p>"
    page = cast.as_("seeker").get(f"/me/applications/{cast.application.id}").get_data(as_text=True)
    assert "<strong>things</strong>" in page
    assert "€60k – €80k a year" in page
    assert "Dear &lt;b&gt;you&lt;/b&gt;" in page
    assert f"/files/{cast.application.file}" in page


@pytest.mark.parametrize("role", ["other", "owner", "rival", "anonymous"])
def test_nobody_else_sees_or_ends_it(board: Board, cast: Cast, role: str) -> None:
    path, refused = f"/me/applications/{cast.application.id}", 303 if role == "anonymous" else 404
    assert cast.as_(role).get(path).status_code == refused
    assert cast.post(role, f"{path}/withdraw", version="1").status == refused
    assert cast.post(role, f"{path}/decline", version="1").status == refused
    assert _stage(board, cast.application.id) is Stage.SUBMITTED


def test_withdrawing_is_for_what_one_has_seen(board: Board, cast: Cast) -> None:
    path = f"/me/applications/{cast.application.id}/withdraw"
    version = _move(board, cast.application.id, "in_review")
    assert cast.post("seeker", path, version="1").status == 409
    answer = cast.post("seeker", path, version=str(version))
    assert (answer.status, answer.headers["Location"]) == (303, f"/me/applications/{cast.application.id}")
    assert _stage(board, cast.application.id) is Stage.WITHDRAWN
    assert cast.post("seeker", path).status == 422
    assert cast.post("seeker", path, version="x").status == 422


def test_an_offer_is_declined(board: Board, cast: Cast) -> None:
    assert cast.post("seeker", f"/me/applications/{cast.application.id}/decline").status == 422
    _move(board, cast.application.id, "interview", "offer")
    assert "Decline the offer" in cast.as_("seeker").get("/me/applications").get_data(as_text=True)
    assert cast.post("seeker", f"/me/applications/{cast.application.id}/decline").status == 303
    assert _stage(board, cast.application.id) is Stage.DECLINED


def test_addresses_that_are_none_and_wrong_methods(cast: Cast) -> None:
    client = cast.as_("seeker")
    for bad in ("999999", "0", "x", "9" * 23):
        assert client.get(f"/me/applications/{bad}").status_code == 404
        assert cast.post("seeker", f"/me/applications/{bad}/withdraw").status == 404
    assert client.get(f"/me/applications/{cast.application.id}/withdraw").status_code == 405
    assert client.get("/me/applications?after=forged").status_code == 400


def _queries(board: Board, call: Any) -> int:
    call()  # what the board says of itself is read again where postings changed
    with board.statements() as counted:
        assert call().status_code == 200
    return len(counted)


def test_pages_follow_each_other_and_cost_the_same(board: Board, cast: Cast) -> None:
    client = cast.as_("seeker")
    actor = Actor(user_id=cast.seeker.id, name="Ada", email=cast.seeker.email, how="session")
    one = _queries(board, lambda: client.get("/me/applications"))
    for _ in range(21):
        cast.apply(board.posting(cast.company.id).id, actor=actor)
    assert _queries(board, lambda: client.get("/me/applications")) == one
    first = client.get("/me/applications").get_data(as_text=True)
    assert first.count("data-application=") == 20
    second = client.get(first.split('rel="next" href="')[1].split('"')[0]).get_data(as_text=True)
    assert second.count("data-application=") == 2
