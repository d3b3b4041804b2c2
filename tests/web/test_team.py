"""The team's page and the link in an invitation, as people meet them."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.links import Links
from app.domain.companies.models import Invitation, Membership
from app.domain.mail.letters import WRITERS
from app.web.desk.team import chosen
from tests.factories import Board
from tests.web.people import Cast


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _mailed(board: Board, number: int = 1) -> str:
    with board.writing() as session:
        times = session.get_one(Invitation, number).times_sent
        ids = {"invitation_id": number, "times_sent": times}
        letter = WRITERS["company-invitation"](session, ids, Links("http://127.0.0.1:5000", b"a key"), clock.now())
        assert letter is not None
        return "/invitations/" + str(letter.values["link"]).rsplit("/", 1)[1]


def test_from_an_invitation_to_the_desk(cast: Cast, client: FlaskClient) -> None:
    asked = cast.post("owner", "/employer/team/invitations", email="fay@example.org", role="recruiter")
    assert asked.status == 303
    page = cast.as_("owner").get("/employer/team").get_data(as_text=True)
    assert "fay@example.org" in page and "Asked, not answered yet" in page
    assert "fay@example.org" not in cast.as_("recruiter").get("/employer/team").get_data(as_text=True)
    path = _mailed(cast.board)

    told = client.get(path)
    text = told.get_data(as_text=True)
    assert told.headers["Cache-Control"] == "no-store"
    assert "Northwind" in text and f"/sign-up?next={path}" in text and f"/sign-in?next={path}" in text
    assert client.post(path).status_code in (303, 400)

    other = cast.as_("other").get(path).get_data(as_text=True)
    assert "mailed to <strong>fay@example.org" in other and "Join the team" not in other
    assert cast.post("other", path).status == 403

    form = client.get(f"/sign-up?next={path}").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    made = client.post("/sign-up", data={
        "csrf_token": token[1], "role": "seeker", "name": "Fay", "email": "fay@example.org",
        "password": "four unrelated words here", "next": path,
    })  # fmt: skip
    assert (made.status_code, made.headers["Location"]) == (303, path)
    assert "Join the team" in client.get(path).get_data(as_text=True)
    assert client.get("/employer").status_code == 403, "looking changes nothing"
    joined = client.post(path, data={"csrf_token": cast.board.csrf(client, path)})
    assert joined.headers["Location"] == "/employer?company=northwind"
    assert client.get("/employer/postings").status_code == 200
    assert client.get(path).status_code == 303, "the link again leads to the desk"


def test_a_link_that_is_over_says_so(cast: Cast, client: FlaskClient) -> None:
    cast.post("owner", "/employer/team/invitations", email="fay@example.org", role="recruiter")
    path = _mailed(cast.board)
    assert cast.post("owner", "/employer/team/invitations/1/revoke").status == 303
    assert client.get(path).status_code == 410
    assert client.get("/invitations/nobody-made-this").status_code == 404


def test_what_is_wrong_stands_beside_its_field(cast: Cast) -> None:
    for fields, status, said in (
        ({"email": "nonsense", "role": "recruiter"}, 422, "Write an address"),
        ({"email": "josé@x.example", "role": "recruiter"}, 422, "before the @"),
        ({"email": "a@example.org", "role": "emperor"}, 422, "Choose owner"),
        ({"email": "recruiter@example.org", "role": "owner"}, 422, "on the team already"),
    ):
        answer = cast.post("owner", "/employer/team/invitations", **fields)
        assert (answer.status, said in answer.text) == (status, True), fields


def test_who_may_not_changes_nothing(cast: Cast) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/employer/team/invitations/1/revoke", {}), ("/employer/team/invitations/1/resend", {"version": "1"}),
        ("/employer/team/members/1/role", {"role": "reviewer", "version": "1"}),
        ("/employer/team/members/1/remove", {"version": "1"}),
    ]
    cast.post("owner", "/employer/team/invitations", email="fay@example.org", role="recruiter")
    for role, status in (("recruiter", 403), ("reviewer", 403), ("rival", 404), ("seeker", 404)):
        for path, fields in calls:
            assert cast.post(role, path, **fields).status == status, (role, path)
    for path, fields in calls:
        assert cast.post("owner", path.replace("/1/", "/999999/"), **fields).status == 404
    assert cast.post("owner", "/employer/team/members/1/role", role="reviewer").status == 422, "without a version"


def test_a_stale_role_is_told_with_the_team_as_it_is(cast: Cast) -> None:
    assert cast.post("owner", "/employer/team/members/2/role", role="reviewer", version="1").status == 303
    stale = cast.post("owner", "/employer/team/members/2/role", role="owner", version="1")
    assert stale.status == 409 and "A colleague changed the team meanwhile" in stale.text
    last = cast.post("owner", "/employer/team/members/1/role", role="reviewer", version="1")
    assert last.status == 422 and "A company needs an owner" in last.text


def test_a_removed_member_has_lost_everything_with_the_answer(cast: Cast) -> None:
    browser = cast.as_("recruiter")
    paths = (
        f"/employer/postings/{cast.posting.id}", f"/employer/postings/{cast.posting.id}/applicants",
        f"/employer/applications/{cast.application.id}", f"/files/{cast.application.file}",
    )
    assert {browser.get(path).status_code for path in paths} == {200}
    assert cast.post("owner", "/employer/team/members/2/remove", version="1").status == 303
    assert {browser.get(path).status_code for path in paths} == {404}
    assert {browser.get(path).status_code for path in ("/employer", "/employer/team", "/employer/company")} == {403}


def test_leaving_asks_first_and_the_last_owner_stays(cast: Cast) -> None:
    assert cast.post("recruiter", "/employer/team/leave").status == 422
    left = cast.post("recruiter", "/employer/team/leave", sure="1")
    assert (left.status, left.headers["Location"]) == (303, "/me")
    assert cast.as_("recruiter").get("/employer").status_code == 403
    stays = cast.post("owner", "/employer/team/leave", sure="1")
    assert stays.status == 422 and "A company needs an owner" in stays.text


def test_the_desk_keeps_the_company_one_works_for(cast: Cast) -> None:
    second = cast.board.company("Second", owner="owner@example.org")
    browser = cast.as_("owner")
    posting = cast.board.posting(second.id)
    for path in (
        "/employer?company=second", "/employer/postings?company=second", "/employer/team?company=second",
        "/employer/company?company=second", "/employer/postings/new?company=second",
        f"/employer/postings/{posting.id}", f"/employer/postings/{posting.id}/applicants",
    ):
        page = browser.get(path).get_data(as_text=True)
        tabs = page.split('<nav class="tabs"', 1)[1].split("</nav>", 1)[0]
        found = re.findall(r'href="(/employer[^"]*)"', tabs)
        assert found and all(href.endswith("?company=second") for href in found), path
    one = cast.as_("recruiter").get("/employer").get_data(as_text=True)
    assert "?company=" not in one.split('<nav class="tabs"', 1)[1].split("</nav>", 1)[0]


def test_whoever_was_removed_while_they_wrote_invites_nobody(
    board: Board, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed(permission: Any) -> Any:
        here = chosen(permission)
        with board.writing() as session:
            session.query(Membership).update({"ended_at": clock.now()})
        return here

    monkeypatch.setattr("app.web.desk.team.chosen", removed)
    owner = cast.as_("owner")
    data = {"csrf_token": board.csrf(owner, "/me/security/password"), "email": "new@example.org", "role": "recruiter"}
    assert owner.post("/employer/team/invitations", data=data).status_code == 404
    with board.reading() as session:
        assert session.query(Invitation).count() == 0
