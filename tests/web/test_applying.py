"""Applying in place: the form, its errors, the receipt."""

import errno
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock
from app.domain.applications.models import Application, ApplicationProposal, StoredFile
from app.domain.postings.models import Posting, PostingStatus, Question, QuestionKind
from app.web.security import limiter
from tests.factories import Board
from tests.files import docx, pdf

HTMX = {"HX-Request": "true"}


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def _fill(client: FlaskClient, posting_id: int, **fields: Any) -> dict[str, Any]:
    page = client.get(f"/jobs/{posting_id}/-/apply").get_data(as_text=True)
    known = {"name": "Ada Lovelace", "email": "ada@example.org", "resume": (BytesIO(pdf()), "cv.pdf")}
    hidden = {name: _field(page, name) for name in ("csrf_token", "idempotency_key", "resume_token")}
    return {name: value for name, value in (known | hidden | fields).items() if value is not None}


def _send(client: FlaskClient, posting_id: int, data: dict[str, Any], **more: Any) -> Any:
    return client.post(f"/jobs/{posting_id}/applications", data=data, content_type="multipart/form-data", **more)


def _stored(board: Board) -> list[Path]:
    folder = board.app.extensions["nexus-settings"].upload_dir
    return [path for path in folder.rglob("*") if path.is_file()]


def _count(board: Board, model: type) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_guest_applies_and_gets_the_receipt(board: Board, client: FlaskClient) -> None:
    posting, before = board.posting(), len(_stored(board))
    answer = _send(client, posting.id, _fill(client, posting.id, cover_letter="Hello"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/jobs/{posting.id}/-/receipt")
    assert "receipt goes to the address" in client.get(answer.headers["Location"]).get_data(as_text=True)
    assert len(_stored(board)) == before + 1
    with board.reading() as session:
        kept = session.scalars(select(Application)).one()
        assert (kept.name, kept.user_id, kept.cover_letter) == ("Ada Lovelace", None, "Hello")
        assert kept.resume is not None
        assert (kept.resume.filename, kept.resume.media_type) == ("cv.pdf", "application/pdf")


def test_the_form_unfolds_in_place_and_answers_in_place(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    fragment = client.get(f"/jobs/{posting.id}/-/apply", headers=HTMX).get_data(as_text=True)
    assert fragment.lstrip().startswith("<section") and "<html" not in fragment
    answer = _send(client, posting.id, _fill(client, posting.id), headers=HTMX)
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).lstrip().startswith("<section")
    assert "receipt" in answer.get_data(as_text=True)


def test_errors_keep_every_value_and_the_file(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    with board.writing() as session:
        session.add(Question(posting_id=posting.id, position=0, prompt="May you work here?", required=True,
                             kind=QuestionKind.YES_NO))
        session.add(Question(posting_id=posting.id, position=1, prompt="Why us?"))
        session.flush()
        yes_no, why = session.scalars(select(Question.id).order_by(Question.id))
    data = _fill(client, posting.id, email="nobody", cover_letter="Dear <all>", **{f"answers-{why}": "Because"})
    answer = _send(client, posting.id, data, headers=HTMX)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for kept in ("Ada Lovelace", "nobody", "Dear &lt;all&gt;", "Because", "cv.pdf", data["idempotency_key"]):
        assert kept in page
    assert "name@example.com" in page
    assert "Answer this question." in page
    assert _count(board, Application) == 0
    again = data | {"email": "ada@example.org", f"answers-{yes_no}": "yes"}
    again["resume_token"] = _field(page, "resume_token")
    del again["resume"]
    assert _send(client, posting.id, again).status_code == 303
    assert _count(board, StoredFile) == 1
    with board.reading() as session:
        assert session.scalars(select(Application)).one().resume_id == session.scalars(select(StoredFile.id)).one()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "cv.pdf", "This file is empty"), (b"MZ\x90\0", "cv.pdf", "not a PDF file"), (pdf(), "cv.exe", ".exe"),
        (docx(**{"../x": "y"}), "cv.docx", "outside itself"), (pdf() + b" " * 5_300_000, "cv.pdf", "larger than 5 MB"),
    ],
)
def test_a_file_that_is_no_resume_is_refused_beside_its_field(
    board: Board, client: FlaskClient, content: bytes, name: str, said: str
) -> None:
    posting, before = board.posting(), len(_stored(board))
    answer = _send(client, posting.id, _fill(client, posting.id, resume=(BytesIO(content), name)))
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert _count(board, Application) == _count(board, StoredFile) == 0
    assert len(_stored(board)) == before


@pytest.mark.parametrize("token", ["", "forged", "x" * 700, "é"])
def test_without_a_resume_or_with_a_forged_token_the_form_comes_back(
    board: Board, client: FlaskClient, token: str
) -> None:
    posting = board.posting()
    answer = _send(client, posting.id, _fill(client, posting.id, resume=None, resume_token=token))
    assert answer.status_code == 422
    assert "Choose your résumé" in answer.get_data(as_text=True)


