"""What happened is owed to whoever wants to know, once, in the transaction in which it happened."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.errors import Invalid
from app.domain.accounts.models import User
from app.domain.accounts.services.closing import close_account
from app.domain.applications import services as applications
from app.domain.applications.models import Application
from app.domain.companies.models import Membership
from app.domain.companies.services.merging import merge, pair
from app.domain.imports.readers import Entry
from app.domain.imports.services import Options, begin, prepare, take
from app.domain.postings import services as postings
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import Facts, facts_of
from app.domain.postings.transitions import Mover
from app.domain.webhooks.models import Delivery, Webhook
from tests.domain.applications.conftest import Applying
from tests.domain.imports.rows import row
from tests.factories import Board
from tests.hooks import hook_row, hooked, owner_of, rows

S = PostingStatus
FACTS = Facts(
    title="Baker", description="Bake.", type="full_time", workplace="on_site", places=("Berlin, Germany",),
    salary_min="30000", salary_max="40000", salary_currency="EUR", salary_period="year", category="engineering",
)


def told(board: Board) -> list[str]:
    return [one.event for one in rows(board)]


def change(board: Board, posting_id: int, act: Callable[[Session, Posting], object]) -> None:
    with board.writing() as session:
        act(session, session.get_one(Posting, posting_id))


def to(status: PostingStatus, mover: Mover, actor: Actor = SYSTEM, reason: str = "") -> Callable[..., object]:
    return lambda session, posting: postings.transition(
        session, posting, status, mover, posting.version, actor, reason, clock.now(), 30
    )


def test_a_postings_life_is_told_step_by_step(board: Board, hook: SimpleNamespace) -> None:
    board.category()
    with board.writing() as session:
        posting_id = postings.create_draft(session, hook.company.id, FACTS, hook.actor, clock.now()).id
    assert told(board) == [], "a draft is nobody's business"
    change(board, posting_id, lambda s, p: postings.submit(s, p, p.version, hook.actor, clock.now(), 30))
    (published,) = rows(board)
    assert published.event == "posting.published", "handed in and published in one transaction: one event"
    assert published.facts["before"] == "draft" and published.facts["posting"]["status"] == "published"
    assert published.facts["posting"]["title"] == "Baker" and published.posting_id == posting_id
    wider = lambda s, p: postings.edit(s, p, facts_of(p), p.version, hook.actor, clock.now())  # noqa: E731
    change(board, posting_id, wider)
    change(board, posting_id, to(S.PAUSED, Mover.EMPLOYER, hook.actor))
    change(board, posting_id, to(S.PUBLISHED, Mover.EMPLOYER, hook.actor))
    change(board, posting_id, to(S.FILLED, Mover.EMPLOYER, hook.actor))
    assert told(board) == [
        "posting.published", "posting.changed", "posting.paused", "posting.published", "posting.closed"
    ]
    assert [one.facts["before"] for one in rows(board)] == ["draft", None, "published", "paused", "published"]
    assert len({one.event_id for one in rows(board)}) == 5


def test_what_admins_do_is_told_and_so_is_their_undo(board: Board, hook: SimpleNamespace) -> None:
    made = board.posting(hook.company.id, live=False, status=S.PENDING)
    admin = Actor(user_id=board.admin().id, is_admin=True, how="session")

    def act(action: str) -> None:
        change(
            board, made.id,
            lambda s, p: postings.admin_act(s, p, action, p.version, admin, "Because.", clock.now(), 30),
        )

    for action in ("approve", "freeze", "unfreeze", "remove", "undo"):
        act(action)
    assert told(board)[1:] == [
        "posting.published", "posting.changed", "posting.changed", "posting.closed", "posting.published"
    ]
    assert [one.facts["posting"]["frozen"] for one in rows(board)[1:4]] == [False, True, False]


def test_an_employers_undo_is_told(board: Board, hook: SimpleNamespace) -> None:
    made = board.posting(hook.company.id)
    change(board, made.id, to(S.CLOSED, Mover.EMPLOYER, hook.actor))
    change(board, made.id, lambda s, p: postings.take_back(s, p, p.version, hook.actor, clock.now()))
    assert told(board)[1:] == ["posting.closed", "posting.published"]


def test_the_clocks_end_is_told_when_it_is_written_down(board: Board, hook: SimpleNamespace) -> None:
    made = board.posting(hook.company.id)
    later = clock.now() + timedelta(days=31)
    with board.writing() as session:
        assert postings.stamp_expired(session, [made.id], later) == 1
    last = rows(board)[-1]
    assert (last.event, last.facts["posting"]["status"], last.created_at) == ("posting.expired", "expired", later)


def moved(board: Board, application_id: int, stage: str, actor: Actor) -> None:
    with board.writing() as session:
        found = session.get_one(Application, application_id)
        applications.move(session, found, stage, found.version, actor, "Because.", "no", clock.now())


def test_an_applications_way_is_told_without_a_word_about_the_person(
    board: Board, hook: SimpleNamespace, applying: Applying
) -> None:
    posting = board.posting(hook.company.id)
    one = applying(posting.id).application_id
    applying(posting.id, key="again")  # the same address again is no second application
    moved(board, one, "in_review", hook.actor)
    with board.writing() as session:
        applications.withdraw(session, session.get_one(Application, one), SYSTEM, None, clock.now())
    found = rows(board)[1:]
    assert [one.event for one in found] == [
        "application.submitted", "application.moved", "application.withdrawn"
    ]
    assert [(one.facts["before"], one.facts["application"]["stage"]) for one in found] == [
        (None, "submitted"), ("submitted", "in_review"), ("in_review", "withdrawn"),
    ]
    assert {one.posting_id for one in found} == {posting.id}
    text = json.dumps([one.facts for one in found])
    assert "Ada" not in text and "example.org" not in text and "mathematician" not in text


def test_the_end_of_a_posting_is_told_with_every_outcome_it_gave(
    board: Board, hook: SimpleNamespace, applying: Applying
) -> None:
    posting = board.posting(hook.company.id)
    for number in range(3):
        applying(posting.id, email=f"ada{number}@example.org")
    change(board, posting.id, to(S.CLOSED, Mover.EMPLOYER, hook.actor))
    assert told(board)[4:] == ["posting.closed"] + ["application.moved"] * 3
    assert {one.facts["application"]["stage"] for one in rows(board)[5:]} == {"not_selected"}


def test_who_leaves_the_board_is_told_as_a_withdrawal_and_is_in_no_row(
    board: Board, hook: SimpleNamespace, applying: Applying
) -> None:
    posting, ada = board.posting(hook.company.id), board.user("ada@example.org", name="Ada Lovelace")
    applying(posting.id, actor=Actor(user_id=ada.id, email=ada.email, how="session"))
    with board.writing() as session:
        close_account(session, session.get_one(User, ada.id), Actor(user_id=ada.id, how="session"), clock.now())
    assert told(board)[-1] == "application.withdrawn"
    with board.reading() as session:
        kept = json.dumps([one.facts for one in session.scalars(select(Delivery))])
    assert "Lovelace" not in kept and "ada@" not in kept


def test_nothing_is_owed_where_the_change_is_undone(board: Board, hook: SimpleNamespace) -> None:
    made = board.posting(hook.company.id)
    before = told(board)
    with pytest.raises(ZeroDivisionError), board.writing() as session:
        to(S.PAUSED, Mover.EMPLOYER, hook.actor)(session, session.get_one(Posting, made.id))
        raise ZeroDivisionError
    with pytest.raises(Invalid):
        change(board, made.id, to(S.DRAFT, Mover.EMPLOYER, hook.actor))
    assert told(board) == before


def test_only_what_was_asked_for_is_owed_to_each_and_under_one_id(board: Board, hook: SimpleNamespace) -> None:
    narrow = hooked(board, "https://hooks.example.org/", hook.actor, "posting.closed")
    made = board.posting(hook.company.id)
    change(board, made.id, to(S.CLOSED, Mover.EMPLOYER, hook.actor))
    found = [(one.webhook_id, one.event) for one in rows(board)]
    assert found[1:] == [(hook.id, "posting.closed"), (narrow.id, "posting.closed")]
    assert rows(board)[1].event_id == rows(board)[2].event_id


def test_other_companies_hear_nothing(board: Board, hook: SimpleNamespace) -> None:
    board.posting(board.company("Rival", owner="rival@example.org").id)
    assert told(board) == []


def test_where_nobody_belongs_any_more_nothing_is_owed(board: Board, hook: SimpleNamespace) -> None:
    with board.writing() as session:
        session.execute(delete(Membership).where(Membership.company_id == hook.company.id))
    board.posting(hook.company.id)
    assert told(board) == []


def test_what_is_turned_off_is_owed_all_the_same(board: Board, hook: SimpleNamespace) -> None:
    with board.writing() as session:
        session.get_one(Webhook, hook.id).paused_at = clock.now()
    board.posting(hook.company.id)
    assert len(told(board)) == 1


def test_a_company_that_becomes_part_of_another_takes_its_webhooks_along(board: Board, hook: SimpleNamespace) -> None:
    into = board.company("Southgate")
    owner_of(board, into, "sue@example.org")
    made = board.posting(hook.company.id)
    with board.writing() as session:
        both = pair(session, hook.company.id, into.id)
        versions = (both[0].version, both[1].version)
        merge(session, *both, versions, Actor(is_admin=True), clock.now(), confirmed=True)
    assert hook_row(board, hook.id).company_id == into.id
    change(board, made.id, to(S.CLOSED, Mover.EMPLOYER, hook.actor))
    last = rows(board)[-1]
    assert (last.event, last.facts["posting"]["company"]) == ("posting.closed", into.slug)


def test_an_import_is_told_as_published(board: Board, hook: SimpleNamespace) -> None:
    options = Options(publish=True, as_new=True, posting_days=30, company_id=hook.company.id)
    with board.writing() as session:
        run = begin(session, "feed", "jsonl", "0", options, clock.now())
        take(session, run, prepare([Entry(1, row(), None)], run, options), options, clock.now())
    (published,) = rows(board)
    assert (published.event, published.facts["before"]) == ("posting.published", None)


def test_without_any_webhook_a_change_asks_for_nothing_more(board: Board) -> None:
    made = board.posting()
    with board.statements() as asked:
        change(board, made.id, to(S.PAUSED, Mover.EMPLOYER))
    about = [statement for statement in asked if "webhook" in statement]
    assert len(about) == 1, about

