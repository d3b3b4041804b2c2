"""Following the links out of the real mails: an applicant without an account."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.files import UploadStore
from app.domain.accounts.models import User
from app.domain.applications import services
from app.domain.applications.models import Application, ApplicationEvent, ApplicationProposal, Stage, StoredFile
from app.domain.applications.resumes import check
from app.domain.applications.services import ask_for_links, move
from app.domain.audit.models import AuditEntry
from app.domain.mail.models import OutboxMail
from tests.factories import Board
from tests.mailbox import html_of, post, text_of
from tests.web.people import Cast

GUEST = "ada@example.org"
LATER = timedelta(minutes=1)


@pytest.fixture
def cast(board: Board) -> Cast:
    cast = Cast(board)
    cast.apply(cast.posting.id, GUEST, name="Ada Guest")
    return cast


def _mails(board: Board, to: str, after: timedelta = LATER) -> list[EmailMessage]:
    return [letter for letter in post(board.app, clock.now() + after) if str(letter["To"]) == to]


def _link(letter: EmailMessage) -> str:
    found = re.search(r"http://127\.0\.0\.1:5000(/(?:applications|me/applications)/\S+)", text_of(letter))
    assert found, text_of(letter)
    assert found[1] in html_of(letter)
    return found[1]


def _first_link(board: Board) -> str:
    return _link(next(one for one in _mails(board, GUEST) if "Received" in one["Subject"]))


def _application(board: Board) -> Application:
    with board.reading() as session:
        found = session.scalars(select(Application).where(Application.email == GUEST)).one()
        session.expunge(found)
        return found


def _send(client: FlaskClient, page: str, path: str, **data: str) -> SimpleNamespace:
    answer = client.post(path, data={"csrf_token": Board.csrf(client, page)} | data)
    return SimpleNamespace(
        status=answer.status_code, text=answer.get_data(as_text=True), to=answer.headers.get("Location", "")
    )


def _again(board: Board, posting_id: int, letter: str = "A better letter") -> None:
    upload = check(f"Another résumé: {letter}".encode(), "newer.txt")
    key = UploadStore(board.app.extensions["nexus-settings"].upload_dir).put(upload.content)
    with board.writing() as session:
        given = services.Given("Ada King", GUEST, letter, (("Why?", "Because"),), letter)
        resume = services.keep(session, upload, key, clock.now())
        services.apply(session, posting_id, Actor(), given, resume, clock.now())


def _move(board: Board, application_id: int, to: str, notify: str = "now", role: str = "recruiter") -> None:
    with board.writing() as session:
        user = session.scalars(select(User).where(User.email == f"{role}@example.org")).one()
        actor = Actor(user.id, user.name, user.email, how="session")
        application = session.get_one(Application, application_id)
        move(session, application, to, application.version, actor, "You were <too> good", notify, clock.now())


def test_the_mailed_link_shows_how_it_stands_and_tells_nobody(board: Board, cast: Cast, client: FlaskClient) -> None:
    answer = client.get(_first_link(board))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for words in ("Backend Engineer", "Received", "Ada Guest", "Dear &lt;b&gt;you&lt;/b&gt;", "Withdraw", "noindex"):
        assert words in page
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    receipt = client.get(f"/jobs/{cast.posting.id}/-/receipt").get_data(as_text=True)
    assert GUEST not in receipt
    assert "Ada" not in receipt


def test_account_holders_get_the_way_to_their_own_page_only(board: Board, cast: Cast) -> None:
    (letter,) = [one for one in _mails(board, cast.seeker.email) if "Received" in one["Subject"]]
    assert _link(letter) == f"/me/applications/{cast.application.id}"
    assert "/applications/" not in text_of(letter).replace("/me/applications/", "")


@pytest.mark.parametrize("change", [lambda link: link + "x", lambda link: link[:-3], lambda _: "/applications/x"])
def test_a_broken_link_says_how_to_get_a_new_one(
    board: Board, cast: Cast, client: FlaskClient, change: object
) -> None:
    link = change(_first_link(board))  # type: ignore[operator]
    answer = client.get(link)
    assert (answer.status_code, "Send me the link again" in answer.get_data(as_text=True)) == (400, True)
    assert answer.headers["Referrer-Policy"] == "same-origin"
    for act in ("withdraw", "decline", "claim", "proposals/1/accept"):
        assert _send(client, "/applications", f"{link}/{act}").status == 400
    assert client.get(f"{link}/withdraw").status_code == 405


def test_the_link_is_sent_again_and_the_answer_never_tells(board: Board, cast: Cast, client: FlaskClient) -> None:
    post(board.app, clock.now() + LATER)
    answers = [
        _send(client, "/applications", "/applications", email=email)
        for email in (" ADA@example.org", "nobody@example.org", "not an address", "")
    ]
    assert len({(one.status, one.to, one.text) for one in answers}) == 1
    assert "on its way" in client.get(answers[0].to).get_data(as_text=True)
    letters = post(board.app, clock.now() + LATER)
    assert [str(one["To"]).lower() for one in letters] == [GUEST]
    assert client.get(_link(letters[0])).status_code == 200


def test_an_address_is_asked_for_its_links_in_the_same_way_whether_it_has_any(board: Board, cast: Cast) -> None:
    asked = select(OutboxMail.recipient, OutboxMail.ids).where(OutboxMail.template == "application-links")
    with board.writing() as session:
        for address in (GUEST, "nobody@example.org"):
            ask_for_links(session, address, clock.now())
        rows = [tuple(row) for row in session.execute(asked.order_by(OutboxMail.id))]
    assert rows == [(GUEST, {"address": GUEST}), ("nobody@example.org", {"address": "nobody@example.org"})]
    assert not _mails(board, "nobody@example.org")


def test_a_domain_that_only_looks_like_the_applicants_opens_nothing_of_theirs(
    board: Board, cast: Cast, client: FlaskClient
) -> None:
    """ß folds to ss, and yet straße.example is another domain than strasse.example: one may belong to somebody else."""
    cast.apply(board.posting().id, "jo@strasse.example", name="Jo")
    cast.apply(board.posting().id, "jo@straße.example", name="Somebody else")
    post(board.app, clock.now() + LATER)
    _send(client, "/applications", "/applications", email="jo@straße.example")
    (letter,) = post(board.app, clock.now() + LATER)
    assert text_of(letter).count("/applications/") == 1
    link = _link(letter)
    assert "Somebody else" in client.get(link).get_data(as_text=True)
    person = board.user("jo@strasse.example", email_verified_at=None)
    assert _send(board.sign_in(person.email), link, f"{link}/claim").status == 403
    with board.reading() as session:
        assert session.get_one(User, person.id).email_verified_at is None


def test_withdrawing_behind_the_link(board: Board, cast: Cast, client: FlaskClient) -> None:
    link = _first_link(board)
    _move(board, _application(board).id, "in_review", "no")
    assert _send(client, link, f"{link}/withdraw", version="1").status == 409
    assert _send(client, link, f"{link}/decline").status == 422
    assert _send(client, link, f"{link}/withdraw", version=str(_application(board).version)).status == 303
    assert _application(board).stage is Stage.WITHDRAWN
    assert _send(client, "/applications", f"{link}/withdraw").status == 422
    told = _mails(board, "recruiter@example.org")
    assert [one["Subject"] for one in told] == ["Ada Guest withdrew: Backend Engineer"]


def test_claiming_moves_it_to_the_account_and_voids_the_link(board: Board, cast: Cast, client: FlaskClient) -> None:
    link = _first_link(board)
    assert _send(client, link, f"{link}/claim").to == f"/sign-in?next={link}"
    assert _send(cast.as_("other"), link, f"{link}/claim").status == 403
    person = board.user("Ada@Example.org", name="Ada", email_verified_at=None)
    signed_in = board.sign_in(person.email)
    assert "Move it into my account" in signed_in.get(link).get_data(as_text=True)
    application_id = _application(board).id
    assert _send(signed_in, link, f"{link}/claim").to == f"/me/applications/{application_id}"
    assert signed_in.get(f"/me/applications/{application_id}").status_code == 200
    for browser in (client, signed_in):
        assert browser.get(link).status_code == 404
    with board.reading() as session:
        assert session.get_one(User, person.id).email_verified_at is not None
        claims = select(AuditEntry.actor_id).where(AuditEntry.action == "application.claim")
        assert session.scalars(claims).all() == [person.id]


def test_fifty_claims_are_one(board: Board, cast: Cast) -> None:
    link = _first_link(board)
    board.user(GUEST)
    browsers = [board.sign_in(GUEST)]
    token = Board.csrf(browsers[0], link)

    def press(_: int) -> int:
        browser = board.app.test_client()
        for cookie in browsers[0]._cookies.values():
            browser._cookies[cookie._storage_key] = cookie
        return browser.post(f"{link}/claim", data={"csrf_token": token}).status_code

    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(press, range(50)))
    assert sorted(set(answers)) == [303, 404]
    assert answers.count(303) == 1
    with board.reading() as session:
        log = select(AuditEntry.id).where(AuditEntry.action == "application.claim")
        assert len(session.scalars(log).all()) == 1


def test_an_account_that_applied_already_is_told(board: Board, cast: Cast) -> None:
    link = _first_link(board)
    person = board.user("moved@example.org")
    cast.apply(cast.posting.id, actor=Actor(person.id, "Ada", person.email, how="session"))
    with board.writing() as session:
        user = session.get_one(User, person.id)
        user.email = user.email_key = GUEST
    answer = _send(board.sign_in(GUEST), link, f"{link}/claim")
    assert (answer.status, "has applied to this job already" in answer.text) == (422, True)
    assert _application(board).user_id is None


def test_what_was_sent_again_counts_once_its_owner_says_so(board: Board, cast: Cast, client: FlaskClient) -> None:
    link, old = _first_link(board), _application(board).resume_id
    _again(board, cast.posting.id)
    (letter,) = _mails(board, GUEST)
    assert "Did you apply again?" in letter["Subject"]
    assert _link(letter) == link
    page = client.get(link).get_data(as_text=True)
    assert "A better letter" in page
    assert "newer.txt" in page
    with board.reading() as session:
        proposal = session.scalars(select(ApplicationProposal.id)).one()
        store, key = UploadStore(board.app.extensions["nexus-settings"].upload_dir), ""
        key = session.get_one(StoredFile, old).key
    assert store.path(key).exists()
    for _ in range(2):
        assert _send(client, link, f"{link}/proposals/{proposal}/accept").status == 303
    kept = _application(board)
    assert (kept.name, kept.cover_letter) == ("Ada King", "A better letter")
    assert not store.path(key).exists()
    with board.reading() as session:
        assert session.get(StoredFile, old) is None
        events = select(ApplicationEvent).where(ApplicationEvent.application_id == kept.id)
        told = session.scalars(events.order_by(ApplicationEvent.id))
        assert [event.resent for event in told] == [False, True]
    page = client.get(link).get_data(as_text=True)
    assert "Updated on" in page
    assert "Waiting for your confirmation" not in page


def test_what_was_sent_again_is_let_go_with_its_file(board: Board, cast: Cast, client: FlaskClient) -> None:
    link = _first_link(board)
    _again(board, cast.posting.id)
    with board.reading() as session:
        proposal = session.scalars(select(ApplicationProposal)).one()
        number, key = proposal.id, proposal.file.key
    assert _send(client, link, f"{link}/proposals/{number}/dismiss").status == 303
    assert _application(board).name == "Ada Guest"
    assert not UploadStore(board.app.extensions["nexus-settings"].upload_dir).path(key).exists()


def test_only_a_proved_address_decides_on_its_own_page(board: Board, cast: Cast) -> None:
    _again(board, cast.posting.id, "A secret letter")
    person = board.user(GUEST, email_verified_at=None)
    with board.reading() as session:
        proposal = session.scalars(select(ApplicationProposal.id)).one()
    browser = board.sign_in(GUEST)
    page = browser.get("/me/applications").get_data(as_text=True)
    assert "A secret letter" not in page
    assert "Ada Guest" not in page
    path = f"/me/proposals/{proposal}/accept"
    assert _send(browser, "/applications", path).status == 404
    with board.writing() as session:
        session.get_one(User, person.id).email_verified_at = clock.now()
    assert "A secret letter" in browser.get("/me/applications").get_data(as_text=True)
    assert "A secret letter" not in cast.as_("other").get("/me/applications").get_data(as_text=True)
    assert cast.post("other", path).status == 404
    assert _send(browser, "/me/applications", path).status == 303
    assert _application(board).cover_letter == "A secret letter"


def test_each_step_is_mailed_with_the_recruiter_to_answer(board: Board, cast: Cast, client: FlaskClient) -> None:
    link, application_id = _first_link(board), _application(board).id
    _move(board, application_id, "in_review")
    assert post(board.app) == [], "undo comes before the mail"
    (letter,) = _mails(board, GUEST)
    assert "recruiter@example.org" in letter["Reply-To"]
    assert _link(letter) == link
    _move(board, application_id, "rejected")
    (letter,) = _mails(board, GUEST)
    assert "You were <too> good" in text_of(letter)
    assert "You were &lt;too&gt; good" in html_of(letter)
    assert "You were &lt;too&gt; good" in client.get(link).get_data(as_text=True)


def test_what_was_undone_is_not_mailed_and_ex_members_hear_nothing(board: Board, cast: Cast) -> None:
    post(board.app, clock.now() + LATER)
    application_id = _application(board).id
    _move(board, application_id, "in_review", "later")
    _move(board, application_id, "interview", "no")
    assert _mails(board, GUEST, timedelta(days=2)) == []
    cast.apply(board.posting(cast.company.id).id, "new@example.org")
    with board.writing() as session:
        session.scalars(select(User).where(User.email == "recruiter@example.org")).one().suspended_at = clock.now()
    told = {str(letter["To"]) for letter in post(board.app, clock.now() + LATER)}
    assert told == {"new@example.org", "owner@example.org"}


def test_news_held_back_is_told_nowhere_before_its_mail(board: Board, cast: Cast, client: FlaskClient) -> None:
    link, application_id = _first_link(board), _application(board).id
    seeker = cast.as_("seeker")
    for one in (application_id, cast.application.id):
        _move(board, one, "in_review", "no")
        _move(board, one, "rejected", "later")
    pages = {client: (link,), seeker: ("/me", "/me/applications?show=open", f"/me/applications/{cast.application.id}")}
    for browser, paths in pages.items():
        for path in paths:
            page = browser.get(path).get_data(as_text=True)
            assert "In review" in page, path
            assert "Not this time" not in page, path
            assert "too" not in page.split("<main", 1)[1].split("</main>", 1)[0], path
    assert "Nothing closed" in seeker.get("/me/applications?show=closed").get_data(as_text=True)
    with clock.stopped(clock.now() + timedelta(hours=24, seconds=1)):
        assert [one["Subject"] for one in _mails(board, GUEST, timedelta())] == [
            "Your application was not chosen: Backend Engineer"
        ]
        assert "Not this time" in client.get(link).get_data(as_text=True)
        assert "Not this time" in seeker.get("/me/applications?show=closed").get_data(as_text=True)


def test_withdrawing_while_news_is_held_back_tells_nothing(board: Board, cast: Cast, client: FlaskClient) -> None:
    link, application_id = _first_link(board), _application(board).id
    seen = str(_application(board).version)
    _move(board, application_id, "rejected", "later")
    assert _send(client, link, f"{link}/withdraw", version=seen).status == 303
    assert _application(board).stage is Stage.WITHDRAWN
    assert _mails(board, GUEST, timedelta(days=2)) == []
    with clock.stopped(clock.now() + timedelta(days=2)):
        assert "Not this time" not in client.get(link).get_data(as_text=True)


def test_the_company_reads_when_something_newer_came(board: Board, cast: Cast, client: FlaskClient) -> None:
    link = _first_link(board)
    _again(board, cast.posting.id)
    page = f"/employer/applications/{_application(board).id}"
    assert "A better letter" not in cast.as_("owner").get(page).get_data(as_text=True)
    with board.reading() as session:
        proposal = session.scalars(select(ApplicationProposal.id)).one()
    _send(client, link, f"{link}/proposals/{proposal}/accept")
    _send(client, link, f"{link}/withdraw")
    told = cast.as_("owner").get(page).get_data(as_text=True)
    assert "A better letter" in told
    assert "Sent something newer" in told
    assert "Nexus," not in told, "what the applicant did is not said to be the board's"
