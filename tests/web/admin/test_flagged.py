"""The admin's page of flagged applications."""

import re
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from app.domain.applications.models import Application, Stage
from tests.factories import Board
from tests.web.people import Cast

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast(board: Board) -> Cast:
    made = Cast(board)
    path = f"/employer/applications/{made.application.id}/move"
    assert made.post("recruiter", path, to="spam", version="1", notify="no").status == 303
    board.admin("admin@example.org")
    return made


def _stage(cast: Cast) -> Stage:
    with cast.board.reading() as session:
        return session.get_one(Application, cast.application.id).stage


def _give_back(cast: Cast, version: str = "2", headers: dict[str, str] | None = None) -> SimpleNamespace:
    return cast.post("admin", f"/admin/flagged/{cast.application.id}/give-back", headers, version=version)


def test_the_list_and_the_page_show_what_was_sent(cast: Cast) -> None:
    admin: FlaskClient = cast.as_("admin")
    listed = admin.get("/admin/flagged").get_data(as_text=True)
    assert re.findall(r'data-application="(\d+)"', listed) == [str(cast.application.id)]
    page = admin.get(f"/admin/flagged/{cast.application.id}").get_data(as_text=True)
    assert "Dear &lt;b&gt;you&lt;/b&gt;" in page and "seeker@example.org" in page and "My CV.pdf" in page


def test_giving_back_answers_with_the_row(cast: Cast) -> None:
    answer = _give_back(cast, headers=HTMX)
    assert answer.status == 200 and "Given back: Ada Lovelace" in answer.text
    assert f'data-application="{cast.application.id}"' in answer.text and "give-back" not in answer.text
    assert _stage(cast) is Stage.SUBMITTED
    assert "Nothing is flagged" in cast.as_("admin").get("/admin/flagged").get_data(as_text=True)
    assert "Backend Engineer" in cast.as_("recruiter").get(
        f"/employer/applications/{cast.application.id}"
    ).get_data(as_text=True)


def test_a_stale_page_gives_nothing_back(cast: Cast) -> None:
    for headers in (HTMX, {}):
        answer = _give_back(cast, "1", headers)
        assert answer.status == 409 and "Somebody moved this application" in answer.text
    assert _stage(cast) is Stage.SPAM
    assert _give_back(cast).status == 303


def test_nobody_else_decides(cast: Cast) -> None:
    for role in ("owner", "recruiter", "seeker", "rival"):
        assert cast.as_(role).get("/admin/flagged").status_code == 403
        assert cast.post(role, f"/admin/flagged/{cast.application.id}/give-back", version="2").status == 403
    assert _stage(cast) is Stage.SPAM
