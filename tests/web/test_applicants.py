"""The applicants' board: who sees it, what moves, what a second recruiter is told."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.domain.applications.models import Application, Stage
from app.domain.mail.models import MailStatus, OutboxMail
from tests.factories import Board
from tests.web.people import Cast

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _stage(board: Board, application_id: int) -> Stage:
    with board.reading() as session:
        return session.get_one(Application, application_id).stage


def _column(page: str, stage: str) -> str:
    return page.split(f'data-stage="{stage}"', 1)[1].split("</section>", 1)[0]


def _get(cast: Cast, role: str, path: str) -> str:
    answer = cast.as_(role).get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [("owner", 200, 303), ("recruiter", 200, 303), ("reviewer", 200, 403), ("rival", 404, 404), ("gone", 404, 404),
     ("seeker", 404, 404), ("anonymous", 303, 303)],
)
def test_the_company_reads_its_movers_move_strangers_find_nothing(
    board: Board, cast: Cast, role: str, read: int, write: int
) -> None:
    board_path = f"/employer/postings/{cast.posting.id}/applicants"
    one = f"/employer/applications/{cast.application.id}"
    for path in (board_path, f"{board_path}?view=table", one):
        assert cast.as_(role).get(path).status_code == read
    assert cast.as_(role).get(f"{board_path}/cards").status_code == (302 if read == 200 else read)
    answer = cast.post(role, f"{one}/move", to="in_review", version="1")
    assert answer.status == write
    moved = role in ("owner", "recruiter")
    assert _stage(board, cast.application.id) is (Stage.IN_REVIEW if moved else Stage.SUBMITTED)
    answer = cast.post(role, f"{one}/undo", version="2")
    assert answer.status == write
    assert _stage(board, cast.application.id) is Stage.SUBMITTED


def test_cards_stand_in_their_columns_with_the_legal_moves(cast: Cast) -> None:
    path = f"/employer/postings/{cast.posting.id}/applicants"
    column = _column(_get(cast, "recruiter", path), "submitted")
    assert f'data-application="{cast.application.id}"' in column
    assert re.findall(r'<option value="(\w+)"', column)[:4] == ["in_review", "interview", "rejected", "spam"]
    assert f'href="/files/{cast.application.file}"' in column
    reviewer = _get(cast, "reviewer", path)
    assert "data-application=" in reviewer
    assert '<select class="input is-small" name="to"' not in reviewer


def test_a_move_swaps_the_card_the_counts_and_offers_undo(board: Board, cast: Cast) -> None:
    path = f"/employer/applications/{cast.application.id}"
    answer = cast.post("recruiter", f"{path}/move", HTMX, to="interview", version="1", notify="now", stage_id="")
    assert answer.status == 200
    assert "<html" not in answer.text
    number = cast.application.id
    assert f'<hx-partial hx-target="#application-{number}" hx-swap="delete">' in answer.text
    assert '<hx-partial hx-target="#cards-interview" hx-swap="afterbegin">' in answer.text
    assert '<hx-partial hx-target="#count-submitted" hx-swap="innerHTML">0<' in answer.text
    assert '<hx-partial hx-target="#count-interview" hx-swap="innerHTML">1<' in answer.text
    toast = answer.text.split('hx-target="#toasts"')[1]
    assert f'action="{path}/undo"' in toast
    version = re.search(r'name="version" value="(\d+)"', toast)
    assert version
    undone = cast.post("recruiter", f"{path}/undo", HTMX, version=version[1])
    assert undone.status == 200
    assert 'hx-target="#cards-submitted"' in undone.text
    assert "/undo" not in undone.text
    assert _stage(board, number) is Stage.SUBMITTED
    with board.reading() as session:
        moved = select(OutboxMail.status).where(OutboxMail.template == "application-moved")
        assert session.scalars(moved).all() == [MailStatus.CANCELLED]


def test_two_recruiters_on_one_card_never_lose_a_move(board: Board, cast: Cast) -> None:
    path = f"/employer/applications/{cast.application.id}/move"
    assert cast.post("recruiter", path, HTMX, to="interview", version="1").status == 200
    late = cast.post("owner", path, HTMX, to="rejected", version="1", reason="No")
    assert late.status == 409
    assert "Recruiter moved this application" in late.text
    assert 'hx-target="#cards-interview"' in late.text
    assert 'name="version" value="2"' in late.text
    plain = cast.post("owner", path, to="rejected", version="1", reason="No")
    assert plain.status == 409
    assert "Recruiter moved this application" in plain.text
    assert _stage(board, cast.application.id) is Stage.INTERVIEW


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_late_move_keeps_its_reason_wherever_it_is_shown(cast: Cast, headers: dict[str, str]) -> None:
    path = f"/employer/applications/{cast.application.id}"
    assert cast.post("recruiter", f"{path}/move", HTMX, to="interview", version="1").status == 200
    beside = headers and {**headers, "HX-Current-URL": f"http://localhost{path}"}
    late = cast.post("owner", f"{path}/move", beside, to="rejected", version="1", reason="Not <b>now")
    kept = re.findall(r'<textarea[^>]*name="reason"[^>]*>\s*([^<]*)</textarea>', late.text)
    assert (late.status, kept) == (409, ["Not &lt;b&gt;now"] * (2 if headers else 1)), "on the card and beside it"
    assert cast.post("recruiter", f"{path}/move", HTMX, to="spam", version="2").status == 200
    over = cast.post("owner", f"{path}/move", beside, to="rejected", version="1", reason="Not <b>now")
    kept = re.findall(r"readonly>\n([^<]*)</textarea>", over.text)
    assert (over.status, kept) == (409, ["Not &lt;b&gt;now"] * (2 if headers else 1))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "hired", "version": "1"}, "in_review, interview, rejected, spam"),
        ({"to": "no such", "version": "1"}, "in_review, interview"),
        ({"to": "rejected", "version": "1"}, "Say why"), ({"to": "in_review"}, "version"),
        ({"to": "in_review", "version": "1e3"}, "version"), ({"to": "in_review", "version": "9" * 23}, "version"),
        ({"to": "in_review", "version": "1", "notify": "x"}, "now, later or no"),
        ({"to": "rejected", "version": "1", "reason": "x" * 10_000}, "2,000"),
    ],
)
def test_what_cannot_be_done_is_told_in_place(board: Board, cast: Cast, fields: dict[str, str], said: str) -> None:
    path = f"/employer/applications/{cast.application.id}/move"
    inline, plain = cast.post("owner", path, HTMX, **fields), cast.post("owner", path, **fields)
    assert inline.status == plain.status == 422
    assert said in inline.text
    assert said in plain.text or "Missing" in plain.text
    assert f'hx-target="#application-{cast.application.id}" hx-swap="outerHTML"' in inline.text
    assert _stage(board, cast.application.id) is Stage.SUBMITTED


def test_undo_ends_after_ten_seconds(board: Board, cast: Cast) -> None:
    path = f"/employer/applications/{cast.application.id}"
    assert cast.post("owner", f"{path}/move", to="in_review", version="1").status == 303
    assert "Undo your move" in _get(cast, "owner", path)
    assert "Undo your move" not in _get(cast, "recruiter", path)
    with clock.stopped(clock.now() + timedelta(seconds=11)):
        assert "Undo your move" not in _get(cast, "owner", path)
        assert cast.post("owner", f"{path}/undo", version="2").status == 422
    assert _stage(board, cast.application.id) is Stage.IN_REVIEW


def test_an_applicants_page_shows_what_was_sent_as_text(cast: Cast) -> None:
    page = _get(cast, "reviewer", f"/employer/applications/{cast.application.id}")
    for word in ("Ada Lovelace", "seeker@example.org", "My CV.pdf", "Dear &lt;b&gt;you&lt;/b&gt;", "Submitted"):
        assert word in page


def test_moving_leads_back_to_where_one_was(cast: Cast) -> None:
    path = f"/employer/applications/{cast.application.id}"
    answer = cast.post("owner", f"{path}/move", to="in_review", version="1", next=path)
    assert answer.headers["Location"] == path
    answer = cast.post("owner", f"{path}/move", to="interview", version="2", next="//evil.example")
    assert answer.headers["Location"] == f"/employer/postings/{cast.posting.id}/applicants"


def test_addresses_that_are_none_and_wrong_methods(cast: Cast) -> None:
    for bad in ("999999", "0", "x", "9" * 23):
        for path in (f"postings/{bad}/applicants", f"applications/{bad}"):
            assert cast.as_("owner").get(f"/employer/{path}").status_code == 404
        assert cast.post("owner", f"/employer/applications/{bad}/move", to="in_review", version="1").status == 404
    base = f"/employer/postings/{cast.posting.id}/applicants"
    assert cast.as_("owner").get(f"/employer/applications/{cast.application.id}/move").status_code == 405
    assert cast.post("owner", base).status == 405
    assert cast.as_("owner").get(f"{base}?view=table&after=forged").status_code == 400
    assert cast.as_("owner").get(f"{base}/cards?stage=submitted&after=x", headers=HTMX).status_code == 400
    assert cast.as_("owner").get(f"{base}?view=table&stage=nonsense").status_code == 200


def _queries(board: Board, cast: Cast, path: str) -> int:
    with board.statements() as counted:
        _get(cast, "owner", path)
    return len(counted)


def test_a_column_goes_on_without_gap_and_costs_the_same(board: Board, cast: Cast) -> None:
    base = f"/employer/postings/{cast.posting.id}/applicants"
    _get(cast, "owner", base)
    before = [_queries(board, cast, path) for path in (base, f"{base}?view=table")]
    at = clock.now()
    made = {cast.application.id} | {
        cast.apply(cast.posting.id, f"p{n}@example.org", now=at + timedelta(seconds=n // 3)).id for n in range(24)
    }
    assert [_queries(board, cast, path) for path in (base, f"{base}?view=table")] == before
    column = _column(_get(cast, "owner", base), "submitted")
    shown = re.findall(r'data-application="(\d+)"', column)
    assert len(shown) == 20
    more = re.search(r'hx-get="([^"]*after=[^"]+)"', column)
    assert more
    rest = cast.as_("owner").get(more[1].replace("&amp;", "&"), headers=HTMX).get_data(as_text=True)
    shown += re.findall(r'data-application="(\d+)"', rest)
    assert len(shown) == 25
    assert {int(number) for number in shown} == made
    assert 'rel="next"' not in rest


def test_the_table_shows_one_stage_or_all(cast: Cast) -> None:
    cast.apply(cast.posting.id, "grace@example.org", name="Grace Hopper")
    base = f"/employer/postings/{cast.posting.id}/applicants?view=table"
    cast.post("owner", f"/employer/applications/{cast.application.id}/move", to="interview", version="1")
    assert _get(cast, "owner", base).count("<tr id=") == 2
    only = _get(cast, "owner", f"{base}&stage=interview")
    assert "Ada Lovelace" in only
    assert "Grace Hopper" not in only
    assert "No applicant matches" in _get(cast, "owner", f"{base}&stage=offer")


def test_an_empty_board_says_so(board: Board, cast: Cast) -> None:
    other = board.posting(cast.company.id)
    assert "Nobody has applied yet" in _get(cast, "owner", f"/employer/postings/{other.id}/applicants")


def test_ending_a_posting_asks_what_its_applicants_are_told(cast: Cast) -> None:
    path = f"/employer/postings/{cast.posting.id}"
    for page in ("/employer/postings", path):
        text = _get(cast, "recruiter", page)
        assert "1 application is open." in text and 'value="closed:later"' in text and 'value="filled"' in text, page
    assert "closed:later" not in _get(cast, "reviewer", "/employer/postings")
    cast.apply(cast.posting.id, "grace@example.org")
    assert "2 applications are open." in _get(cast, "owner", "/employer/postings")
    version = str(cast.posting.version)
    assert cast.post("owner", f"{path}/move", to="closed:some-day", version=version).status == 422
    assert cast.post("owner", f"{path}/move", to="closed:later", version=version).status == 303
    assert "are open." not in _get(cast, "owner", "/employer/postings")
    assert "(2 open)" in _get(cast, "owner", "/employer/postings"), "nobody was answered"
    assert "Over, with people waiting" in _get(cast, "owner", "/employer")


def test_a_column_that_is_none_has_no_cards(cast: Cast) -> None:
    path = f"/employer/postings/{cast.posting.id}/applicants/cards?column=nonsense&after=x"
    assert cast.as_("owner").get(path, headers=HTMX).status_code == 404
