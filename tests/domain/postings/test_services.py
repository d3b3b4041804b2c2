"""Stating, handing in, editing and reposting postings."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, Invalid
from app.core.events import postings_changed
from app.core.money import Period
from app.domain.accounts.models import User
from app.domain.postings.models import Place, Posting, PostingStatus, Question
from app.domain.postings.services import Facts, QuestionFacts, create_draft, edit, facts_of, repost, submit
from tests.factories import Board

ME = Actor(user_id=None, name="Recruiter", how="session")
WHOLE = Facts(
    title="  Baker   of bread ", description="We **bake**.", category="engineering", type="full_time",
    places=("Berlin, Germany", "Paris"), salary_min="18.50", salary_max="22", salary_currency="eur",
    salary_period="hour", experience="mid", openings="3", questions=(QuestionFacts("Why?", required=True),),
)


@pytest.fixture
def company(board: Board) -> int:
    board.category()
    return board.company(owner="owner@example.org").id


def _draft(session: Session, company: int, facts: Facts = WHOLE) -> Posting:
    return create_draft(session, company, facts, ME, clock.now())


def _submitted(board: Board, company: int, facts: Facts = WHOLE) -> int:
    with board.writing() as session:
        posting = _draft(session, company, facts)
        return submit(session, posting, posting.version, ME, clock.now(), 60).id


def _published(board: Board) -> tuple[int, int]:
    board.category()
    company = board.company(trusted=True, owner="trusted@example.org")
    posting_id = _submitted(board, company.id)
    with board.writing() as session:
        session.get_one(Posting, posting_id).company.trusted = False  # type: ignore[union-attr]
    return posting_id, company.id


def test_what_is_stated_is_kept_and_what_follows_is_derived(board: Board, company: int) -> None:
    with board.writing() as session:
        posting_id = _draft(session, company).id
    with board.reading() as session:
        posting = session.get_one(Posting, posting_id)
        assert (posting.title, posting.openings) == ("Baker of bread", 3)
        assert posting.description_html == "<p>We <strong>bake</strong>.</p>"
        assert posting.description_text == "We bake."
        assert (posting.salary_min, posting.salary_max, posting.salary_currency) == (1850, 2200, "EUR")
        assert (posting.salary_year_min, posting.salary_year_max) == (1850 * 2080, 2200 * 2080)
        assert posting.salary_period is Period.HOUR
        assert posting.place_label == "Berlin, Germany and 1 more"
        assert {(row.country, row.eligible) for row in posting.countries} == {("DE", False), ("FR", False)}
        assert [(q.prompt, q.required) for q in posting.questions] == [("Why?", True)]
        again = facts_of(posting)
        assert (again.salary_min, again.salary_max, again.places[0]) == ("18.50", "22", "Berlin, Germany")


def test_a_title_keeps_what_shapes_its_letters(board: Board, company: int) -> None:
    facts = replace(WHOLE, title="می\u200cخواهم\u202e", questions=(QuestionFacts("چرا می\u200cخواهید؟\u200b"),))
    with board.writing() as session:
        posting = _draft(session, company, facts)
        assert (posting.title, posting.questions[0].prompt) == ("می\u200cخواهم", "چرا می\u200cخواهید؟")


def test_remote_work_names_whom_it_accepts(board: Board, company: int) -> None:
    facts = replace(WHOLE, workplace="remote", places=(), remote_countries=("Germany", "fr", "Worldwide"))
    with board.writing() as session:
        posting = _draft(session, company, facts)
        assert {(row.country, row.eligible) for row in posting.countries} == {
            ("DE", True), ("FR", True), ("001", True)
        }
        edit(session, posting, replace(facts_of(posting), workplace="on_site", places=("Berlin",)), posting.version,
             ME, clock.now())
        assert [(row.country, row.eligible) for row in posting.countries] == [("DE", False)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"), ({"title": "\u202e\u2800"}, "title"), ({"title": "x" * 201}, "title"),
        ({"description": "x" * 30_001}, "description"),
        ({"category": "nothing"}, "category"), ({"type": "slave"}, "type"), ({"workplace": "moon"}, "workplace"),
        ({"experience": "wizard"}, "experience"), ({"openings": "0"}, "openings"), ({"openings": "9" * 40}, "openings"),
        ({"places": ("Nowhereland",)}, "places"), ({"places": ("Berlin",) * 11}, "places"),
        ({"workplace": "remote", "remote_countries": ("Narnia",)}, "remote_countries"),
        ({"salary_max": "10"}, "salary_max"), ({"salary_max": ""}, "salary_max"), ({"salary_min": "-1"}, "salary_min"),
        ({"salary_min": "1e9"}, "salary_min"), ({"salary_max": "9" * 23}, "salary_max"),
        ({"salary_currency": "XXX"}, "salary_currency"), ({"salary_period": "moment"}, "salary_period"),
        ({"salary_period": ""}, "salary_period"), ({"questions": (QuestionFacts("Why?"),) * 6}, "questions"),
        ({"questions": (QuestionFacts("x" * 301),)}, "questions"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named_and_nothing_is_made(
    board: Board, company: int, change: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused, board.writing() as session:
        _draft(session, company, replace(WHOLE, **change))
    assert field in refused.value.fields
    with board.reading() as session:
        assert session.scalar(select(func.count(Posting.id))) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": ""}, "description"), ({"category": ""}, "category"), ({"type": ""}, "type"),
        ({"places": ()}, "places"), ({"workplace": "remote"}, "remote_countries"),
        ({"salary_min": "", "salary_max": ""}, "salary_max"), ({"salary_min": ""}, "salary_min"),
    ],
)
def test_a_draft_may_lack_facts_and_a_submission_may_not(
    board: Board, company: int, change: dict[str, str], field: str
) -> None:
    with board.writing() as session:
        made = _draft(session, company, replace(WHOLE, **change)).id
    with pytest.raises(Invalid) as refused, board.writing() as session:
        posting = session.get_one(Posting, made)
        submit(session, posting, posting.version, ME, clock.now(), 60)
    assert list(refused.value.fields) == [field] or field == "salary_max"
    assert field in refused.value.fields


def test_volunteer_work_needs_no_pay(board: Board, company: int) -> None:
    facts = replace(WHOLE, type="volunteer", salary_min="", salary_max="")
    with board.reading() as session:
        assert session.get_one(Posting, _submitted(board, company, facts)).status is PostingStatus.PENDING


def test_a_trusted_company_is_published_at_once_and_its_dates_stay(board: Board) -> None:
    posting_id, _ = _published(board)
    with board.writing() as session:
        posting = session.get_one(Posting, posting_id)
        assert (posting.status, posting.slug) == (PostingStatus.PUBLISHED, "baker-of-bread")
        first, until = posting.published_at, posting.expires_at
        assert first is not None and until == first + timedelta(days=60)
        later = clock.now() + timedelta(days=1)
        edit(session, posting, replace(facts_of(posting), title="Head baker"), posting.version, ME, later)
        assert (posting.status, posting.slug) == (PostingStatus.PENDING, "baker-of-bread")
        assert (posting.published_at, posting.expires_at) == (first, until)


def test_a_title_without_letters_still_has_an_address(board: Board) -> None:
    board.category()
    company = board.company(trusted=True)
    posting_id = _submitted(board, company.id, replace(WHOLE, title="★ ★"))
    with board.reading() as session:
        assert session.get_one(Posting, posting_id).slug == "job"


@pytest.mark.parametrize(
    ("change", "reviewed"),
    [
        ({"title": "Head baker"}, True), ({"salary_max": "25"}, True), ({"salary_period": "day"}, True),
        ({"places": ("Paris",)}, True), ({"workplace": "remote", "remote_countries": ("Germany",)}, True),
        ({"description": "Bread."}, False), ({"openings": "4"}, False), ({}, False),
    ],
)
@pytest.mark.parametrize("paused", [False, True])
def test_a_material_edit_of_a_public_posting_is_reviewed_again(
    board: Board, change: dict[str, str], reviewed: bool, paused: bool
) -> None:
    posting_id, _ = _published(board)
    with board.writing() as session:
        posting = session.get_one(Posting, posting_id)
        posting.status = PostingStatus.PAUSED if paused else PostingStatus.PUBLISHED
        session.flush()
        before = posting.status
        edit(session, posting, replace(facts_of(posting), **change), posting.version, ME, clock.now())
        assert posting.status is (PostingStatus.PENDING if reviewed else before)


def test_a_trusted_company_edits_in_public(board: Board) -> None:
    posting_id, _ = _published(board)
    with board.writing() as session:
        posting = session.get_one(Posting, posting_id)
        assert posting.company is not None
        posting.company.trusted = True
        edit(session, posting, replace(facts_of(posting), title="Head baker"), posting.version, ME, clock.now())
        assert posting.status is PostingStatus.PUBLISHED


def test_an_edit_moves_the_version_even_where_only_questions_change_and_the_clock_stands(board: Board) -> None:
    posting_id, _ = _published(board)
    now = clock.now()
    with board.writing() as session:
        posting = session.get_one(Posting, posting_id)
        edit(session, posting, facts_of(posting), posting.version, ME, now)
        before, first = posting.version, posting.questions[0].id
        asked = (QuestionFacts("Why us?"), QuestionFacts("When?", kind="yes_no"))
        edit(session, posting, replace(facts_of(posting), questions=asked), before, ME, now)
        assert posting.version > before
        assert posting.questions[0].id == first
    with pytest.raises(Conflict) as late, board.writing() as session:
        posting = session.get_one(Posting, posting_id)
        edit(session, posting, replace(facts_of(posting), questions=()), before, ME, now)
    assert isinstance(late.value.fresh, Posting)
    with board.reading() as session:
        assert session.scalar(select(func.count(Question.id))) == 2


def test_what_ended_cannot_be_edited_but_reposted_once(board: Board) -> None:
    posting_id, _ = _published(board)
    after = clock.now() + timedelta(days=61)
    with board.writing() as session:
        posting = session.get_one(Posting, posting_id)
        with pytest.raises(Invalid, match="Only a posting that expired"):
            repost(session, posting, ME, clock.now())
        with pytest.raises(Invalid, match="expired"):
            edit(session, posting, facts_of(posting), posting.version, ME, after)
        draft = repost(session, posting, ME, after)
        assert repost(session, posting, ME, after).id == draft.id
        assert (draft.status, draft.times_reposted, draft.reposted_from_id) == (PostingStatus.DRAFT, 1, posting_id)
        assert (draft.published_at, draft.slug) == (None, None)
        session.flush()
        session.expire(draft)
        assert facts_of(draft) == facts_of(posting)


def test_an_untouched_form_keeps_the_text_of_an_import(board: Board) -> None:
    made = board.posting(source="feed", source_id="1", description_md="")
    with board.writing() as session:
        posting = session.get_one(Posting, made.id)
        edit(session, posting, replace(facts_of(posting), openings="2"), posting.version, ME, clock.now())
        assert posting.description_html == "<p>Build <strong>things</strong>.</p>"
        edit(session, posting, replace(facts_of(posting), description="Ours."), posting.version, ME, clock.now())
        assert posting.description_text == "Ours."


def test_every_change_is_told_to_the_index_in_its_transaction(board: Board, company: int) -> None:
    heard: list[int] = []

    def listen(sender: object, *, session: Session, posting_ids: list[int], **news: object) -> None:
        assert session.in_transaction()
        heard.extend(posting_ids)

    with postings_changed.connected_to(listen), board.writing() as session:
        posting = _draft(session, company)
        edit(session, posting, facts_of(posting), posting.version, ME, clock.now())
        submit(session, posting, posting.version, SYSTEM, clock.now(), 60)
        assert heard == [posting.id] * 3


def test_a_place_is_one_row_however_often_it_is_named(board: Board, company: int) -> None:
    with board.writing() as session:
        _draft(session, company)
        _draft(session, company, replace(WHOLE, places=("Paris, France", "paris", "Berlin")))
    with board.reading() as session:
        assert sorted(session.scalars(select(Place.city))) == ["Berlin", "Paris"]


@pytest.mark.usefixtures("company")
def test_a_trusted_company_publishes_unseen_only_by_people_whose_address_is_known(board: Board) -> None:
    person = board.user(email_verified_at=None)
    actor, trusted = replace(ME, user_id=person.id), board.company("Trusted", trusted=True).id
    with board.writing() as session:
        posting = _draft(session, trusted)
        assert submit(session, posting, posting.version, actor, clock.now(), 60).status is PostingStatus.PENDING
    with board.writing() as session:
        session.get_one(User, person.id).email_verified_at = clock.now()
    with board.writing() as session:
        posting = _draft(session, trusted)
        assert submit(session, posting, posting.version, actor, clock.now(), 60).status is PostingStatus.PUBLISHED
