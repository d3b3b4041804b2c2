"""The editor: drafts that keep themselves, questions in order without a script, the hint about pay."""

import re

import pytest
from sqlalchemy import func, select

from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board
from tests.web.people import Cast
from tests.web.test_desk import FORM
from tests.web.test_postings import HTMX

AUTO = "/employer/postings/autosave"


@pytest.fixture
def cast(board: Board) -> Cast:
    board.category()
    return Cast(board)


def _stored(cast: Cast, posting_id: int) -> Posting:
    with cast.board.reading() as session:
        posting = session.get_one(Posting, posting_id)
        session.expunge(posting)
        return posting


def _count(cast: Cast) -> int:
    with cast.board.reading() as session:
        return session.scalar(select(func.count()).select_from(Posting)) or 0


def test_the_first_words_make_a_draft_and_the_next_are_kept_in_it(cast: Cast) -> None:
    before = _count(cast)
    empty = cast.post("recruiter", AUTO, HTMX, salary_currency="EUR", salary_period="year", openings="1")
    assert empty.status == 200 and _count(cast) == before, "nothing typed, nothing made"
    first = cast.post("recruiter", AUTO, HTMX, title="", salary_min="40k", openings="1", workplace="on_site")
    address = first.headers["HX-Replace-Url"]
    number = int(address.rsplit("/", 1)[1])
    assert first.status == 200 and "data-saved" in first.text and f'formaction="{address}"' in first.text
    assert f'name="posting" value="{number}"' in first.text
    version = re.search(r'name="version" value="(\d+)"', first.text)
    assert version
    page = cast.as_("owner").get(address).get_data(as_text=True)
    assert 'value="40k"' in page and 'id="title" name="title" value=""' in page and "field-error" not in page
    again = cast.post("recruiter", AUTO, HTMX, **FORM, posting=str(number), version=version[1])
    assert again.status == 200 and "HX-Replace-Url" not in again.headers
    assert (_stored(cast, number).title, _count(cast)) == ("Baker", before + 1)


def test_a_colleagues_draft_is_told_and_not_overwritten(cast: Cast) -> None:
    draft = cast.board.posting(cast.company.id, live=False, title="Mine")
    fields = FORM | {"posting": str(draft.id), "version": str(draft.version)}
    assert cast.post("owner", AUTO, HTMX, **fields | {"title": "By the owner"}).status == 200
    stale = cast.post("recruiter", AUTO, HTMX, **fields | {"title": "By the recruiter"})
    assert stale.status == 409 and "Nothing was overwritten" in stale.text and "By the owner" in stale.text
    assert _stored(cast, draft.id).title == "By the owner"
    over = re.search(r'name="over" value="(\d+)"', stale.text)
    assert over
    saved = cast.post(
        "recruiter", f"/employer/postings/{draft.id}", **fields | {"title": "By the recruiter", "over": over[1]}
    )
    assert (saved.status, _stored(cast, draft.id).title) == (303, "By the recruiter")


def test_whoever_begins_a_draft_and_types_on_edits_it(cast: Cast) -> None:
    begun = cast.post("owner", AUTO, HTMX, title="Baker")
    number, version = (re.search(rf'name="{name}" value="(\d+)"', begun.text)[1] for name in ("posting", "version"))
    fields = FORM | {"posting": number, "version": version}
    assert cast.post("owner", AUTO, HTMX, **fields | {"title": "A baker"}).status == 200
    for path in (AUTO, f"/employer/postings/{number}"):
        stale = cast.post("recruiter", path, HTMX, **fields)
        assert (stale.status, re.findall(r"Last: ([^.]*)\.", stale.text)[:1]) == (409, ["Owner, edit"])


