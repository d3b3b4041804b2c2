"""What a company reads of its own figures. On each engine."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from app.core import clock
from app.core.actor import ANONYMOUS
from app.domain.applications import statistics
from app.domain.applications.models import Application, ApplicationEvent, Stage
from app.domain.applications.services import move, withdraw
from app.domain.applications.statistics import Stretch
from app.domain.postings.models import PostingViews
from tests.domain.applications.conftest import Applying
from tests.factories import Board

DAY = timedelta(days=1)


@pytest.fixture
def stretch() -> Stretch:
    return Stretch(clock.now().date(), 10, 1)


@pytest.fixture
def apply(board: Board, applying: Applying) -> Any:
    """Somebody applies, so many days ago, and is moved through these stages, a day after each other."""

    def apply_and_move(employed: SimpleNamespace, name: str, *stages: str, ago: int = 0, posting: int = 0) -> int:
        one = applying(posting or employed.posting.id, email=f"{name}@example.org").application_id
        sent = clock.now() - ago * DAY
        with board.writing() as session:
            session.execute(update(Application).where(Application.id == one).values(submitted_at=sent))
        for number, stage in enumerate(stages, 1):
            with board.writing() as session:
                _step(session, one, stage, employed, sent + number * DAY)
        return one

    return apply_and_move


def _step(session: Any, one: int, stage: str, employed: SimpleNamespace, at: datetime) -> None:
    application = session.get_one(Application, one)
    if stage == "withdrawn":
        withdraw(session, application, ANONYMOUS, None, at)
        return
    reason = "Full" if stage == "rejected" else ""
    move(session, application, stage, application.version, employed.one, reason, "no", at)


def _seen(board: Board, posting_id: int, number: int, ago: int = 0) -> None:
    with board.writing() as session:
        session.add(PostingViews(posting_id=posting_id, day=(clock.now() - ago * DAY).date(), views=number))


def test_each_span_has_its_views_and_applications(board: Board, employed: Any, apply: Any) -> None:
    stranger = board.posting()
    for posting_id, number, ago in (
        (employed.posting.id, 5, 0), (employed.posting.id, 7, 9), (employed.posting.id, 100, 10), (stranger.id, 50, 0),
    ):
        _seen(board, posting_id, number, ago)
    apply(employed, "ann")
    apply(employed, "ben", ago=9)
    apply(employed, "cleo", ago=11)
    apply(employed, "spammer", "spam")
    apply(employed, "dan", posting=stranger.id)
    today = clock.now().date()
    with board.reading() as session:
        days = statistics.spans(session, employed.company.id, Stretch(today, 10, 1))
        halves = statistics.spans(session, employed.company.id, Stretch(today, 2, 5))
    assert [(day.first, day.views, day.applications) for day in days] == [
        (today - 9 * DAY, 7, 1), *((today - ago * DAY, 0, 0) for ago in range(8, 0, -1)), (today, 5, 1),
    ]
    assert [(half.first, half.views, half.applications) for half in halves] == [
        (today - 9 * DAY, 7, 1), (today - 4 * DAY, 5, 1),
    ]


def test_how_far_people_got_counts_where_an_application_ended(
    board: Board, employed: Any, apply: Any, stretch: Stretch
) -> None:
    apply(employed, "ann")
    apply(employed, "ben", "in_review", ago=5)
    apply(employed, "cleo", "in_review", "interview", "offer", "hired", ago=9)
    apply(employed, "dan", "interview", "rejected", ago=5)
    apply(employed, "eve", "in_review", "withdrawn", ago=5)
    apply(employed, "fay", "rejected", ago=5)
    apply(employed, "gus", "interview", ago=10)
    apply(employed, "spammer", "spam")
    apply(employed, "hal", "interview", posting=board.posting(board.company(owner="x@example.org").id).id)
    with board.reading() as session:
        found = statistics.ladder(session, employed.company.id, stretch)
    assert [(step.stage.value, step.people) for step in found] == [
        ("submitted", 6), ("in_review", 4), ("interview", 2), ("offer", 1), ("hired", 1),
    ]


def test_the_usual_wait_is_that_of_half_of_those_who_heard(
    board: Board, employed: Any, apply: Any, stretch: Stretch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait() -> timedelta | None:
        with board.reading() as session:
            return statistics.usual_wait(session, employed.company.id, stretch)

    apply(employed, "ann", ago=5)
    apply(employed, "eve", "withdrawn", ago=5)
    assert wait() is None
    apply(employed, "ben", "in_review", "interview", ago=5)
    assert wait() == DAY
    for name, days in (("cleo", 3), ("dan", 4)):
        one = apply(employed, name, "rejected", ago=6)
        with board.writing() as session:
            later = clock.now() - (6 - days) * DAY
            heard = ApplicationEvent.application_id == one, ApplicationEvent.after == Stage.REJECTED
            session.execute(update(ApplicationEvent).where(*heard).values(at=later))
    found = wait()
    assert found is not None and abs(found - 3 * DAY) < timedelta(minutes=1)
    monkeypatch.setattr(statistics, "MOST_WAITS", 1)
    found = wait()
    assert found is not None and abs(found - 4 * DAY) < timedelta(minutes=1)


def test_the_most_looked_at_come_first_and_few(board: Board, employed: Any, apply: Any, stretch: Stretch) -> None:
    other, third = board.posting(employed.company.id, title="Other"), board.posting(employed.company.id, title="Third")
    for posting_id, number, ago in ((employed.posting.id, 3, 0), (other.id, 9, 1), (other.id, 2, 0), (third.id, 1, 0),
                                    (third.id, 99, 30), (board.posting().id, 70, 0)):
        _seen(board, posting_id, number, ago)
    apply(employed, "ann", posting=other.id)
    apply(employed, "ben", posting=other.id, ago=20)
    apply(employed, "spammer", "spam", posting=other.id)
    with board.reading() as session:
        found = statistics.most_looked_at(session, employed.company.id, stretch, 2)
    assert [(row.posting_id, row.title, row.views, row.applications) for row in found] == [
        (other.id, "Other", 11, 1), (employed.posting.id, employed.posting.title, 3, 0),
    ]
