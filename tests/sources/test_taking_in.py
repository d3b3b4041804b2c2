"""Feeds looked at again and again: taken in, asked whether they changed, steered."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core.actor import SYSTEM
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import Company
from app.domain.companies.services.merging import merge
from app.domain.imports import services as imports
from app.domain.imports.models import ImportProblem, ImportRun
from app.domain.postings.models import Posting
from tests.domain.imports.feeds import FEEDS
from tests.domain.imports.rows import row
from tests.sources.conftest import ABC, HOUR, Feeds, S


def test_a_feed_is_taken_in_at_once_and_again_when_it_is_due(feeds: Feeds) -> None:
    feeds.add(every_hours=6)
    feeds.shows(*ABC)
    assert feeds.look(timedelta()) == {"taken in": 1}
    assert feeds.states() == [S.PUBLISHED] * 3
    assert feeds.look(HOUR) == {} and len(feeds.peer.asked) == 1
    feeds.shows(row(1), row(2, title="Bridge mender"), row(3), row(4), b"{broken")
    assert feeds.look(5 * HOUR) == {"taken in": 1}
    source = feeds.source()
    assert source.outcome == "Read: 1 new, 1 changed, 2 the same, 1 refused."
    assert (source.looked_at, source.changed_at, source.due_at) == (feeds.now, feeds.now, feeds.now + 6 * HOUR)
    assert (source.present, source.missing, source.closed, source.claimed_until) == (4, 0, 0, None)
    with feeds.board.reading() as session:
        problem = session.scalars(select(ImportProblem)).one()
        assert problem.run_id == source.run_id and "not valid JSON" in problem.reason
        assert session.scalar(select(func.count(ImportRun.id))) == 1, "only the last look's rows are kept"


def test_what_waits_for_review_waits(feeds: Feeds) -> None:
    feeds.add(publish=False)
    feeds.shows(row(1))
    feeds.look()
    assert feeds.states() == [S.PENDING]


def test_a_feed_for_one_company_is_that_companys_and_follows_it_where_it_goes(feeds: Feeds) -> None:
    own, into = feeds.board.company("Own Bridges"), feeds.board.company("Big Bridges")
    feeds.add(company=own.slug)
    feeds.shows(row(1))
    feeds.look()
    with feeds.board.writing() as session:
        assert session.scalar(select(Posting.company_id)) == own.id
        pair = session.get_one(Company, own.id), session.get_one(Company, into.id)
        merge(session, *pair, (pair[0].version, pair[1].version), SYSTEM, feeds.now)
    assert feeds.source().company_id == into.id


@pytest.mark.parametrize("name", [name for name in FEEDS if name != "jsonl"])
def test_every_format_is_told_by_looking(feeds: Feeds, name: str) -> None:
    if feeds.app.extensions["nexus-settings"].database_url.startswith("postgresql"):
        pytest.skip("reading is the same on both engines")
    feeds.add("/feed")
    feeds.peer.says(FEEDS[name].content)
    assert feeds.look() == {"taken in": 1}
    assert feeds.source().read_as == name and len(feeds.states()) == 1


def test_a_feed_is_asked_whether_it_changed(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*ABC, ETag='"1"', Last_Modified="Mon, 04 May 2026 12:00:00 GMT")
    feeds.look()
    feeds.peer.says(b"", 304)
    assert feeds.look() == {"unchanged": 1}
    asked = feeds.peer.asked[1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"1"', "Mon, 04 May 2026 12:00:00 GMT")
    source = feeds.source()
    assert source.outcome.startswith("Nothing changed") and source.changed_at == feeds.now - HOUR
    assert (feeds.absences(), feeds.states(), source.due_at) == ([0, 0, 0], [S.PUBLISHED] * 3, feeds.now + HOUR)
    for _ in range(3):
        feeds.look()
    assert feeds.states() == [S.PUBLISHED] * 3


def test_the_same_bytes_are_not_taken_in_again(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    feeds.add()
    feeds.shows(*ABC)
    feeds.look()
    monkeypatch.setattr(imports, "take", None)
    assert feeds.look() == {"unchanged": 1}


def test_a_paused_feed_is_not_looked_at_and_asked_for_at_once_it_is_read_whole(feeds: Feeds) -> None:
    source_id = feeds.add()
    feeds.shows(*ABC, ETag='"1"')
    feeds.look()
    with feeds.board.writing() as session:
        for _ in range(2):
            imports.pause(session, source_id, SYSTEM, feeds.now)
        with pytest.raises(Conflict, match="paused"):
            imports.look_now(session, source_id, SYSTEM, feeds.now)
    assert feeds.look(5 * HOUR) == {}
    with feeds.board.writing() as session:
        for _ in range(2):
            imports.resume(session, source_id, SYSTEM, feeds.now)
    assert feeds.look(timedelta()) == {"unchanged": 1}
    with feeds.board.writing() as session:
        imports.look_now(session, source_id, SYSTEM, feeds.now)
    assert feeds.look(timedelta()) == {"taken in": 1}
    assert feeds.peer.asked[-1].headers["If-None-Match"] is None
    with feeds.board.reading() as session:
        acts = select(AuditEntry.action).where(AuditEntry.subject_type == "source").order_by(AuditEntry.id)
        assert list(session.scalars(acts)) == ["source.add", "source.pause", "source.resume", "source.look"]


def test_a_feed_is_added_once_and_what_cannot_be_taken_is_said(feeds: Feeds) -> None:
    first = feeds.add("/a?key=secret")
    assert feeds.add("/a?key=secret") == first
    with pytest.raises(Invalid) as refused:
        feeds.add("/a?key=secret", every_hours=3)
    assert "url" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        feeds.add(url="http://10.0.0.1/", format="smoke", company="nobody", every_hours=2)
    assert refused.value.fields.keys() == {"url", "format", "company", "every_hours"}
    assert "open internet" in refused.value.fields["url"]
    with pytest.raises(Invalid) as refused:
        feeds.add("/" + "a" * 1_000)
    assert "1,000 characters" in refused.value.fields["url"]
    with feeds.board.writing() as session:
        imports.remove(session, first, SYSTEM, feeds.now)
        imports.remove(session, first, SYSTEM, feeds.now)
        with pytest.raises(NotFound):
            imports.pause(session, first, SYSTEM, feeds.now)
    with feeds.board.reading() as session:
        said = session.execute(select(AuditEntry.action, AuditEntry.before, AuditEntry.after).order_by(AuditEntry.id))
        assert list(said) == [("source.add", None, "127.0.0.1"), ("source.remove", "127.0.0.1", None)]


def test_removing_a_feed_leaves_its_postings(feeds: Feeds) -> None:
    source_id = feeds.add()
    feeds.shows(*ABC)
    feeds.look()
    with feeds.board.writing() as session:
        imports.remove(session, source_id, SYSTEM, feeds.now)
    assert (feeds.states(), feeds.absences()) == ([S.PUBLISHED] * 3, [])


def test_a_look_costs_the_same_statements_however_many_postings_there_are(feeds: Feeds) -> None:
    def statements(number: int) -> int:
        for junk in (b"[]", b"[1]"):  # other bytes, the same postings
            feeds.shows(*(row(n) for n in range(number)), junk)
            with feeds.board.statements() as sent:
                feeds.look()
        assert feeds.source().outcome == f"Read: {number} the same, 1 refused."
        return len(sent)

    feeds.add()
    assert statements(60) == statements(240)
