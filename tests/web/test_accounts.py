"""Signing in, up and out."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.accounts.models import User, UserSession
from app.domain.companies.models import Company, Membership
from tests.factories import PASSWORD, Board


def _sign_up(board: Board, client: FlaskClient, **fields: str) -> int:
    data = {"role": "seeker", "name": "Ada", "email": "ada@example.org", "password": PASSWORD} | fields
    return client.post("/sign-up", data=data | {"csrf_token": board.csrf(client, "/sign-up")}).status_code


def test_a_person_signs_in_and_out(board: Board, client: FlaskClient) -> None:
    person = board.user()
    board.sign_in(person.email, client)
    page = client.get("/").get_data(as_text=True)
    assert person.name in page
    token = page.split('"X-CSRFToken": "', 1)[1].split('"', 1)[0]
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert person.name not in client.get("/").get_data(as_text=True)
    with board.reading() as session:
        assert session.scalars(select(UserSession.revoked_at)).all() != [None]


def test_a_stolen_cookie_is_dead_after_signing_out(board: Board, client: FlaskClient) -> None:
    person = board.user()
    board.sign_in(person.email, client)
    stolen = client.get_cookie("nexus")
    token = client.get("/").get_data(as_text=True).split('"X-CSRFToken": "', 1)[1].split('"', 1)[0]
    client.post("/sign-out", data={"csrf_token": token})
    assert stolen is not None
    client.set_cookie("nexus", stolen.value)
    assert person.name not in client.get("/").get_data(as_text=True)


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(board: Board, client: FlaskClient) -> None:
    person = board.user()
    answers = []
    for email in (person.email, "nobody@example.org"):
        data = {"email": email, "password": "wrong", "csrf_token": board.csrf(client, "/sign-in")}
        answer = client.post("/sign-in", data=data)
        assert answer.status_code == 422
        answers.append("do not fit together" in answer.get_data(as_text=True))
    assert answers == [True, True]


def test_a_suspended_person_cannot_sign_in_and_is_out_at_once(board: Board, client: FlaskClient) -> None:
    person = board.user()
    board.sign_in(person.email, client)
    with board.writing() as session:
        user = session.get_one(User, person.id)
        user.suspended_at = user.created_at
    assert person.name not in client.get("/").get_data(as_text=True)
    data = {"email": person.email, "password": PASSWORD, "csrf_token": board.csrf(client, "/sign-in")}
    assert client.post("/sign-in", data=data).status_code == 422


def test_an_employer_signs_up_with_a_company(board: Board, client: FlaskClient) -> None:
    assert _sign_up(board, client, role="employer", company_name="Northwind Énergie") == 303
    with board.reading() as session:
        assert session.scalars(select(Company.slug)).all() == ["northwind-energie"]
        assert [m.role.value for m in session.scalars(select(Membership))] == ["owner"]
    assert client.get("/sign-in").headers["Location"] == "/employer"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": "short"}, "15 characters or more"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "easy to guess"),
        ({"email": "not an address"}, "name@example.com"),
        ({"name": "  "}, "Write your name"),
        ({"role": "employer", "company_name": ""}, "company"),
        ({"role": "admin"}, "Choose one of the two"),
    ],
)
def test_what_cannot_be_an_account_is_refused_and_nothing_is_made(
    board: Board, client: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    data = {"role": "seeker", "name": "Ada", "email": "ada@example.org", "password": PASSWORD} | fields
    answer = client.post("/sign-up", data=data | {"csrf_token": board.csrf(client, "/sign-up")})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    with board.reading() as session:
        assert session.scalar(select(func.count(User.id))) == 0


def test_one_address_has_one_account_however_it_is_spelt(board: Board, client: FlaskClient) -> None:
    board.user("ada@example.org")
    assert _sign_up(board, client, email="ADA@Example.org") == 422


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"])
def test_next_leads_nowhere_else(board: Board, client: FlaskClient, target: str) -> None:
    person = board.user()
    data = {"email": person.email, "password": PASSWORD, "next": target}
    answer = client.post("/sign-in", data=data | {"csrf_token": board.csrf(client, "/sign-in")})
    assert answer.headers["Location"] == "/jobs"


def test_a_form_from_elsewhere_is_refused(board: Board, client: FlaskClient) -> None:
    person = board.user()
    data = {"email": person.email, "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 400
    data["csrf_token"] = board.csrf(client, "/sign-in")
    assert client.post("/sign-in", data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_demo_switch_is_not_there_outside_development(board: Board, client: FlaskClient) -> None:
    data = {"email": "admin@nexus.example", "csrf_token": board.csrf(client, "/sign-in")}
    assert client.post("/demo/sign-in", data=data).status_code == 404


def test_the_demo_switch_knows_the_demos_people_on_this_machine(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    extensions = board.app.extensions
    settings = extensions["nexus-settings"].model_copy(update={"nexus_env": "development"})
    monkeypatch.setitem(extensions, "nexus-settings", settings)
    board.user("ada@example.org")

    def switch(email: str, address: str = "127.0.0.1") -> int:
        answer = client.post("/demo/sign-in", data={"email": email}, environ_overrides={"REMOTE_ADDR": address})
        return answer.status_code

    assert switch("seeker@nexus.example") == 404, "the demo is not loaded"
    board.user("seeker@nexus.example")
    assert switch("ada@example.org") == 404, "somebody's own account"
    assert switch("seeker@nexus.example", "10.0.0.5") == 404
    assert client.get("/me").status_code == 303
    assert switch("seeker@nexus.example") == 303
    assert client.get("/me").status_code == 200


def test_an_account_closed_while_it_signs_in_is_told_so(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = board.user()
    data = {"email": person.email, "password": PASSWORD, "csrf_token": board.csrf(client, "/sign-in")}
    monkeypatch.setattr("app.web.site.accounts.actor_by_session", lambda *asked: None)
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 404
    assert "This account is closed" in answer.get_data(as_text=True)


@pytest.mark.parametrize("spelling", ["ada@xn--bcher-kva.example", "ada@BÜCHER.example", "ada@ｂücher.example"])
def test_an_address_is_one_however_its_domain_is_spelt(board: Board, client: FlaskClient, spelling: str) -> None:
    assert _sign_up(board, client, email=spelling) == 303
    board.sign_in(spelling)
    board.sign_in("ada@bücher.example")
    assert _sign_up(board, board.app.test_client(), email="ada@bücher.example") == 422


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"company_name": "\u202e\u200b"}, "Write the company&#39;s name"), ({"name": "\u200b"}, "Write your name"),
        ({"email": "josé@x.example"}, "before the @. Use another address."),
    ],
)
def test_nobody_signs_up_without_a_name_or_with_an_address_no_letter_can_reach(
    board: Board, client: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    data = {"role": "employer", "name": "Ada", "email": "ada@example.org", "password": PASSWORD, "company_name": "Kiln"}
    answer = client.post("/sign-up", data=data | wrong | {"csrf_token": board.csrf(client, "/sign-up")})
    assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)
    with board.reading() as session:
        assert session.scalar(select(func.count(User.id))) == session.scalar(select(func.count(Company.id))) == 0


def test_signing_in_takes_nothing_over_from_the_session_before(board: Board, client: FlaskClient) -> None:
    person = board.user()
    planted = board.csrf(client, "/sign-in")
    board.sign_in(person.email, client)
    assert client.post("/sign-out", data={"csrf_token": planted}).status_code == 400
