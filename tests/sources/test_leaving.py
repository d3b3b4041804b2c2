"""What leaves a feed is closed, what comes back is open again, what may be a mistake is held back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.core.actor import SYSTEM
from app.domain.applications.models import Application, Stage
from app.domain.audit.models import AuditEntry
from app.domain.imports import services as imports
from app.domain.mail.models import OutboxMail
from app.domain.postings.models import Posting
from app.domain.postings.transitions import Mover
from tests.domain.imports.rows import lines, row
from tests.peer import Reply
from tests.sources.conftest import ABC, Feeds, S


def test_what_is_missing_twice_in_a_row_is_closed(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*ABC, ETag='"1"')
    feeds.look()
    feeds.shows(row(1), row(3), ETag='"2"')
    feeds.look()
    assert (feeds.absences(), feeds.states()) == ([0, 1, 0], [S.PUBLISHED] * 3)
    assert "1 are missing" in feeds.source().outcome
    feeds.look()
    assert "If-None-Match" not in feeds.peer.asked[2].headers, "what is missing is looked for anew"
    assert feeds.states() == [S.PUBLISHED, S.CLOSED, S.PUBLISHED]
    assert (feeds.source().closed, "1 left and were closed" in feeds.source().outcome) == (1, True)
    with feeds.board.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "posting")).one()
        why = "It left the feed it came from."
        assert (entry.action, entry.actor_id, entry.reason) == ("posting.closed", None, why)
    feeds.look()
    assert feeds.peer.asked[-1].headers["If-None-Match"] == '"2"', "nothing is missing any more"


def test_once_is_not_enough_and_coming_back_begins_anew(feeds: Feeds) -> None:
    feeds.add()
    for shown in (ABC, ABC[:2], ABC, ABC[:2], ABC):
        feeds.shows(*shown)
        assert feeds.look() == {"taken in": 1}
    assert (feeds.absences(), feeds.states()) == ([0, 0, 0], [S.PUBLISHED] * 3)


def test_what_comes_back_after_it_was_closed_is_open_again_with_its_applicants(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*ABC)
    feeds.look()
    with feeds.board.reading() as session:
        posting_id = session.scalar(select(func.max(Posting.id)))
        assert posting_id
    application_id = _applied(feeds, posting_id)
    for _ in range(2):
        feeds.shows(*ABC[:2])
        feeds.look()
    assert feeds.states()[2] is S.CLOSED
    with feeds.board.reading() as session:
        assert session.get_one(Application, application_id).stage is Stage.NOT_SELECTED
        told = select(OutboxMail.recipient).where(OutboxMail.template == "application-moved")
        assert list(session.scalars(told)) == ["ada@example.org"]
    feeds.shows(*ABC)
    feeds.look()
    assert (feeds.states(), feeds.absences()) == ([S.PUBLISHED] * 3, [0, 0, 0])
    assert "1 came back" in feeds.source().outcome
    with feeds.board.reading() as session:
        assert session.get_one(Application, application_id).stage is Stage.SUBMITTED
        assert session.get_one(Posting, posting_id).ended_at is None
    for shown, expected in ((ABC[:2], S.PUBLISHED), (ABC[:2], S.CLOSED)):
        feeds.shows(*shown)
        feeds.look()
        assert feeds.states()[2] is expected


def _applied(feeds: Feeds, posting_id: int) -> int:
    from app.domain.applications.models import ApplicationEvent
    from app.domain.postings.models import PostingSnapshot

    with feeds.board.writing() as session:
        snapshot = PostingSnapshot(
            posting_id=posting_id, posting_version=1, taken_at=feeds.now, title="Bridge builder", place_label="Berlin",
            description_html="<p>Build.</p>",
        )
        session.add(snapshot)
        session.flush()
        application = Application(
            posting_id=posting_id, name="Ada Lovelace", email="ada@example.org", email_key="ada@example.org",
            snapshot_id=snapshot.id, stage=Stage.SUBMITTED, submitted_at=feeds.now, moved_at=feeds.now,
            events=[ApplicationEvent(at=feeds.now, after=Stage.SUBMITTED)],
        )
        session.add(application)
        session.flush()
        return application.id


@pytest.mark.parametrize("by_hand", [S.PAUSED, S.FILLED, S.CLOSED])
def test_a_hand_made_state_wins(feeds: Feeds, by_hand: S) -> None:
    feeds.add()
    feeds.shows(*ABC)
    feeds.look()
    feeds.move(2, by_hand)
    for shown in (ABC[:2], ABC[:2], ABC):
        feeds.shows(*shown)
        feeds.look()
        assert feeds.states() == [S.PUBLISHED, S.PUBLISHED, by_hand]


def test_what_somebody_did_after_the_feed_closed_it_stays(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*ABC)
    feeds.look()
    for _ in range(2):
        feeds.shows(*ABC[:2])
        feeds.look()
    feeds.move(2, S.REMOVED, Mover.ADMIN)
    feeds.shows(*ABC)
    feeds.look()
    assert feeds.states()[2] is S.REMOVED


def test_what_leaves_before_it_was_reviewed_is_not_reviewed_and_waits_anew_when_it_is_back(feeds: Feeds) -> None:
    feeds.add(publish=False)
    for shown in (ABC, ABC[:2], ABC[:2]):
        feeds.shows(*shown)
        feeds.look()
    assert feeds.states() == [S.PENDING, S.PENDING, S.REJECTED]
    feeds.shows(*ABC)
    feeds.look()
    assert feeds.states() == [S.PENDING] * 3


def test_a_failure_between_two_absences_counts_as_none(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*ABC)
    feeds.look()
    feeds.shows(*ABC[:2])
    feeds.look()
    feeds.peer.says(b"", 503)
    feeds.look()
    assert (feeds.absences(), feeds.states()[2]) == ([0, 0, 1], S.PUBLISHED)


@pytest.mark.parametrize("rest", [0, 4])
def test_an_empty_or_shrunk_answer_is_held_back_until_somebody_says_it_is_right(feeds: Feeds, rest: int) -> None:
    rows = [row(n) for n in range(10)]
    source_id = feeds.add("/feed.jsonl")
    feeds.shows(*rows)
    feeds.look()
    feeds.shows(*rows[:rest])
    for _ in range(3):
        feeds.look()
        assert (feeds.states(), feeds.absences()) == ([S.PUBLISHED] * 10, [0] * 10)
    source = feeds.source()
    assert source.held_back and "nothing is closed" in source.outcome and not source.failures
    with feeds.board.writing() as session:
        imports.count_missing(session, source_id, SYSTEM, feeds.now)
    feeds.look(timedelta())
    assert feeds.absences() == [0] * rest + [1] * (10 - rest)
    assert not feeds.source().held_back
    feeds.look()
    assert feeds.states() == [S.PUBLISHED] * rest + [S.CLOSED] * (10 - rest)


def test_a_row_that_is_refused_is_there_all_the_same(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*ABC)
    feeds.look()
    feeds.shows(row(1), row(2), row(3, description="no"))
    for _ in range(3):
        feeds.look()
    assert (feeds.states(), feeds.absences()) == ([S.PUBLISHED] * 3, [0, 0, 0])


def test_a_row_of_which_nobody_can_tell_who_it_is_may_be_the_one_that_is_missing(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*ABC, b"{always broken")
    feeds.look()
    feeds.shows(row(1), row(2), b"{always broken", b"{row 3")
    for _ in range(3):
        feeds.look()
    assert feeds.source().held_back and feeds.absences() == [0, 0, 0]
    feeds.shows(row(1), row(2), b"{always broken")
    for _ in range(2):
        feeds.look()
    assert feeds.states() == [S.PUBLISHED, S.PUBLISHED, S.CLOSED]


def test_what_another_feed_still_shows_stays(feeds: Feeds) -> None:
    one, two = lines(*ABC), lines(*ABC)
    feeds.peer.answer = lambda asked: Reply(200, {}, [{"/one": one, "/two": two}[asked.path]])
    feeds.add("/one")
    feeds.add("/two")
    feeds.look()
    one = lines(*ABC[:2])
    for _ in range(3):
        feeds.look()
    assert feeds.states() == [S.PUBLISHED] * 3
    two = lines(*ABC[:2])
    for _ in range(2):
        feeds.look()
    assert feeds.states() == [S.PUBLISHED, S.PUBLISHED, S.CLOSED]


def test_a_feed_that_only_repeats_anothers_words_closes_nothing(feeds: Feeds, tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_bytes(lines(row(1)))
    assert feeds.app.test_cli_runner().invoke(args=["import", str(path), "--publish"]).exit_code == 0
    feeds.add()
    feeds.shows(row(1, source="copy", source_id="c1"), row(2), row(3))
    feeds.look()
    feeds.shows(row(2), row(3))
    for _ in range(3):
        feeds.look()
    assert feeds.states() == [S.PUBLISHED] * 3