def test_who_may_not_keeps_nothing_and_what_is_public_stays(cast: Cast) -> None:
    draft = cast.board.posting(cast.company.id, live=False, title="Mine")
    fields = FORM | {"posting": str(draft.id), "version": str(draft.version)}
    for role, status in (("reviewer", 403), ("rival", 404), ("seeker", 403), ("gone", 403)):
        assert cast.post(role, AUTO, HTMX, **fields).status == status, role
    assert cast.post("owner", AUTO, HTMX, **fields | {"posting": "x"}).status == 404
    assert cast.post("owner", AUTO, HTMX, **fields | {"posting": "9" * 18}).status == 404
    assert cast.post("owner", AUTO, HTMX, **fields | {"version": ""}).status == 422
    assert _stored(cast, draft.id).title == "Mine"
    live = {"posting": str(cast.posting.id), "version": str(cast.posting.version)}
    assert cast.post("owner", AUTO, HTMX, **FORM | live).status == 422
    kept = _stored(cast, cast.posting.id)
    assert (kept.title, kept.status) == ("Backend Engineer", PostingStatus.PUBLISHED)


def test_only_drafts_keep_themselves_and_public_ones_say_what_a_change_does(cast: Cast) -> None:
    draft = cast.board.posting(cast.company.id, live=False)
    page = cast.as_("owner").get(f"/employer/postings/{draft.id}").get_data(as_text=True)
    assert "data-autosave" in page and "back to the board for review" not in page
    live = cast.as_("owner").get(f"/employer/postings/{cast.posting.id}").get_data(as_text=True)
    assert "data-autosave" not in live and "back to the board for review" in live
    trusted = cast.board.company("Trusted", trusted=True, owner="owner@example.org")
    posting = cast.board.posting(trusted.id)
    assert "back to the board" not in cast.as_("owner").get(f"/employer/postings/{posting.id}").get_data(as_text=True)


def _asked(page: str) -> list[tuple[str, str]]:
    rows = re.findall(r'name="question_\d" value="([^"]*)".*?<option value="yes_no"( selected)?', page, re.S)
    return [(prompt, "yes_no" if chosen else "text") for prompt, chosen in rows]


def test_questions_are_ordered_removed_and_added_without_a_script(cast: Cast) -> None:
    draft = cast.board.posting(cast.company.id, live=False)
    path = f"/employer/postings/{draft.id}"
    fields = {
        **FORM, "version": str(draft.version), "question_1": "A", "kind_1": "yes_no", "question_2": "B",
        "required_2": "1", "question_3": "C",
    }
    for ask, order in (
        ("up-2", ["B", "A", "C"]), ("down-2", ["A", "C", "B"]), ("remove-1", ["B", "C"]), ("add", ["A", "B", "C", ""]),
        ("up-1", ["A", "B", "C"]), ("up-9", ["A", "B", "C"]), ("nonsense", ["A", "B", "C"]),
    ):
        for address in (path, "/employer/postings/new", "/employer/postings/questions"):
            answer = cast.post("owner", address, **fields | {"ask": ask})
            assert (answer.status, [prompt for prompt, _ in _asked(answer.text)]) == (200, order), (address, ask)
    assert ("A", "yes_no") in _asked(cast.post("owner", path, **fields | {"ask": "down-1"}).text)
    assert _stored(cast, draft.id).version == draft.version, "the buttons save nothing"
    full = fields | {f"question_{n}": "x" for n in range(1, 6)} | {"ask": "add"}
    assert len(_asked(cast.post("owner", path, **full).text)) == 5


def test_the_pay_hint_says_what_is_usual_once_five_jobs_say_so(cast: Cast) -> None:
    path = "/employer/postings/pay?category=engineering&salary_currency=eur"
    browser = cast.as_("owner")
    assert "live jobs" not in browser.get(path, headers=HTMX).get_data(as_text=True)
    for _ in range(4):
        cast.board.posting(cast.company.id)
    said = browser.get(path, headers=HTMX).get_data(as_text=True)
    assert "5 live jobs" in said and "€60k – €80k a year" in said and "only with a range" in said
    assert "needs no pay" in browser.get(f"{path}&type=volunteer", headers=HTMX).get_data(as_text=True)
    assert browser.get(path).status_code == 302