def test_a_token_opens_no_other_posting(board: Board, client: FlaskClient) -> None:
    one, other = board.posting(), board.posting()
    page = _send(client, one.id, _fill(client, one.id, email="")).get_data(as_text=True)
    data = _fill(client, other.id, resume=None, resume_token=_field(page, "resume_token"))
    assert _send(client, other.id, data).status_code == 422


def test_a_repeat_gets_the_same_receipt_and_stores_nothing(board: Board, client: FlaskClient) -> None:
    posting, before = board.posting(), len(_stored(board))
    data = _fill(client, posting.id)
    answers = [_send(client, posting.id, data | {"resume": (BytesIO(pdf()), "cv.pdf")}) for _ in range(3)]
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(303, f"/jobs/{posting.id}/-/receipt")}
    assert _count(board, Application) == _count(board, StoredFile) == 1
    assert len(_stored(board)) == before + 1


def test_a_stranger_learns_nothing_from_applying_with_another_address(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    first = _send(client, posting.id, _fill(client, posting.id), headers=HTMX)
    stranger = board.app.test_client()
    data = _fill(stranger, posting.id, name="Eve", resume=(BytesIO(pdf(b"/A 1 ")), "e.pdf"))
    second = _send(stranger, posting.id, data, headers=HTMX)
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert _count(board, ApplicationProposal) == 1
    with board.reading() as session:
        assert session.scalars(select(Application.name)).all() == ["Ada Lovelace"]


def test_a_signed_in_person_applies_with_the_account(board: Board, client: FlaskClient) -> None:
    posting, person = board.posting(), board.user(name="Grace Hopper")
    board.sign_in(person.email, client)
    form = client.get(f"/jobs/{posting.id}/-/apply").get_data(as_text=True)
    assert 'value="Grace Hopper"' in form
    data = _fill(client, posting.id, name="Grace", email="else@example.org")
    assert _send(client, posting.id, data).status_code == 303
    with board.reading() as session:
        assert session.execute(select(Application.user_id, Application.email)).one() == (person.id, person.email)
    assert "You have applied" in client.get(f"/jobs/{posting.id}/-/apply").get_data(as_text=True)


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"status": PostingStatus.CLOSED}, 410), ({"frozen_at": "now"}, 410), ({"expires_at": "now"}, 410),
        ({"apply_url": "https://example.org"}, 410), ({"live": False}, 404),
    ],
)
def test_a_posting_that_takes_none_says_so(board: Board, client: FlaskClient, facts: Any, status: int) -> None:
    data = _fill(client, board.posting().id)
    before = len(_stored(board))
    stated = {name: clock.now() if fact == "now" else fact for name, fact in facts.items()}
    posting = board.posting(**stated)
    assert client.get(f"/jobs/{posting.id}/-/apply").status_code == status
    assert _send(client, posting.id, data | {"email": "nobody"}).status_code == status
    data["resume"] = (BytesIO(pdf()), "cv.pdf")
    assert _send(client, posting.id, data).status_code == status
    assert _count(board, Application) == 0
    assert len(_stored(board)) == before


