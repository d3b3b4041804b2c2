"""What admins do: once, with a reason, told, audited, undone within ten seconds."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.domain.audit.models import AuditEntry
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.postings import moderation
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import admin_act, repost, submit, undoable
from tests.factories import Board

S = PostingStatus


class Desk:
    """One posting before one admin."""

    def __init__(self, board: Board, made: SimpleNamespace) -> None:
        self.board, self.id = board, made.id
        self.admin = Actor(user_id=board.admin().id, is_admin=True, how="session")

    def act(
        self, action: str, now: datetime, *, version: int | None = None, actor: Actor | None = None,
        reason: str = "Why.",
    ) -> None:
        with self.board.writing() as session:
            posting = session.get_one(Posting, self.id)
            given = posting.version if version is None else version
            admin_act(session, posting, action, given, actor or self.admin, reason, now, 60)

    def posting(self) -> Posting:
        with self.board.reading() as session:
            posting = session.get_one(Posting, self.id)
            session.expunge(posting)
            return posting

    def audited(self) -> list[str]:
        with self.board.reading() as session:
            query = select(AuditEntry.action).where(AuditEntry.subject_id == self.id).order_by(AuditEntry.id)
            return list(session.scalars(query))

    def mail(self) -> list[tuple[str, str, MailStatus]]:
        with self.board.reading() as session:
            query = select(OutboxMail.template, OutboxMail.recipient, OutboxMail.status).order_by(OutboxMail.id)
            return [tuple(row) for row in session.execute(query)]


@pytest.fixture
def pending(board: Board) -> Desk:
    company = board.company(owner="owner@example.org")
    board.member(company.id, "recruiter@example.org", "recruiter")
    board.member(company.id, "reviewer@example.org", "reviewer")
    return Desk(board, board.posting(company.id, live=False, status=S.PENDING))


@pytest.fixture
def public(board: Board) -> Desk:
    return Desk(board, board.posting())


@pytest.mark.parametrize(
    ("action", "status", "template"),
    [
        ("approve", S.PUBLISHED, "posting_published"), ("request-changes", S.CHANGES_REQUESTED,
        "posting_changes_requested"), ("reject", S.REJECTED, "posting_rejected"), ("remove", S.REMOVED,
        "posting_removed"),
    ],
)  # fmt: skip
def test_a_decision_is_audited_once_and_told_to_those_who_can_act_on_it(
    pending: Desk, action: str, status: PostingStatus, template: str
) -> None:
    now, version = clock.now(), pending.posting().version
    for _ in range(2):
        pending.act(action, now, version=version)
    assert pending.posting().status is status
    assert pending.audited() == [f"posting.{status}"]
    assert pending.mail() == [
        (template, "owner@example.org", MailStatus.WAITING), (template, "recruiter@example.org", MailStatus.WAITING)
    ]
    with pending.board.reading() as session:
        letter = session.scalars(select(OutboxMail)).first()
        assert letter is not None
        assert letter.due_at == now + timedelta(seconds=10)
        assert session.get_one(AuditEntry, letter.ids["audit_id"]).reason == "Why."


@pytest.mark.parametrize("action", ["request-changes", "reject", "remove"])
def test_no_refusal_without_a_reason(pending: Desk, action: str) -> None:
    with pytest.raises(Invalid) as refused:
        pending.act(action, clock.now(), reason=" ")
    assert list(refused.value.fields) == ["reason"]
    assert (pending.posting().status, pending.audited(), pending.mail()) == (S.PENDING, [], [])


@pytest.mark.parametrize(("do", "take_back", "column"), [
    ("freeze", "unfreeze", "frozen_at"), ("feature", "unfeature", "featured_at"),
])  # fmt: skip
def test_flags_go_on_and_off_and_back(public: Desk, do: str, take_back: str, column: str) -> None:
    now = clock.now()
    public.act(take_back, now)
    assert public.audited() == []
    public.act(do, now)
    public.act(do, now + timedelta(seconds=1))
    assert getattr(public.posting(), column) == now
    public.act(take_back, now + timedelta(seconds=2))
    assert getattr(public.posting(), column) is None
    public.act("undo", now + timedelta(seconds=3))
    assert getattr(public.posting(), column) == now
    assert public.audited() == [f"posting.{do}", f"posting.{take_back}", "posting.undo"]


def test_undo_restores_all_of_an_approval_and_takes_its_mail_back(pending: Desk) -> None:
    before, now = pending.posting(), clock.now()
    pending.act("approve", now)
    with pending.board.reading() as session:
        found = undoable(session, pending.admin, now + timedelta(seconds=10))
        assert found is not None and found.id == pending.id
    for _ in range(2):
        pending.act("undo", now + timedelta(seconds=10))
    after = pending.posting()
    kept = ("status", "slug", "published_at", "expires_at", "reason", "ended_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert {status for *_, status in pending.mail()} == {MailStatus.CANCELLED}
    assert pending.audited() == ["posting.published", "posting.undo"]


def test_undo_of_a_removal_restores_an_earlier_refusal_with_its_reason(pending: Desk) -> None:
    now = clock.now()
    pending.act("reject", now, reason="First.")
    pending.act("remove", now, reason="Second.")
    assert pending.posting().ended_at == now
    pending.act("undo", now)
    posting = pending.posting()
    assert (posting.status, posting.reason, posting.ended_at) == (S.REJECTED, "First.", None)


def test_undo_ends_after_ten_seconds_and_belongs_to_its_actor(public: Desk) -> None:
    now = clock.now()
    other = Actor(user_id=public.board.admin().id, is_admin=True, how="session")
    public.act("freeze", now)
    for actor, later in ((public.admin, timedelta(seconds=10, microseconds=1)), (other, timedelta(seconds=1))):
        with pytest.raises(Conflict):
            public.act("undo", now + later, actor=actor)
        with public.board.reading() as session:
            assert undoable(session, actor, now + later) is None
    public.act("feature", now, actor=other)
    with pytest.raises(Conflict):
        public.act("undo", now + timedelta(seconds=1))
    assert public.posting().frozen


def test_of_two_admins_on_one_toggle_one_wins_and_the_other_sees_it(public: Desk) -> None:
    other = Actor(user_id=public.board.admin().id, is_admin=True, how="session")
    version = public.posting().version
    public.act("freeze", clock.now(), version=version)
    with pytest.raises(Conflict) as late:
        public.act("freeze", clock.now(), version=version, actor=other)
    assert isinstance(late.value.fresh, Posting)
    assert public.audited() == ["posting.freeze"]


def test_an_illegal_or_unknown_act_changes_nothing(public: Desk) -> None:
    for action in ("reject", "explode"):
        with pytest.raises(Invalid):
            public.act(action, clock.now())
    public.act("remove", clock.now())
    with pytest.raises(Invalid, match="removed"):
        public.act("freeze", clock.now())
    assert public.audited() == ["posting.removed"]


def test_the_log_names_people_by_id_only(public: Desk) -> None:
    public.act("freeze", clock.now())
    with public.board.reading() as session:
        assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.actor_id == public.admin.user_id)) == 1


@pytest.mark.parametrize("where", [S.PENDING, S.CHANGES_REQUESTED])
def test_what_expired_while_it_was_reviewed_is_reposted_not_published(board: Board, where: PostingStatus) -> None:
    now, company = clock.now(), board.company(owner="owner@example.org", trusted=True)
    desk = Desk(board, board.posting(company.id, status=where, published_at=now - timedelta(days=60), expires_at=now))
    with pytest.raises(Invalid, match=r"expired cannot become published.*can repost it\."):
        desk.act("approve", now)
    with pytest.raises(Invalid, match="expired"), board.writing() as session:
        posting = session.get_one(Posting, desk.id)
        submit(session, posting, posting.version, desk.admin, now, 60)
    with board.reading() as session:
        posting = session.get_one(Posting, desk.id)
        assert moderation.offers(posting, now) == ("remove", "freeze", "feature")
        assert moderation.queue(session, None, 9, now) == []
        assert moderation.counts(session, now).pending == 0
        asked = [moderation.Asked(state=state) for state in (where, S.EXPIRED)]
        found = [[row.id for row in moderation.page(session, words, None, 9, now)] for words in asked]
        assert found == [[], [desk.id]]
    assert (desk.posting().status, desk.audited(), desk.mail()) == (where, [], [])
    with board.writing() as session:
        draft = repost(session, session.get_one(Posting, desk.id), desk.admin, now)
        assert (draft.status, draft.expires_at, draft.reposted_from_id) == (S.DRAFT, None, desk.id)


@pytest.mark.parametrize("expires", [None, timedelta(seconds=1)])
def test_what_has_time_left_stays_in_the_queue(board: Board, expires: timedelta | None) -> None:
    now = clock.now()
    made = board.posting(live=False, status=S.PENDING, expires_at=now + expires if expires else None)
    with board.reading() as session:
        assert [posting.id for posting in moderation.queue(session, None, 9, now)] == [made.id]
        assert moderation.counts(session, now).pending == 1
