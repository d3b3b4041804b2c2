"""Postings, reports and fields of work beside others, which nothing done to one may touch, count or show."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import ANONYMOUS, Actor
from app.core.errors import Conflict, NotFound
from app.core.events import company_merged
from app.domain.companies.models import Company, Membership
from app.domain.companies.services import merging
from app.domain.mail.models import OutboxMail
from app.domain.postings import editions, gazetteer, moderation, queries, reports
from app.domain.postings.models import Posting, PostingStatus, Report, ReportOutcome, ReportReason
from app.domain.postings.services import (
    Facts,
    begin,
    categories,
    create_draft,
    owe_warnings,
    repost,
    run_out,
    stamp_expired,
    stating,
)
from app.domain.postings.services.reports import decide, report, whence
from app.domain.search import services as search
from app.domain.search.keeping import next_change
from app.domain.search.queries import cards
from tests.factories import Board

DAY = timedelta(days=1)
ADMIN = Actor(user_id=None, is_admin=True, how="session")


def say(board: Board, posting_id: int, network: int, words: str = "Money") -> None:
    """A report by a stranger from this network."""
    come = whence(b"a key", posting_id, f"192.0.{network}.1")
    with board.writing() as session:
        report(session, posting_id, ANONYMOUS, ReportReason.SCAM, words, come, clock.now())


def settle(board: Board, posting_id: int, act: str) -> None:
    with board.writing() as session:
        posting = moderation.locked(session, posting_id)
        decide(session, posting, act, posting.version, 10**9, ADMIN, "Because.", clock.now(), 60)


def test_one_person_reports_two_postings(board: Board) -> None:
    one, other, person = board.posting(), board.posting(), Actor(user_id=board.user().id)
    for posting in (one, other):
        with board.writing() as session:
            come = whence(b"a key", posting.id, "192.0.2.1")
            report(session, posting.id, person, ReportReason.SCAM, "Money", come, clock.now())
    with board.reading() as session:
        found = [reports.case_of(session, each.id) for each in (one, other)]
        assert [(case.posting_id, case.number) for case in found if case] == [(one.id, 1), (other.id, 1)]


def test_voices_against_others_and_those_decided_on_freeze_nothing(board: Board) -> None:
    one, other = board.posting(), board.posting()
    say(board, one.id, 1)
    with board.writing() as session:
        session.execute(update(Report).values(closed_at=clock.now(), outcome=ReportOutcome.UPHELD))
    say(board, one.id, 2)
    say(board, one.id, 3)
    say(board, other.id, 4)
    say(board, other.id, 5)
    with board.reading() as session:
        assert not any(session.get_one(Posting, each.id).frozen for each in (one, other))


def test_a_decision_is_on_one_postings_open_reports(board: Board) -> None:
    one, other, past = board.posting(), board.posting(), clock.now() - DAY
    say(board, one.id, 1, "Earlier.")
    with board.writing() as session:
        session.execute(update(Report).values(closed_at=past, outcome=ReportOutcome.UPHELD))
    say(board, one.id, 2, "Now.")
    say(board, other.id, 3, "Elsewhere.")
    with board.reading() as session:
        assert [case.posting_id for case in reports.cases(session, None, 9)] == [one.id, other.id]
        assert reports.tallies(session, [one.id]) == {one.id: [(ReportReason.SCAM, 1)]}
        assert reports.said(session, [one.id]) == {one.id: ["Now."]}
    settle(board, one.id, "dismiss")
    with board.reading() as session:
        rows = session.query(Report).order_by(Report.id)
        assert [row.outcome for row in rows] == [ReportOutcome.UPHELD, ReportOutcome.DISMISSED, None]
        assert rows[0].closed_at == past
        assert reports.cases(session, None, 9)[0].posting_id == other.id
    settle(board, other.id, "freeze")
    settle(board, one.id, "dismiss")  # repeated: what was decided of the other does not matter


def test_a_merge_moves_the_postings_of_one_company(board: Board) -> None:
    north, south, west = (board.company(name).id for name in ("Northwind", "Southgate", "Westend"))
    moved, stays = board.posting(north), board.posting(west)
    with board.writing() as session:
        company_merged.send("tests", session=session, company_id=north, into_id=south, now=clock.now())
    with board.reading() as session:
        assert session.get_one(Posting, moved.id).company_id == south
        assert session.get_one(Posting, stays.id).company_id == west


@pytest.mark.parametrize("add", [begin, create_draft])
def test_what_is_added_while_its_company_becomes_part_of_another_belongs_there(board: Board, add: Any) -> None:
    north, south, west = (board.company(name).id for name in ("Northwind", "Southgate", "Westend"))
    actor = Actor(user_id=board.user().id)

    def draft() -> int | None:
        with board.writing() as session:
            return add(session, north, Facts(title="Baker"), actor, clock.now()).company_id

    with ThreadPoolExecutor(1) as other:
        with board.writing() as session:
            first, into = merging.pair(session, north, south)
            merging.merge(session, first, into, (first.version, into.version), ADMIN, clock.now())
            adding = other.submit(draft)
            _until_it_waits(board)
        assert adding.result() == south
    with board.writing() as session:
        first, into = merging.pair(session, south, west)
        merging.merge(session, first, into, (first.version, into.version), ADMIN, clock.now())
    assert draft() == west


def _until_it_waits(board: Board) -> None:
    """On PostgreSQL for a row, told by the server; on SQLite's one writer it waits before it reads anything."""
    waits = text("SELECT true FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    for _ in range(1000):
        with board.reading() as session:
            if session.get_bind().dialect.name == "sqlite" or session.scalar(waits):
                return
    raise AssertionError("nobody waits")


def test_what_is_reposted_of_a_company_that_became_part_of_another_belongs_there(board: Board) -> None:
    north, south = board.company("Northwind").id, board.company("Southgate").id
    over, actor = board.posting(north, status=PostingStatus.CLOSED), Actor(user_id=board.user().id)
    with board.writing() as session:
        session.execute(update(Company).where(Company.id == north).values(merged_into_id=south))
    with board.writing() as session:
        assert repost(session, session.get_one(Posting, over.id), actor, clock.now()).company_id == south


def test_a_company_that_is_not_there_has_no_draft(board: Board) -> None:
    actor = Actor(user_id=board.user().id)
    with pytest.raises(NotFound), board.writing() as session:
        begin(session, 999_999, Facts(title="Baker"), actor, clock.now())


def test_a_companys_postings_are_listed_and_counted_alone(board: Board) -> None:
    north, south = board.company("Northwind").id, board.company("Southgate").id
    mine, theirs, now = board.posting(north), board.posting(south), clock.now()
    with board.writing() as session:
        for each in (mine, theirs):
            editions.keep(session, session.get_one(Posting, each.id), editions.Edition({}, "Text."), now)
    with board.reading() as session:
        assert [each.id for each in queries.of_company(session, north, None, 9)] == [mine.id]
        assert queries.counts_of_company(session, north) == {PostingStatus.PUBLISHED: 1}
        assert queries.live_counts(session, [north], now) == {north: 1}
        asked = moderation.Asked(company_id=north)
        assert [each.id for each in moderation.page(session, asked, None, 9, now)] == [mine.id]
        assert list(editions.kept(session, [mine.id])) == [mine.id]


@pytest.mark.parametrize("read", [moderation.row, moderation.in_review, moderation.locked])
def test_a_posting_that_is_not_there_is_not_found(board: Board, read: Any) -> None:
    with pytest.raises(NotFound), board.writing() as session:
        read(session, 999_999)


def test_what_is_not_live_has_no_card(board: Board) -> None:
    live, over = board.posting(), board.posting(status=PostingStatus.CLOSED)
    with board.reading() as session:
        assert list(cards(session, [live.id, over.id], clock.now())) == [live.id]


def test_a_companys_new_name_is_read_into_its_own_postings(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, told = board.posting(), []
    board.posting()
    monkeypatch.setattr(search, "reindex", lambda session, ids: told.extend(ids))
    with board.writing() as session:
        search.reindex_company(session, mine.company_id)
    assert told == [mine.id]


def test_the_clock_speaks_of_what_has_not_ended_and_ends_later(board: Board) -> None:
    now = clock.now()
    board.posting(expires_at=now - timedelta(minutes=1))
    board.posting(status=PostingStatus.CLOSED, ended_at=now, expires_at=now + DAY)
    board.posting(expires_at=now + 2 * DAY)
    with board.reading() as session:
        assert next_change(session, now) == now + 2 * DAY


def test_only_what_is_over_is_stamped(board: Board) -> None:
    now = clock.now()
    over, running = board.posting(expires_at=now - timedelta(minutes=1)), board.posting()
    with board.reading() as session:
        assert run_out(session, now, 9) == [over.id]
    with board.writing() as session:
        assert stamp_expired(session, [over.id, running.id], now) == 1  # its time was prolonged since it was found
    with board.reading() as session:
        assert session.get_one(Posting, running.id).status is PostingStatus.PUBLISHED


def test_nobody_is_warned_who_left_or_is_suspended(board: Board) -> None:
    now, company = clock.now(), board.company(owner="owner@example.org").id
    gone = board.member(company, "gone@example.org")
    suspended = board.user("out@example.org", suspended_at=now)
    board.member(company, suspended.email)
    board.posting(company, expires_at=now + 6.5 * DAY)
    with board.writing() as session:
        session.get_one(Membership, gone.id).ended_at = now
        session.flush()
        assert owe_warnings(session, now, 9) == 1
    with board.reading() as session:
        assert [mail.recipient for mail in session.query(OutboxMail)] == ["owner@example.org"]


def test_a_field_of_work_is_added_once_and_never_changed_unseen(board: Board) -> None:
    now = clock.now()
    with board.writing() as session:
        art, again = (categories.add_category(session, "Art", "art", ADMIN, now) for _ in range(2))
        assert art is again
        baking = categories.add_category(session, "Baking", "baking", ADMIN, now)
        stale = baking.version + 1
        for act in (
            lambda: categories.archive_category(session, baking, True, stale, ADMIN, now),
            lambda: categories.merge_category(session, baking, art, (stale, art.version), ADMIN, now),
            lambda: categories.merge_category(session, art, baking, (art.version, stale), ADMIN, now),
        ):
            with pytest.raises(Conflict):
                act()
        assert {each.slug for each in queries.categories(session)} >= {"art", "baking"}
        assert baking.archived_at is None


def test_a_place_somebody_else_names_at_the_same_moment_is_one_row(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    berlin = gazetteer.by_slug("berlin-de")
    assert berlin is not None
    first = stating.place_rows(session, [berlin])
    real, looks = stating._known, iter([True])

    def late(session: Session, slugs: list[str]) -> Any:
        """The first look came before the other's row."""
        return {} if next(looks, False) else real(session, slugs)

    monkeypatch.setattr(stating, "_known", late)
    assert stating.place_rows(session, [berlin]) == first
