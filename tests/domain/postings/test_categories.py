"""Fields of work: added, ordered, renamed, merged, archived, with their former addresses."""

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.domain.audit.models import AuditEntry
from app.domain.postings.models import Category, Posting
from app.domain.postings.queries import categories, category_by_slug
from app.domain.postings.services import categories as services
from app.domain.search.filters import Filters, Parsed
from app.domain.search.queries import known, total
from tests.factories import Board

ADMIN = Actor(user_id=99, is_admin=True, how="session")


@pytest.fixture
def three(board: Board) -> list[int]:
    with board.writing() as session:
        return [services.add_category(session, name, "", ADMIN, clock.now()).id for name in ("Art", "Baking", "Care")]


def order(board: Board) -> list[str]:
    with board.reading() as session:
        return [category.slug for category in categories(session)]


def rename(board: Board, id_: int, name: str, slug: str, version: int) -> None:
    with board.writing() as session:
        category = services.locked_category(session, id_)
        services.rename_category(session, category, name, slug, version, ADMIN, clock.now())


def place(board: Board, id_: int, to: int, version: int) -> None:
    with board.writing() as session:
        services.place_category(session, services.locked_category(session, id_), to, version, ADMIN, clock.now())


def test_a_field_is_put_where_it_was_asked_to_be_once(board: Board, three: list[int]) -> None:
    place(board, three[2], 0, 1)
    place(board, three[2], 0, 1)
    assert order(board) == ["care", "art", "baking"]
    place(board, three[0], 99, 1)
    assert order(board) == ["care", "baking", "art"]
    with pytest.raises(Conflict):
        place(board, three[0], 0, 1)
    with board.reading() as session:
        acts = list(session.scalars(select(AuditEntry.action).where(AuditEntry.action == "category.place")))
    assert len(acts) == 2


def test_a_field_has_a_name_people_can_read(board: Board, three: list[int]) -> None:
    with pytest.raises(Invalid):
        rename(board, three[0], "\u202e\u200b", "", 1)
    rename(board, three[0], "Fine\u202e  art", "", 1)
    with board.reading() as session:
        assert session.get_one(Category, three[0]).name == "Fine art"


def test_a_renamed_field_answers_at_its_former_address(board: Board, three: list[int]) -> None:
    posting = board.posting(category_id=three[1])
    rename(board, three[1], "Bread", "bread", 1)
    rename(board, three[1], "Bread", "bread", 1)
    with board.reading() as session:
        found = known(session, Parsed(Filters(category=("baking",))), clock.now())
        assert (found.filters.category, found.moved, found.problems) == (("bread",), True, {})
        assert total(session, found.filters, clock.now()) == 1
        assert total(session, Filters(q="bread"), clock.now()) == 1, "its name is one of the posting's words"
        field = category_by_slug(session, "baking")
        assert field is not None
        assert field.id == session.get_one(Posting, posting.id).category_id
    with pytest.raises(Invalid):
        rename(board, three[0], "Art", "baking", 1)
    rename(board, three[1], "Baking", "baking", 2)
    with board.reading() as session:
        assert known(session, Parsed(Filters(category=("bread",))), clock.now()).filters.category == ("baking",)


def test_merging_moves_postings_and_every_former_address(board: Board, three: list[int]) -> None:
    rename(board, three[1], "Bread", "bread", 1)
    posting = board.posting(category_id=three[1])
    with board.writing() as session:
        rows = [services.locked_category(session, id_) for id_ in (three[1], three[2])]
        services.merge_category(session, rows[0], rows[1], (2, 1), ADMIN, clock.now())
    with board.reading() as session:
        row = session.get_one(Posting, posting.id)
        assert (row.category_id, row.version) == (three[2], posting.version + 1)
        found = known(session, Parsed(Filters(category=("baking", "bread"))), clock.now())
        assert found.filters.category == ("care",)
        assert total(session, found.filters, clock.now()) == 1
        assert session.get(Category, three[1]) is None


def test_only_an_empty_field_is_archived_and_nobody_chooses_it(board: Board, three: list[int]) -> None:
    board.posting(category_id=three[1])

    def archive(id_: int, archived: bool, version: int) -> None:
        with board.writing() as session:
            category = services.locked_category(session, id_)
            services.archive_category(session, category, archived, version, ADMIN, clock.now())

    with pytest.raises(Invalid):
        archive(three[1], True, 1)
    archive(three[0], True, 1)
    archive(three[0], True, 1)
    assert order(board) == ["baking", "care"]
    with board.reading() as session:
        assert category_by_slug(session, "art") is None
    archive(three[0], False, 2)
    assert order(board) == ["art", "baking", "care"]


@pytest.mark.parametrize(
    ("name", "slug", "field"), [("", "", "name"), ("New", "Not a slug!", "slug"), ("Art!", "", "slug")]
)
def test_what_cannot_be_a_field_is_refused(
    board: Board, three: list[int], name: str, slug: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused, board.writing() as session:
        services.add_category(session, name, slug, ADMIN, clock.now())
    assert list(refused.value.fields) == [field]
