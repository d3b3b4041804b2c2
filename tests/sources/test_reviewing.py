"""What a source changes of a posting that somebody let onto the board."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.domain.companies.models import Company
from app.domain.postings.models import Posting, PostingStatus
from tests.domain.imports.rows import row
from tests.sources.conftest import Feeds

S = PostingStatus


def let_on(feeds: Feeds) -> None:
    with feeds.board.writing() as session:
        session.execute(update(Posting).values(status=S.PUBLISHED, slug="a-job"))


def only(feeds: Feeds) -> Posting:
    with feeds.board.reading() as session:
        return session.scalars(select(Posting)).one()


@pytest.mark.parametrize(("publish", "trusted", "after"), [
    (False, False, S.PENDING), (False, True, S.PUBLISHED), (True, False, S.PUBLISHED),
])  # fmt: skip
def test_a_material_change_is_reviewed_unless_somebody_is_trusted(
    feeds: Feeds, publish: bool, trusted: bool, after: PostingStatus
) -> None:
    feeds.add(publish=publish)
    feeds.shows(row(1))
    feeds.look()
    let_on(feeds)
    with feeds.board.writing() as session:
        session.execute(update(Company).values(trusted=trusted))
    feeds.shows(row(1, title="Another title"))
    feeds.look()
    found = only(feeds)
    assert (found.status, found.title) == (after, "Another title")


def test_what_it_says_besides_is_taken_as_it_is(feeds: Feeds) -> None:
    feeds.add(publish=False)
    feeds.shows(row(1))
    feeds.look()
    let_on(feeds)
    feeds.shows(row(1, description="Other words of the same job, and quite enough of them."))
    feeds.look()
    assert only(feeds).status is S.PUBLISHED


def test_an_end_that_a_source_names_later_holds_though_it_is_past(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(row(1))
    feeds.look()
    assert only(feeds).expires_at > feeds.now
    feeds.shows(row(1, valid_through=f"{feeds.now - timedelta(days=3):%F}"))
    feeds.look()
    assert only(feeds).expires_at < feeds.now
