"""Mailed links, passwords, addresses, browsers and leaving, each as a person does it."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock
from app.domain.accounts.models import AccountToken, User, UserSession
from app.domain.accounts.notices import Frequency, Notice, unsubscribe_path, wanted
from app.domain.accounts.queries import is_verified
from app.domain.accounts.services import failed
from app.domain.alerts.models import SavedPosting
from app.domain.applications.models import Application, Stage
from app.domain.companies.models import Membership
from app.domain.mail.models import OutboxMail
from app.web.context import links
from tests.factories import PASSWORD, Board
from tests.mailbox import post, text_of
from tests.web.people import Cast

NEW = "another four unrelated words"


def path_in(letter: EmailMessage, start: str) -> str:
    """The path of the link in a mail that begins with `start`."""
    found = re.search(re.escape(start) + r"[A-Za-z0-9_-]+", text_of(letter))
    assert found, text_of(letter)
    return found[0]


def letters(board: Board, to: str) -> list[EmailMessage]:
    """What is delivered to this address now."""
    return [letter for letter in post(board.app) if to in letter["To"]]


def send(board: Board, client: FlaskClient, path: str, form: str = "", **data: str) -> Any:
    """Post to `path` with the token of the form at `form` (default: the same path)."""
    return client.post(path, data={"csrf_token": board.csrf(client, form or path)} | data)


def sign_in(board: Board, client: FlaskClient, email: str, password: str) -> int:
    return int(send(board, client, "/sign-in", email=email, password=password).status_code)


def test_who_signs_up_confirms_the_address_by_the_mailed_link_once(board: Board, client: FlaskClient) -> None:
    fields = {"role": "seeker", "name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    assert send(board, client, "/sign-up", **fields).status_code == 303
    assert "Please confirm your address" in client.get("/me/security").get_data(as_text=True)
    (letter,) = letters(board, "ada@example.org")
    path = path_in(letter, "/verify-email/")
    with board.reading() as session:
        user_id = session.scalars(select(User.id)).one()
        assert not is_verified(session, user_id)
    page = client.get(path)
    assert page.headers["Referrer-Policy"] == "same-origin"
    with board.reading() as session:
        assert not is_verified(session, user_id), "looking changed something"
        assert path.rsplit("/", 1)[1] not in str(session.scalars(select(AccountToken.token_hash)).all())
    assert send(board, client, path).status_code == 303
    with board.reading() as session:
        assert is_verified(session, user_id)
    assert "Please confirm your address" not in client.get("/me/security").get_data(as_text=True)
    assert board.app.test_client().get(path).status_code == 410


def test_a_link_to_confirm_is_over_after_a_day(board: Board, client: FlaskClient) -> None:
    person = board.user(email_verified_at=None)
    board.sign_in(person.email, client)
    send(board, client, "/me/security/verify", "/me/security")
    path = path_in(letters(board, person.email)[0], "/verify-email/")
    with clock.stopped(clock.now() + timedelta(hours=25)):
        assert client.get(path).status_code == 410
        assert send(board, client, path, "/me/security").status_code == 410
    with board.reading() as session:
        assert not is_verified(session, person.id)


def test_a_link_to_the_old_address_proves_nothing_of_the_new_one(board: Board, client: FlaskClient) -> None:
    person = board.user(email_verified_at=None)
    board.sign_in(person.email, client)
    send(board, client, "/me/security/verify", "/me/security")
    path = path_in(letters(board, person.email)[0], "/verify-email/")
    with board.writing() as session:
        user = session.get_one(User, person.id)
        user.email = user.email_key = "elsewhere@example.org"
    assert send(board, client, path, "/me/security").status_code == 410


def test_a_forgotten_password_is_replaced_once_and_everybody_is_signed_out(board: Board, client: FlaskClient) -> None:
    person = board.user()
    thief = board.sign_in(person.email)
    assert send(board, client, "/forgot-password", email=person.email.upper().lower()).status_code == 200
    path = path_in(letters(board, person.email)[0], "/reset-password/")
    with clock.stopped(clock.now() + timedelta(minutes=6)):
        send(board, client, "/forgot-password", email=person.email)
        other = path_in(letters(board, person.email)[0], "/reset-password/")
        assert send(board, client, path, password="short").status_code == 422
        assert send(board, client, path, password=NEW).status_code == 303
        assert client.get(path).status_code == 410
        assert client.get(other).status_code == 410, "the other link is good still"
    assert thief.get("/me/security").status_code == 303
    assert sign_in(board, client, person.email, PASSWORD) == 422
    assert sign_in(board, client, person.email, NEW) == 303
    told = post(board.app, clock.now() + timedelta(minutes=7))
    assert "Your password was changed" in [letter["Subject"] for letter in told]


def test_a_reset_link_is_over_after_an_hour(board: Board, client: FlaskClient) -> None:
    person = board.user()
    send(board, client, "/forgot-password", email=person.email)
    path = path_in(letters(board, person.email)[0], "/reset-password/")
    with clock.stopped(clock.now() + timedelta(minutes=61)):
        assert client.get(path).status_code == 410
        assert send(board, client, path, "/sign-in", password=NEW).status_code == 410


def test_nobody_learns_who_has_an_account(board: Board, client: FlaskClient) -> None:
    person = board.user()
    gone = board.user(suspended_at=clock.now())
    pages, owed = set(), []
    for email in (person.email, "nobody@example.org", gone.email):
        answer = send(board, client, "/forgot-password", email=email)
        pages.add((answer.status_code, answer.get_data(as_text=True).replace(email, "…")))
        with board.reading() as session:
            owed.append(session.scalar(select(func.count(OutboxMail.id))))
    assert len(pages) == 1
    assert owed == [1, 2, 3], "the work differs"
    assert [letter["To"] for letter in post(board.app)] == [person.email]


def test_a_look_alike_address_gets_no_link(board: Board, client: FlaskClient) -> None:
    board.user("sam@strasse.example")
    assert send(board, client, "/forgot-password", email="sam@straße.example").status_code == 200  # ß folds to ss
    assert post(board.app) == []


def test_a_suspended_person_resets_nothing_with_an_older_link(board: Board, client: FlaskClient) -> None:
    person = board.user()
    send(board, client, "/forgot-password", email=person.email)
    path = path_in(letters(board, person.email)[0], "/reset-password/")
    with board.writing() as session:
        session.get_one(User, person.id).suspended_at = clock.now()
    assert client.get(path).status_code == 410
    assert send(board, client, path, "/sign-in", password=NEW).status_code == 410


def test_a_new_password_asks_the_old_one_and_signs_the_others_out(board: Board, client: FlaskClient) -> None:
    person = board.user()
    other = board.sign_in(person.email)
    board.sign_in(person.email, client)
    path = "/me/security/password"
    refused = send(board, client, path, current_password="wrong", password=NEW)
    assert refused.status_code == 422
    assert "not your password" in refused.get_data(as_text=True)
    assert NEW not in refused.get_data(as_text=True), "a password came back in the page"
    assert send(board, client, path, current_password=PASSWORD, password=NEW).status_code == 303
    assert client.get("/me/security").status_code == 200
    assert other.get("/me/security").status_code == 303
    assert sign_in(board, board.app.test_client(), person.email, NEW) == 303


def _both_links(board: Board, old: str, new: str) -> tuple[str, str]:
    found = {letter["To"]: path_in(letter, "/change-email/") for letter in post(board.app)}
    return found[old], found[new]


@pytest.mark.parametrize("first", [0, 1])
def test_an_address_changes_when_both_have_said_yes(board: Board, client: FlaskClient, first: int) -> None:
    person, new = board.user(), "new@example.org"
    board.sign_in(person.email, client)
    form = {"email": new, "current_password": PASSWORD}
    assert send(board, client, "/me/security/email", **form | {"current_password": "x"}).status_code == 422
    assert send(board, client, "/me/security/email", **form).status_code == 303
    both = _both_links(board, person.email, new)
    stranger = board.app.test_client()
    assert send(board, stranger, both[first], answer="yes").status_code == 200
    assert stranger.get(both[first]).status_code == 410, "a link is good once"
    with board.reading() as session:
        assert session.get_one(User, person.id).email == person.email, "one yes was enough"
    assert send(board, stranger, both[1 - first], answer="yes").status_code == 200
    with board.reading() as session:
        user = session.get_one(User, person.id)
        assert (user.email, user.email_key) == (new, new)
    assert sign_in(board, stranger, new, PASSWORD) == 303


def test_either_address_may_refuse(board: Board, client: FlaskClient) -> None:
    person, new = board.user(), "new@example.org"
    board.sign_in(person.email, client)
    send(board, client, "/me/security/email", email=new, current_password=PASSWORD)
    old_link, new_link = _both_links(board, person.email, new)
    assert send(board, client, old_link, answer="no").status_code == 200
    assert client.get(new_link).status_code == 410
    with board.reading() as session:
        assert session.get_one(User, person.id).email == person.email


def test_a_taken_address_is_answered_like_a_free_one_and_never_taken(board: Board, client: FlaskClient) -> None:
    person, taken = board.user(), board.user()
    board.sign_in(person.email, client)
    answer = send(board, client, "/me/security/email", email=taken.email, current_password=PASSWORD)
    assert answer.status_code == 303
    assert [letter["To"] for letter in post(board.app)] == [person.email]


def test_an_address_no_letter_can_reach_is_not_moved_to(board: Board, client: FlaskClient) -> None:
    board.sign_in(board.user().email, client)
    answer = send(board, client, "/me/security/email", email="josé@x.example", current_password=PASSWORD)
    assert (answer.status_code, "before the @" in answer.get_data(as_text=True)) == (422, True)
    assert post(board.app) == []


def test_browsers_are_listed_and_signed_out_one_by_one_or_all(board: Board, client: FlaskClient) -> None:
    person, stranger = board.user(), board.user()
    board.sign_in(person.email, client)
    phone, tablet = board.sign_in(person.email), board.sign_in(person.email)
    foreign = board.sign_in(stranger.email)
    page = client.get("/me/security").get_data(as_text=True)
    ids = re.findall(r'data-session="(\d+)"', page)
    assert len(ids) == 3
    assert page.count("This one") == 1
    with board.reading() as session:
        theirs = sorted(session.scalars(select(UserSession.id).where(UserSession.user_id == person.id)))
        not_mine = session.scalars(select(UserSession.id).where(UserSession.user_id == stranger.id)).one()
    path = f"/me/security/sessions/{theirs[1]}/revoke"
    assert send(board, client, f"/me/security/sessions/{not_mine}/revoke", "/me/security").status_code == 404
    assert foreign.get("/me/security").status_code == 200
    assert send(board, client, path, "/me/security").status_code == 303
    assert phone.get("/me/security").status_code == 303
    assert tablet.get("/me/security").status_code == 200
    assert send(board, client, "/me/security/sessions/revoke", "/me/security").status_code == 303
    assert (client.get("/me/security").status_code, tablet.get("/me/security").status_code) == (200, 303)


def test_a_session_says_when_it_was_last_used_at_most_every_few_minutes(board: Board, client: FlaskClient) -> None:
    person = board.user()
    board.sign_in(person.email, client)

    def last_seen() -> Any:
        with board.reading() as session:
            return session.scalars(select(UserSession.last_seen_at)).one()

    start = last_seen()
    with clock.stopped(start + timedelta(minutes=4)):
        client.get("/me/security", buffered=True)
        assert last_seen() == start
    with clock.stopped(start + timedelta(minutes=6)):
        client.get("/me/security", buffered=True)
        assert last_seen() == start + timedelta(minutes=6)


def test_closing_takes_leave_everywhere(board: Board) -> None:
    cast = Cast(board)
    browser = cast.as_("seeker")
    with board.writing() as session:
        session.add(SavedPosting(user_id=cast.seeker.id, posting_id=cast.posting.id, saved_at=clock.now()))
    assert cast.post("seeker", "/me/security/close", current_password="wrong").status == 422
    done = cast.post("seeker", "/me/security/close", current_password=PASSWORD)
    assert (done.status, done.headers["Location"]) == (303, "/")
    assert browser.get("/me/security").status_code == 303
    with board.reading() as session:
        user = session.get_one(User, cast.seeker.id)
        assert (user.name, user.email) == ("Closed account", f"closed:{user.id}")
        assert session.get_one(Application, cast.application.id).stage is Stage.WITHDRAWN
        assert session.scalar(select(func.count()).select_from(SavedPosting)) == 0
        assert session.scalar(select(func.count(UserSession.id)).where(UserSession.user_id == user.id)) == 0
    client = board.app.test_client()
    for email in ("seeker@example.org", f"closed:{cast.seeker.id}"):
        for password in (PASSWORD, "", "nobody has this password"):
            assert sign_in(board, client, email, password) == 422
    assert "Your account is closed" in [letter["Subject"] for letter in post(board.app)]


def test_an_only_owner_hands_over_first(board: Board) -> None:
    cast = Cast(board)
    refused = cast.post("owner", "/me/security/close", current_password=PASSWORD)
    assert refused.status == 422
    assert "only owner of Northwind" in refused.text
    with board.writing() as session:
        for membership in session.scalars(select(Membership).where(Membership.role == "recruiter")):
            membership.role = "owner"  # type: ignore[assignment]
    assert cast.post("owner", "/me/security/close", current_password=PASSWORD).status == 303
    with board.reading() as session:
        owner = session.scalars(select(Membership).where(Membership.user_id == _id(board, "closed:")).limit(1)).one()
        assert owner.ended_at is not None


def _id(board: Board, start: str) -> int:
    with board.reading() as session:
        return session.scalars(select(User.id).where(User.email.startswith(start))).one()


def test_the_last_admin_stays(board: Board, client: FlaskClient) -> None:
    person = board.admin()
    board.sign_in(person.email, client)
    refused = send(board, client, "/me/security/close", current_password=PASSWORD)
    assert refused.status_code == 422
    assert "last admin" in refused.get_data(as_text=True)
    board.admin()
    assert send(board, client, "/me/security/close", current_password=PASSWORD).status_code == 303


def test_members_choose_their_notices_and_others_have_none(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org")
    seeker = board.user()
    assert 'name="new_applicant"' not in board.sign_in(seeker.email).get("/me/notifications").get_data(as_text=True)
    board.sign_in("owner@example.org", client)
    path = "/me/notifications"
    assert send(board, client, path, new_applicant="sometimes").status_code == 422
    assert send(board, client, path, new_applicant="daily").status_code == 303
    with board.reading() as session:
        owner = session.scalars(select(Membership.user_id).where(Membership.company_id == company.id)).one()
        assert wanted(session, owner, Notice.NEW_APPLICANT) is Frequency.DAILY
        assert wanted(session, owner, Notice.POSTING_EXPIRING) is Frequency.INSTANT


def test_one_click_stops_one_kind_of_mail(board: Board, client: FlaskClient) -> None:
    person = board.user()
    with board.app.app_context():
        path = unsubscribe_path(links(), person.id, Notice.NEW_APPLICANT)
    assert client.get(path).status_code == 200
    with board.reading() as session:
        assert wanted(session, person.id, Notice.NEW_APPLICANT) is Frequency.INSTANT, "looking changed something"
    for _ in range(2):
        assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with board.reading() as session:
        assert wanted(session, person.id, Notice.NEW_APPLICANT) is Frequency.OFF
        assert wanted(session, person.id, Notice.POSTING_EXPIRING) is Frequency.INSTANT
    assert client.post(path[:-2] + "AA").status_code == 400


def test_who_guesses_at_an_address_outside_makes_nobody_wait_inside(board: Board) -> None:
    app, person, now = board.app, board.user(), clock.now()
    inside = board.sign_in(person.email)
    with board.writing() as session:
        for _ in range(20):
            failed(session, person.email, now)
    app.config["NEXUS_LIMITS"] = True
    try:
        with clock.stopped(now):
            said = [
                send(board, inside, "/me/security/password", current_password=word, password=NEW).status_code
                for word in ["wrong"] * 6 + [PASSWORD]
            ]
            outside = send(board, app.test_client(), "/sign-in", email=person.email, password=PASSWORD)
    finally:
        app.config["NEXUS_LIMITS"] = False
    assert (said, outside.status_code) == ([422] * 5 + [429] * 2, 429)
