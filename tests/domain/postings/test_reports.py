"""Reports: kept once, independent ones freeze, an admin decides them once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import ANONYMOUS, Actor
from app.core.errors import Conflict, Gone, Invalid
from app.domain.audit.models import AuditEntry
from app.domain.postings import reports
from app.domain.postings.models import Posting, PostingStatus, Report, ReportReason
from app.domain.postings.moderation import locked
from app.domain.postings.services import admin_act
from app.domain.postings.services.reports import decide, report, whence
from tests.factories import Board

KEY = b"a key"


def _say(board: Board, posting_id: int, address: str, actor: Actor = ANONYMOUS) -> None:
    with board.writing() as session:
        report(session, posting_id, actor, ReportReason.SCAM, "Money", whence(KEY, posting_id, address), clock.now())


def _frozen(board: Board, posting_id: int) -> bool:
    with board.reading() as session:
        return session.get_one(Posting, posting_id).frozen


def _number(board: Board, posting_id: int) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count()).where(Report.posting_id == posting_id)) or 0


def _log(board: Board, posting_id: int) -> list[tuple[str, int | None]]:
    with board.reading() as session:
        mine = select(AuditEntry.action, AuditEntry.actor_id).where(AuditEntry.subject_id == posting_id)
        return [(action, actor) for action, actor in session.execute(mine.order_by(AuditEntry.id))]


def _decide(
    board: Board, posting_id: int, act: str, admin: Actor, *, version: int | None = None, seen: int = 10**9,
    reason: str = "Because.",
) -> None:
    with board.writing() as session:
        posting = locked(session, posting_id)
        given = posting.version if version is None else version
        decide(session, posting, act, given, seen, admin, reason, clock.now(), 60)


@pytest.fixture
def admin(board: Board) -> Actor:
    person = board.admin()
    return Actor(person.id, person.name, person.email, is_admin=True, how="session")


@pytest.fixture
def posting(board: Board) -> SimpleNamespace:
    return board.posting()


def test_one_sender_has_one_open_report(board: Board, posting: SimpleNamespace) -> None:
    person = board.user()
    actor = Actor(person.id, person.name, person.email, how="session")
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda _: _say(board, posting.id, "192.0.2.1"), range(8)))
    for address in ("198.51.100.1", "203.0.113.1"):
        _say(board, posting.id, address, actor)
    assert _number(board, posting.id) == 2
    assert not _frozen(board, posting.id)


def test_three_independent_ones_freeze_and_the_board_says_so(board: Board, posting: SimpleNamespace) -> None:
    for address in ("192.0.2.1", "192.0.2.77", "2001:db8:1:2::3", "2001:db8:1:ffff::3"):
        _say(board, posting.id, address)
    assert _number(board, posting.id) == 4
    assert not _frozen(board, posting.id), "two networks are two voices"
    _say(board, posting.id, "198.51.100.1")
    assert _frozen(board, posting.id)
    assert _log(board, posting.id) == [("posting.freeze", None)]
    with pytest.raises(Gone):
        _say(board, posting.id, "203.0.113.1")


def test_a_person_is_not_two_voices(board: Board, posting: SimpleNamespace) -> None:
    person = board.user()
    _say(board, posting.id, "192.0.2.1", Actor(person.id, person.name, person.email, how="session"))
    _say(board, posting.id, "192.0.2.2")
    _say(board, posting.id, "198.51.100.1")
    assert not _frozen(board, posting.id)


def test_old_reports_freeze_nothing(board: Board, posting: SimpleNamespace) -> None:
    with clock.stopped(clock.now() - timedelta(days=31)), board.writing() as session:
        session.get_one(Posting, posting.id).published_at = clock.now() - timedelta(days=1)
    with clock.stopped(clock.now() - timedelta(days=31)):
        _say(board, posting.id, "192.0.2.1")
        _say(board, posting.id, "198.51.100.1")
    _say(board, posting.id, "203.0.113.1")
    assert not _frozen(board, posting.id)


def test_what_an_admin_cleared_is_not_frozen_by_what_was_said_before(
    board: Board, posting: SimpleNamespace, admin: Actor
) -> None:
    for address in ("192.0.2.1", "198.51.100.1"):
        _say(board, posting.id, address)
    with board.writing() as session:
        found = locked(session, posting.id)
        for act in ("freeze", "unfreeze"):
            admin_act(session, found, act, found.version, admin, "", clock.now(), 60)
    _say(board, posting.id, "203.0.113.1")
    assert not _frozen(board, posting.id)


def test_dismissing_unfreezes_what_the_board_froze_in_one_entry(
    board: Board, posting: SimpleNamespace, admin: Actor
) -> None:
    for address in ("192.0.2.1", "198.51.100.1", "203.0.113.1"):
        _say(board, posting.id, address)
    _decide(board, posting.id, "dismiss", admin)
    _decide(board, posting.id, "dismiss", admin, version=1)
    assert not _frozen(board, posting.id)
    assert _log(board, posting.id) == [("posting.freeze", None), ("posting.unfreeze", admin.user_id)]
    _say(board, posting.id, "192.0.2.1")
    assert not _frozen(board, posting.id)
    with board.reading() as session:
        assert reports.open_cases(session) == 1


def test_decisions_are_taken_once(board: Board, posting: SimpleNamespace, admin: Actor) -> None:
    _say(board, posting.id, "192.0.2.1")
    with pytest.raises(Invalid):
        _decide(board, posting.id, "remove", admin, reason=" ")
    with pytest.raises(Conflict, match="More reports"):
        _decide(board, posting.id, "dismiss", admin, seen=0)
    with pytest.raises(Conflict):
        _decide(board, posting.id, "dismiss", admin, version=99)
    _decide(board, posting.id, "remove", admin)
    _decide(board, posting.id, "remove", admin, version=1)
    with pytest.raises(Conflict, match="decided already"):
        _decide(board, posting.id, "dismiss", admin)
    assert _log(board, posting.id) == [("posting.removed", admin.user_id)]
    with board.reading() as session:
        assert session.get_one(Posting, posting.id).status is PostingStatus.REMOVED
        assert reports.open_cases(session) == 0


def test_the_longest_waiting_come_first(board: Board) -> None:
    made = [board.posting().id for _ in range(3)]
    for posting_id in made:
        _say(board, posting_id, "192.0.2.1")
    _say(board, made[0], "198.51.100.1")
    with board.reading() as session:
        first = reports.cases(session, None, 2)
        assert [case.posting_id for case in first] == made
        assert first[0].number == 2
        assert [case.posting_id for case in reports.cases(session, first[1].first, 2)] == made[2:]


def test_an_address_leaves_no_trace_that_fits_two_postings() -> None:
    one, two = whence(KEY, 1, "192.0.2.1"), whence(KEY, 2, "192.0.2.1")
    assert one != two
    assert one.network == whence(KEY, 1, "192.0.2.99").network
    assert "192" not in one.address + one.network
