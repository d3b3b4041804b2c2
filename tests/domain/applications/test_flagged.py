"""What an employer flags as spam, an admin decides. On each engine."""

from typing import Any

import pytest

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.applications import flagged
from app.domain.applications.models import Application, CompanyStage, Stage
from app.domain.applications.seeing import told
from app.domain.applications.services import give_back, move
from app.domain.audit.models import AuditEntry
from app.domain.postings.models import Posting, PostingStatus
from tests.domain.applications.conftest import Applying
from tests.factories import Board


@pytest.fixture
def admin(board: Board) -> Actor:
    return Actor(user_id=board.admin("admin@example.org").id, is_admin=True, how="session")


def _move(board: Board, one: int, to: str, actor: Actor, stage_id: str = "") -> None:
    with board.writing() as session:
        application = session.get_one(Application, one)
        reason = "Full" if to == "rejected" else ""
        move(session, application, to, application.version, actor, reason, "no", clock.now(), stage_id=stage_id)


def _give_back(board: Board, one: int, admin: Actor, version: int | None = None) -> Stage:
    with board.writing() as session:
        application = flagged.one(session, one, lock=True)
        give_back(session, application, version or application.version, admin, clock.now())
        return application.stage


@pytest.mark.parametrize("stages", [(), ("in_review", "interview"), ("rejected",)])
def test_it_stands_again_where_it_stood(
    board: Board, employed: Any, applying: Applying, admin: Actor, stages: tuple[str, ...]
) -> None:
    one = applying(employed.posting.id).application_id
    for stage in (*stages, "spam"):
        _move(board, one, stage, employed.one)
    assert _give_back(board, one, admin) == (stages[-1] if stages else "submitted")
    with board.reading() as session:
        application = session.get_one(Application, one)
        assert told(application, clock.now()).stage is application.stage
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry is not None
        assert (entry.actor_id, entry.before, entry.after) == (admin.user_id, "spam", application.stage.value)


def test_a_stage_of_the_companys_own_takes_it_back(
    board: Board, employed: Any, applying: Applying, admin: Actor
) -> None:
    one = applying(employed.posting.id).application_id
    with board.writing() as session:
        own = CompanyStage(
            company_id=employed.company.id, name="Trial", name_key="trial", stage=Stage.INTERVIEW, position=1
        )
        session.add(own)
        session.flush()
        own_id = own.id
    _move(board, one, "interview", employed.one, str(own_id))
    _move(board, one, "spam", employed.one)
    _give_back(board, one, admin)
    with board.reading() as session:
        assert session.get_one(Application, one).company_stage_id == own_id


def test_once_and_only_what_was_looked_at(board: Board, employed: Any, applying: Applying, admin: Actor) -> None:
    one = applying(employed.posting.id).application_id
    _move(board, one, "spam", employed.one)
    with pytest.raises(Conflict):
        _give_back(board, one, admin, 1)
    assert _give_back(board, one, admin, 2) is Stage.SUBMITTED
    assert _give_back(board, one, admin, 2) is Stage.SUBMITTED
    other = Actor(user_id=board.admin("other@example.org").id, is_admin=True, how="session")
    with pytest.raises(Conflict):
        _give_back(board, one, other, 2)
    with pytest.raises(Invalid, match="not flagged"):
        _give_back(board, one, other, 3)
    with board.reading() as session:
        assert session.query(AuditEntry).filter(AuditEntry.before == "spam").count() == 1


def test_who_applied_again_keeps_that_one(board: Board, employed: Any, applying: Applying, admin: Actor) -> None:
    first = applying(employed.posting.id, key="k").application_id
    _move(board, first, "spam", employed.one)
    second = applying(employed.posting.id, key="l").application_id
    with pytest.raises(Invalid, match="applied to this job again"):
        _give_back(board, first, admin)
    with board.reading() as session:
        assert session.get_one(Application, first).stage is Stage.SPAM
        assert session.get_one(Application, second).stage is Stage.SUBMITTED


def test_nothing_opens_on_a_job_the_board_took_down(
    board: Board, employed: Any, applying: Applying, admin: Actor
) -> None:
    one = applying(employed.posting.id).application_id
    _move(board, one, "spam", employed.one)
    with board.writing() as session:
        session.get_one(Posting, employed.posting.id).status = PostingStatus.REMOVED
    with pytest.raises(Invalid, match="This job is over"):
        _give_back(board, one, admin)


def test_admins_read_what_is_or_was_flagged_and_no_more(
    board: Board, employed: Any, applying: Applying, admin: Actor
) -> None:
    ids = [applying(employed.posting.id, email=f"{name}@example.org").application_id for name in ("ann", "ben", "cleo")]
    for one in ids[:2]:
        _move(board, one, "spam", employed.one)
    with board.reading() as session:
        assert [each.id for each in flagged.page(session, None, 1)] == [ids[1], ids[0]]
        assert [each.id for each in flagged.page(session, ids[1], 9)] == [ids[0]]
        with pytest.raises(NotFound):
            flagged.one(session, ids[2])
        with pytest.raises(NotFound):
            flagged.one(session, 999_999)
    _give_back(board, ids[0], admin)
    with board.reading() as session:
        assert [each.id for each in flagged.page(session, None, 9)] == [ids[1]]
        assert flagged.one(session, ids[0]).stage is Stage.SUBMITTED
