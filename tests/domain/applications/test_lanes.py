"""A company's own stages when the company becomes part of another."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.domain.applications import lanes, roster
from app.domain.applications.lanes import LONGEST_NAME, add_stage, change_stage
from app.domain.applications.models import Application, ApplicationEvent, CompanyStage
from app.domain.applications.roster import ApplicantFilter
from app.domain.applications.services import move
from app.domain.companies.services.merging import merge, pair
from tests.domain.applications.conftest import Applying
from tests.factories import Board

ADMIN = Actor(user_id=99, is_admin=True, how="session")


def stage(board: Board, company: SimpleNamespace, name: str, onto: str = "in_review") -> int:
    with board.writing() as session:
        return add_stage(session, company.id, name, onto, ADMIN, clock.now()).id


def put_in(board: Board, application_id: int, stage_id: int, onto: str) -> None:
    mover = Actor(user_id=board.user().id, how="session")
    with board.writing() as session:
        found = session.get_one(Application, application_id)
        move(session, found, onto, found.version, mover, "", "no", clock.now(), stage_id=str(stage_id))


def merged(board: Board, company: SimpleNamespace, into: SimpleNamespace) -> None:
    with board.writing() as session:
        rows = pair(session, company.id, into.id)
        merge(session, *rows, (rows[0].version, rows[1].version), ADMIN, clock.now(), confirmed=True)


def on_the_board(board: Board, posting_id: int, company: SimpleNamespace) -> dict[str, int]:
    """Column → how many stand in it, of the columns that the company's people are shown."""
    with board.reading() as session:
        counts = roster.counts(session, posting_id, ApplicantFilter())
        shown = roster.columns(roster.own_stages(session, company.id))
        return {column.name: counts[key] for column in shown if (key := (column.stage, column.own_id)) in counts}


def test_who_stands_in_a_stage_of_a_merged_company_stays_on_the_board(board: Board, applying: Applying) -> None:
    old, new = board.company("Old", owner="one@example.org"), board.company("New", owner="two@example.org")
    posting = board.posting(old.id)
    phone, talk, odd = stage(board, old, "Phone"), stage(board, old, "Talk", "interview"), stage(board, old, "Odd")
    theirs, other = stage(board, new, "PHONE"), stage(board, new, "Odd", "interview")
    for name, own, onto in (("a", phone, "in_review"), ("b", talk, "interview"), ("c", odd, "in_review")):
        put_in(board, applying(posting.id, email=f"{name}@example.org").application_id, own, onto)
    merged(board, old, new)
    assert on_the_board(board, posting.id, new) == {"PHONE": 1, "Talk": 1, "Odd (2)": 1}
    with board.reading() as session:
        kept = set(session.scalars(select(CompanyStage.id).where(CompanyStage.company_id == new.id)))
        assert kept == {theirs, other, talk, odd}
        assert not list(session.scalars(select(CompanyStage.id).where(CompanyStage.company_id == old.id)))
        assert phone not in set(session.scalars(select(ApplicationEvent.company_stage_id)))


def test_a_stage_in_use_is_in_use_after_the_merge_although_the_other_was_archived(board: Board) -> None:
    old, new = board.company("Old", owner="one@example.org"), board.company("New")
    long = "x" * LONGEST_NAME
    for company, name, onto in ((old, long, "in_review"), (new, long, "interview"), (old, "Phone", "in_review")):
        stage(board, company, name, onto)
    archived = stage(board, new, "Phone")
    with board.writing() as session:
        change_stage(session, new.id, archived, 1, "archive", "", ADMIN, clock.now())
    merged(board, old, new)
    with board.reading() as session:
        rows = roster.own_stages(session, new.id)
        assert [(row.id, row.archived_at) for row in rows if row.name == "Phone"] == [(archived, None)]
        assert max(len(row.name) for row in rows) <= LONGEST_NAME


def test_its_people_go_on_moving_applicants_there(board: Board, applying: Applying) -> None:
    old, new = board.company("Old", owner="one@example.org"), board.company("New")
    posting = board.posting(old.id)
    phone = stage(board, old, "Phone")
    sent = applying(posting.id).application_id
    merged(board, old, new)
    put_in(board, sent, phone, "in_review")
    assert on_the_board(board, posting.id, new) == {"Phone": 1}


def test_a_stage_changes_places_with_its_neighbour_at_its_own_company(board: Board) -> None:
    ours, theirs = board.company("Ours"), board.company("Theirs")
    call, first, task, second = (stage(board, company, name) for name, company in (
        ("Call", ours), ("First", theirs), ("Task", ours), ("Second", theirs)
    ))
    with board.writing() as session:
        change_stage(session, ours.id, task, 1, "up", "", ADMIN, clock.now())
    with board.reading() as session:
        order = {company.name: [row.id for row in roster.own_stages(session, company.id)] for company in (ours, theirs)}
        assert order == {"Ours": [task, call], "Theirs": [first, second]}
        assert [row.version for row in roster.own_stages(session, theirs.id)] == [1, 1]
    with pytest.raises(Conflict), board.writing() as session:
        change_stage(session, ours.id, task, 1, "down", "", ADMIN, clock.now())


def test_a_merge_waits_for_nobody_who_moves_an_applicant_of_a_third_company(board: Board, applying: Applying) -> None:
    old, new, third = (board.company(name, owner=f"{name}@example.org") for name in ("old", "new", "third"))
    stage(board, old, "Phone")
    theirs = applying(board.posting(third.id).id).application_id
    put_in(board, theirs, stage(board, third, "Phone"), "in_review")
    with board.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            pytest.skip("SQLite has one writer: nobody holds a single row")
    with ThreadPoolExecutor(1) as other, board.writing() as session:
        session.scalars(select(Application).where(Application.id == theirs).with_for_update()).one()
        other.submit(merged, board, old, new).result()
    with board.reading() as session:
        assert [row.name for row in roster.own_stages(session, new.id)] == ["Phone"]


def test_a_company_has_room_for_its_own_stages_whatever_others_have(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "MOST_STAGES", 2)
    ours, theirs = board.company("Ours"), board.company("Theirs")
    for company in (theirs, ours):
        for name in ("Phone", "Talk"):
            stage(board, company, name)
    with pytest.raises(Invalid, match="no room"):
        stage(board, ours, "Task")
    with board.reading() as session:
        assert [row.position for row in roster.own_stages(session, ours.id)] == [1, 2]


def test_a_stage_has_a_name_people_can_read(board: Board) -> None:
    company = board.company("Ours")
    with pytest.raises(Invalid, match="no name"):
        stage(board, company, "\u202e\u200b")
    stage(board, company, "Pho\u202ene  می\u200cخواهم")
    with board.reading() as session:
        assert [row.name for row in roster.own_stages(session, company.id)] == ["Phone می\u200cخواهم"]


def test_a_company_counts_who_stands_in_its_own_stages(board: Board, applying: Applying) -> None:
    ours, theirs = (board.company(owner=f"{name}@example.org") for name in ("one", "two"))
    mine = {company.id: stage(board, company, "Phone") for company in (ours, theirs)}
    for company, number in ((ours, 2), (theirs, 1)):
        posting = board.posting(company.id)
        for n in range(number):
            put_in(board, applying(posting.id, email=f"p{n}@example.org").application_id, mine[company.id], "in_review")
    with board.reading() as session:
        assert lanes.standing(session, ours.id) == {mine[ours.id]: 2}