def test_a_full_disk_is_told_and_nothing_is_half_done(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    posting, before = board.posting(), len(_stored(board))
    data = _fill(client, posting.id)
    with monkeypatch.context() as patch:
        patch.setattr("app.core.files.os.fsync", full)
        answer = _send(client, posting.id, data)
    assert answer.status_code == 507
    assert len(_stored(board)) == before
    assert _count(board, Application) == 0
    assert _send(client, posting.id, data | {"resume": (BytesIO(pdf()), "cv.pdf")}).status_code == 303


def test_addresses_that_are_none_and_wrong_methods(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    token = board.csrf(client, "/sign-in")
    for bad in ("999999", "0", "x", "9" * 23):
        assert client.get(f"/jobs/{bad}/-/apply").status_code == 404
        assert client.get(f"/jobs/{bad}/-/receipt").status_code == 404
        assert _send(client, bad, {"csrf_token": token}).status_code == 404  # type: ignore[arg-type]
    assert client.get(f"/jobs/{posting.id}/applications").status_code in (301, 404, 405)
    assert client.post(f"/jobs/{posting.id}/-/apply", data={"csrf_token": token}).status_code == 405
    assert _send(client, posting.id, {"name": "Ada"}).status_code == 400
    assert client.get(f"/jobs/{board.posting(live=False).id}/-/receipt").status_code == 404


@pytest.mark.parametrize("field", ["name", "email", "cover_letter", "idempotency_key", "resume_token", "answers-1"])
def test_odd_values_never_break_anything(board: Board, client: FlaskClient, field: str) -> None:
    posting = board.posting()
    for value in ("x" * 10_000, "1" + "0" * 23, "'\"><script>alert(1)</script>", "\u202e\u200b", "\ud7ff"):
        answer = _send(client, posting.id, _fill(client, posting.id, **{field: value}))
        assert answer.status_code in (303, 422)
        assert "<script>alert" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("field", ["name", "cover_letter"])
def test_nul_is_told_and_changes_nothing(board: Board, client: FlaskClient, field: str) -> None:
    posting = board.posting()
    assert _send(client, posting.id, _fill(client, posting.id, **{field: "a\0b"})).status_code == 400
    assert _count(board, Application) == 0


def _answers(board: Board, posting_id: int, **more: Any) -> list[int]:
    """What somebody who applied, and somebody who did not, are told when a stranger sends their address."""
    told = []
    for email in ("ada@example.org", "nobody@example.org"):
        stranger = board.app.test_client()
        data = _fill(stranger, more.get("form_of", posting_id), email=email, **more.get("fields", {}))
        told.append(_send(stranger, posting_id, data).status_code)
    return told


def test_after_the_end_an_address_does_not_tell_whether_it_applied(board: Board, client: FlaskClient) -> None:
    posting, other = board.posting(), board.posting()
    assert _send(client, posting.id, _fill(client, posting.id)).status_code == 303
    with board.writing() as session:
        session.get_one(Posting, posting.id).status = PostingStatus.PAUSED
    assert _answers(board, posting.id, form_of=other.id) == [410, 410]


def test_a_used_file_does_not_tell_whether_an_address_applied(board: Board, client: FlaskClient) -> None:
    posting, stranger = board.posting(), board.app.test_client()
    assert _send(client, posting.id, _fill(client, posting.id)).status_code == 303
    page = _send(stranger, posting.id, _fill(stranger, posting.id, email="not an address")).get_data(as_text=True)
    own = {"resume": None, "resume_token": _field(page, "resume_token")}
    sent = _send(stranger, posting.id, _fill(stranger, posting.id, email="own@example.org", **own))
    assert sent.status_code == 303
    assert _answers(board, posting.id, fields=own) == [422, 422]


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_a_kept_file_sent_twice_gets_its_receipt_whoever_applied(
    board: Board, client: FlaskClient, email: str
) -> None:
    posting, stranger = board.posting(), board.app.test_client()
    assert _send(client, posting.id, _fill(client, posting.id)).status_code == 303
    bad = _fill(stranger, posting.id, email="not an address", resume=(BytesIO(docx()), "cv.docx"))
    token = _field(_send(stranger, posting.id, bad).get_data(as_text=True), "resume_token")
    form = _fill(stranger, posting.id, email=email, resume=None, resume_token=token)
    assert [_send(stranger, posting.id, form).status_code for _ in range(2)] == [303, 303]


def test_after_the_end_a_form_sent_again_tells_nothing_though_junk_came_first(
    board: Board, client: FlaskClient
) -> None:
    posting, told = board.posting(), []
    assert _send(client, posting.id, _fill(client, posting.id)).status_code == 303
    forms = []
    for email in ("ada@example.org", "nobody@example.org"):
        stranger = board.app.test_client()
        for _ in range(7):
            form = _fill(stranger, posting.id, email=email)
            assert _send(stranger, posting.id, form).status_code == 303
        forms.append((stranger, form))
    with board.writing() as session:
        session.get_one(Posting, posting.id).status = PostingStatus.CLOSED
    for stranger, form in forms:
        told.append(_send(stranger, posting.id, form | {"resume": (BytesIO(pdf()), "cv.pdf")}).status_code)
    assert told == [303, 303]


def test_what_an_account_sends_after_a_guest_waits_among_its_applications(board: Board, client: FlaskClient) -> None:
    posting, person = board.posting(), board.user(name="Grace Hopper", email_verified_at=None)
    with board.writing() as session:
        session.add(Question(posting_id=posting.id, position=0, prompt="Why us?"))
    with board.reading() as session:
        answer = f"answers-{session.scalars(select(Question.id)).one()}"
    assert _send(client, posting.id, _fill(client, posting.id, name="Mallory", email=person.email)).status_code == 303
    grace = board.sign_in(person.email)
    form = _fill(grace, posting.id, name="Grace", cover_letter="Dear <all>", **{answer: "Because"})
    assert _send(grace, posting.id, form).status_code == 303
    page = grace.get("/me/applications").get_data(as_text=True)
    for word in ("Waiting for your confirmation", "Backend Engineer", "Grace", "Dear &lt;all&gt;", "Because", "cv.pdf"):
        assert word in page
    assert "Mallory" not in page
    assert "No applications yet" not in page
    other = board.sign_in(board.user().email)
    assert "Waiting for your confirmation" not in other.get("/me/applications").get_data(as_text=True)


def test_an_address_that_keeps_sending_faulty_forms_waits(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    posting = board.posting()
    form = _fill(client, posting.id, email="nobody", resume=None)
    monkeypatch.setitem(board.app.config, "NEXUS_LIMITS", True)
    limiter.reset()
    good = [_send(client, posting.id, _fill(client, posting.id)).status_code for _ in range(25)]
    assert set(good) == {303}
    # A clock's minute may turn once meanwhile: then twenty more are heard.
    faulty = [_send(client, posting.id, form).status_code for _ in range(41)]
    limiter.reset()
    assert set(faulty[:20]) == {422}
    assert 429 in faulty
