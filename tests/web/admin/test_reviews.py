"""The queue: reasons for doubt, what changed, decisions in place; many rows at once; fields of work within a row."""

import re
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.actor import Actor
from app.core.money import Period
from app.domain.postings.models import EmploymentType, Posting, PostingStatus
from app.domain.postings.services import edit, facts_of
from tests.factories import Board
from tests.web.admin.test_postings import HTMX, act, audited, pending, stored, token


@pytest.fixture
def admin(board: Board) -> FlaskClient:
    """A browser in which an admin is signed in."""
    return board.sign_in(board.admin("admin@example.org").email)


def queue(client: FlaskClient) -> str:
    return client.get("/admin/reviews").get_data(as_text=True)


NO_PAY = {"salary_min": None, "salary_max": None, "salary_currency": None, "salary_period": None}


def test_every_reason_for_doubt_is_in_view(board: Board, admin: FlaskClient) -> None:
    writer = board.user(email_verified_at=None)
    company = board.company()
    text = "Send money by WhatsApp first."
    for _ in range(5):
        pending(
            board, company_id=company.id, title="Earn at www.rich.example", created_by_id=writer.id,
            description_text=text, type=EmploymentType.FULL_TIME, **NO_PAY,
        )
    page = queue(admin)
    for doubt in (
        "States no pay.", "The first posting of this company.", "address is not verified", "A link in the title.",
        "The same text as posting", "“send money”", "“whatsapp”", "5 postings of this company",
    ):
        assert doubt in page, doubt


def test_an_honest_posting_is_doubted_by_nothing(board: Board, admin: FlaskClient) -> None:
    company = board.company()
    board.posting(company.id)
    pending(board, company_id=company.id, description_text="Another text.")
    pending(board, company_id=company.id, type=EmploymentType.VOLUNTEER, description_text="A third.", **NO_PAY)
    assert "Look twice" not in queue(admin)


def test_what_changed_since_it_was_public_is_shown_word_by_word(board: Board, admin: FlaskClient) -> None:
    posting = board.posting()
    with board.writing() as session:
        row = session.get_one(Posting, posting.id)
        facts = facts_of(row)
        changed = {"title": "Frontend Engineer", "description": "Build **castles** <script>x</script>."}
        actor = Actor(user_id=1, how="session")
        edit(session, row, type(facts)(**{**vars_of(facts), **changed}), row.version, actor, clock.now())
        assert row.status is PostingStatus.PENDING
    page = queue(admin)
    assert "<del>Backend Engineer</del> <ins>Frontend Engineer</ins>" in page
    assert re.search(r"<del>things\.</del> <ins>castles", page)
    assert "<script>x" not in page


def vars_of(facts: object) -> dict[str, object]:
    return {name: getattr(facts, name) for name in facts.__dataclass_fields__}  # type: ignore[attr-defined]


def decide(client: FlaskClient, posting: SimpleNamespace, action: str, **fields: str) -> tuple[int, str]:
    answer = act(client, posting, action, **fields, **{"from": "reviews"})
    return answer.status_code, answer.get_data(as_text=True)


def test_a_decision_in_the_queue_swaps_its_one_posting_and_can_be_undone_there(
    board: Board, admin: FlaskClient
) -> None:
    posting = pending(board)
    status, page = decide(admin, posting, "reject")
    assert (status, page.count("<article"), "data-review" in page, "Say why" in page) == (422, 1, True, True)
    status, page = decide(admin, posting, "reject", reason="No.")
    assert (status, page.count("<article"), "data-decided" in page) == (200, 1, True)
    assert 'name="from" value="reviews"' in page
    status, page = decide(admin, posting, "undo", version=str(stored(board, posting)[3]))  # type: ignore[arg-type]
    assert (status, "data-review" in page) == (200, True)
    assert "Undone" in page
    assert audited(board) == ["posting.rejected", "posting.undo"]


def test_undo_redo_undo_within_ten_seconds(board: Board, admin: FlaskClient) -> None:
    posting = pending(board)
    for _ in range(2):
        act(admin, posting, "approve", version=stored(board, posting)[3])
        version = stored(board, posting)[3]
        assert stored(board, posting)[0] == "published"
        for _ in range(2):
            assert act(admin, posting, "undo", version=version).status_code == 200
        assert stored(board, posting)[0] == "pending"
    assert audited(board) == ["posting.published", "posting.undo"] * 2


def test_the_undo_of_an_earlier_act_is_not_taken_for_the_last_one(board: Board, admin: FlaskClient) -> None:
    posting = board.posting()
    act(admin, posting, "feature")
    first = stored(board, posting)[3]
    act(admin, posting, "freeze", version=first)
    act(admin, posting, "undo", version=stored(board, posting)[3])
    assert act(admin, posting, "undo", version=first).status_code == 409
    assert stored(board, posting)[1:3] == (False, True)


def test_many_rows_at_once_each_against_its_version_and_the_answer_says_which_not(
    board: Board, admin: FlaskClient
) -> None:
    good, stale, over = pending(board), pending(board, title="Stale one"), board.posting(title="Live one")
    act(admin, stale, "freeze")
    data = {
        "action": "reject", "reason": "No.", "csrf_token": token(admin),
        "chosen": [f"{good.id}:{good.version}", f"{stale.id}:{stale.version}", f"{over.id}:{over.version}", "999:1"],
    }
    answer = admin.post("/admin/postings/bulk", data=data, headers=HTMX)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Rejected: 1 of 4." in page
    assert "Stale one: Somebody changed" in page
    assert "Live one: A posting that is published" in page
    assert page.count("<tr id=") == 3
    assert stored(board, good)[0] == "rejected"
    again = admin.post("/admin/postings/bulk", data=data | {"chosen": data["chosen"][:1]})
    assert again.status_code == 303
    assert audited(board) == ["posting.freeze", "posting.rejected"]
    nothing = admin.post("/admin/postings/bulk", data=data | {"chosen": []})
    assert nothing.status_code == 422


def test_a_field_of_work_is_changed_within_the_row(board: Board, admin: FlaskClient) -> None:
    posting = board.posting()
    board.category("baking", "Baking")
    path, data = f"/admin/postings/{posting.id}/category", {"category": "baking", "csrf_token": token(admin)}
    for _ in range(2):
        answer = admin.post(path, data=data | {"version": str(posting.version)}, headers=HTMX)
        assert answer.status_code == 200
    assert answer.get_data(as_text=True).count("<tr id=") == 1
    assert audited(board) == ["posting.category"]
    assert admin.post(path, data=data | {"version": "1", "category": "engineering"}, headers=HTMX).status_code == 409
    assert admin.post(path, data=data | {"version": "2", "category": "nothing"}, headers=HTMX).status_code == 422


def test_search_knows_no_capitals_in_any_alphabet_and_scheduled_ones_are_found(
    board: Board, admin: FlaskClient
) -> None:
    board.posting(title="Ärztin für Zürich", salary_period=Period.YEAR)
    assert "data-posting=" in admin.get("/admin/postings?q=ÄRZTIN").get_data(as_text=True)
    assert "data-posting=" in admin.get("/admin/postings?q=ärztin").get_data(as_text=True)
    assert "data-posting=" not in admin.get("/admin/postings?status=scheduled").get_data(as_text=True)
