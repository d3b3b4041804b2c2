"""The index answers what plain SQL answers, however the board has changed since it was built."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session

from app.core.db import db, reading, transaction
from app.domain.postings.gazetteer import by_slug
from app.domain.postings.models import Place, PlaceKind, Posting, PostingCountry, PostingPlace
from app.domain.search import changes
from app.domain.search.filters import Filters
from app.domain.search.index import backend as backends
from app.domain.search.index import board as boards
from app.domain.search.index import counting, sets
from app.domain.search.index.backend import IndexBackend
from app.domain.search.index.saving import load
from app.domain.search.models import SearchChange
from app.domain.search.plain.backend import PlainBackend
from tests.domain.search.market import NOW, Market
from tests.domain.search.pairs import Both, Silent, changed, no_reading_of_all, shake
from tests.domain.search.test_listing import asked


def test_random_filters(both: Both) -> None:
    both.agree_on_many(60)


def test_many_hits_are_counted_by_whole_sets(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "FEW", 5)
    both.agree_on_many(25)


def test_a_currency_nobody_pays_in_is_not_that_of_those_who_state_no_pay(both: Both) -> None:
    assert both.agree(asked(("sort", "salary"), ("currency", "JPY"))) == 0
    assert both.agree(asked(("salary_min", "1"), ("currency", "JPY"))) == 0


def test_changes_are_followed(both: Both) -> None:
    both.agree(Filters())
    for _ in range(25):
        with transaction() as session:
            for _ in range(both.chance.randint(1, 4)):
                shake(session, both)
        both.agree_on_many(4)


def test_order_is_kept_when_many_came_late(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "_FEW", 3)
    both.agree_on_many(5)
    for _ in range(12):
        with transaction() as session:
            for _ in range(3):
                shake(session, both)
        both.agree_on_many(3)


def test_time_alone_begins_and_ends_postings(both: Both) -> None:
    for hours in (0, 0.1, 5, 6, 19, 20, 24, 24 * 20, 24 * 45):
        both.agree_on_many(6, NOW + timedelta(hours=hours))
    assert both.agree(Filters(), NOW + timedelta(days=99)) == 0


def test_every_instant_at_which_one_begins_or_ends(both: Both) -> None:
    later = NOW + timedelta(hours=30)
    instants = sorted({at for f in both.market.facts for at in (f.published_at, f.expires_at) if NOW < at < later})
    assert len(instants) > 10
    for instant in instants[:20]:
        both.agree(Filters(), instant - timedelta(microseconds=1))
        both.agree(Filters(), instant)


def test_kept_sets_are_dropped_when_there_are_too_many(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "MOST_BYTES", 3_000)
    both.agree_on_many(25)


def test_a_new_city_is_near_others(both: Both) -> None:
    near = asked(("place", "berlin-de"), ("radius_km", "100"))
    before = both.agree(near)
    place = by_slug("cottbus-de")
    with transaction() as session:
        session.add(Place(
            id=99, slug=place.slug, kind=PlaceKind.CITY, city=place.city, region=place.region, country="DE",
            lat=place.lat, lon=place.lon,
        ))  # fmt: skip
        session.flush()
        fact = next(f for f in both.market.listed(Filters()) if not f.cities)
        session.add(PostingPlace(posting_id=fact.id, place_id=99))
        changed(session, fact.id)
    assert both.agree(asked(("place", "berlin-de"), ("radius_km", "150"))) > 0
    assert both.agree(near) in (before, before + 1)


def test_places_are_known_in_whatever_order_they_were_committed(both: Both) -> None:
    """On PostgreSQL the number of a place may be given to one transaction before that of another, and seen after it."""
    before = both.agree(asked(("place", "cottbus-de"), ("radius_km", "30")))
    fact = next(f for f in both.market.listed(Filters()) if not f.cities)
    for id_, slug in ((99, "nairobi-ke"), (98, "cottbus-de")):
        place = by_slug(slug)
        with transaction() as session:
            session.add(Place(
                id=id_, slug=slug, kind=PlaceKind.CITY, city=place.city, region=place.region, country=place.country,
                lat=place.lat, lon=place.lon,
            ))  # fmt: skip
            session.flush()
            session.add(PostingPlace(posting_id=fact.id, place_id=id_))
            changed(session, fact.id)
        both.agree(Filters())
    assert both.agree(asked(("place", "cottbus-de"), ("radius_km", "30"))) == before + 1
    both.agree_on_many(5)


def test_a_posting_in_very_many_places(both: Both) -> None:
    both.agree(Filters())
    fact = next(f for f in both.market.listed(Filters()) if f.cities)
    with transaction() as session:
        for number in range(100, 185):
            session.add(Place(
                id=number, slug=f"town-{number}", kind=PlaceKind.CITY, city=f"Town {number}", country="DE",
                lat=52.0 + number / 100, lon=13.0,
            ))  # fmt: skip
            session.flush()
            session.add(PostingPlace(posting_id=fact.id, place_id=number))
        changed(session, fact.id)
    both.agree_on_many(10)
    again = Both(both.market, both.plain, IndexBackend(both.plain), both.chance)
    again.agree_on_many(10)


def test_a_board_without_postings(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        empty = Both(Market(seed=5, size=0), Silent(), IndexBackend(PlainBackend()), random.Random(3))
        empty.index.warm(reading(), NOW, tmp_path / "index.npz", "EUR")
        empty.agree_on_many(5)
        with transaction() as session:
            Market(seed=5, size=30).store(session)
            changed(session, *range(1, 31))
        assert empty.agree(Filters()) > 0
        with transaction() as session:
            for model in (PostingPlace, PostingCountry, Posting):
                session.execute(delete(model))
            changed(session, *range(1, 31))
        assert empty.agree(Filters()) == 0
        empty.agree_on_many(5)


def test_where_nothing_can_be_written_the_board_is_built(both: Both, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    both.index.warm(reading(), NOW, blocked / "search" / "index.npz", "EUR")
    both.agree_on_many(3)


def test_more_companies_than_are_remembered(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "_MOST_NAMED", 2)
    both.agree_on_many(25)


def test_a_new_board_that_others_have_led_on_is_not_taken(
    app: Flask, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread may follow it to a later moment before the one that built it uses it."""
    built, session, fact = both.index._built, reading(), both.market.listed(Filters())[0]

    def meanwhile() -> None:
        with app.app_context():
            with transaction() as writing:
                writing.execute(update(Posting).where(Posting.id == fact.id).values(frozen_at=NOW))
                changed(writing, fact.id)
            both.index.total(reading(), Filters(), NOW)

    def led_on(*args: Any) -> Any:
        board = built(*args)
        with ThreadPoolExecutor(1) as other:
            other.submit(meanwhile).result()
        return board

    total = PlainBackend().total(session, Filters(), NOW)
    with transaction() as first:
        changed(first, 1)
    with monkeypatch.context() as patch:
        patch.setattr(both.index, "_built", led_on)
        assert both.index.total(session, Filters(), NOW) == total
    both.plain.asked = 0
    assert both.agree(Filters()) == total - 1


def test_what_is_not_committed_is_seen_by_who_writes_it_alone(both: Both) -> None:
    total = both.agree(Filters())
    with transaction() as session:
        fact = both.market.listed(Filters())[0]
        session.execute(update(Posting).where(Posting.id == fact.id).values(frozen_at=NOW))
        changed(session, fact.id)
        assert both.index.total(session, Filters(), NOW) == total - 1
        assert both.plain.asked == 1
        session.rollback()
    both.plain.asked = 0
    assert both.agree(Filters()) == total


def test_an_older_moment_is_left_to_plain_sql(both: Both) -> None:
    both.agree(Filters())
    session = reading()
    assert both.index.total(session, Filters(), NOW - timedelta(days=2)) == PlainBackend().total(
        session, Filters(), NOW - timedelta(days=2)
    )
    assert both.plain.asked == 1


def test_who_wants_one_moment_sees_what_others_have_followed(app: Flask, both: Both) -> None:
    total = both.agree(Filters())
    session = reading()
    session.rollback()
    assert both.index.total(session, Filters(), NOW) == total  # its transaction has begun

    def end_one() -> int:
        with app.app_context():
            with transaction() as writing:
                fact = both.market.listed(Filters())[0]
                writing.execute(update(Posting).where(Posting.id == fact.id).values(frozen_at=NOW))
                changed(writing, fact.id)
            return both.index.total(reading(), Filters(), NOW)

    with ThreadPoolExecutor(1) as others:
        assert others.submit(end_one).result() == total - 1
        with both.index.steady(session):
            assert both.index.total(session, Filters(), NOW) == total - 1
            later = others.submit(end_one)
            assert len(both.index.page(session, Filters(), NOW, 1000, None)) == total - 1
        later.result()
    assert both.plain.asked == 0


def test_a_log_begun_anew_or_cut_makes_the_index_be_built_again(both: Both) -> None:
    both.agree(Filters())
    with transaction() as session:
        session.execute(update(Posting).where(Posting.id < 100).values(frozen_at=NOW))
        changes.begin_anew(session)
    both.agree_on_many(3)
    with transaction() as session:
        shake(session, both)
    with transaction() as session:
        last = changes.stand(session).version
        session.execute(delete(SearchChange).where(SearchChange.version < last))
        shake(session, both)
    both.agree_on_many(3)


def test_versions_of_one_transaction_share_a_mark_and_prune_keeps_the_last(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 2)
    for ids in ((1, 2, 3), (4,)):
        with transaction() as session:
            changed(session, *ids)
    rows = reading().execute(select(SearchChange.posting_id, SearchChange.mark).order_by(SearchChange.version)).all()
    assert [row.posting_id for row in rows][-4:] == [1, 2, 3, 4]
    assert len({row.mark for row in rows[-4:-1]}) == 1 != len({row.mark for row in rows[-4:]})
    with transaction() as session:
        assert changes.prune(session) == len(rows) - 2
        assert changes.prune(session) == 0
        assert changes.stand(session).mark == rows[-1].mark
    both.agree_on_many(2)


def test_an_undone_change_leaves_no_trace(both: Both) -> None:
    both.agree(Filters())
    stand = changes.stand(reading())
    with pytest.raises(RuntimeError), transaction() as session:
        changed(session, 1)
        raise RuntimeError
    with transaction():
        pass
    assert changes.stand(reading()) == stand


def test_a_page_with_facets_asks_few_statements(both: Both) -> None:
    filters = asked(("q", "nurse"), ("type", "full_time"), ("country", "DE"))
    both.agree(filters)
    session, statements = reading(), []
    session.rollback()

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        both.index.page(session, filters, NOW, 21, None)
        both.index.facets(session, filters, NOW, "EUR", None)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len([one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]) <= 3, statements


def test_a_page_and_its_facets_ask_once_and_nothing_of_it_is_held(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Filters] = []

    class Noted(backends.Asked):
        def __init__(self, board: boards.Board, session: Session, filters: Filters, now: datetime) -> None:
            made.append(filters)
            super().__init__(board, session, filters, now)

    monkeypatch.setattr(backends, "Asked", Noted)
    session, filters = reading(), asked(("q", "nurse"), ("type", "full_time"))
    with both.index.steady(session):
        both.index.page(session, filters, NOW, 21, None)
        both.index.facets(session, filters, NOW, "EUR", None)
        assert both.index.total(session, Filters(), NOW) > 0
    assert made == [filters, Filters()]
    assert both.index._shelves[db.engine].asked is None
    assert both.index.total(session, filters, NOW) == both.index.total(session, filters, NOW)
    assert made == [filters, Filters(), filters, filters]


def test_a_saved_board_is_as_good_as_one_built(both: Both, tmp_path: Path) -> None:
    file = tmp_path / "search" / "index.npz"
    with transaction() as session:
        shake(session, both)
    both.agree_on_many(3)
    both.index.warm(reading(), NOW, file, "EUR")
    assert file.exists()
    with transaction() as session:
        for _ in range(5):
            shake(session, both)
    second = Both(both.market, Silent(), IndexBackend(both.plain), both.chance)
    with no_reading_of_all():
        second.index.warm(reading(), NOW, file, "EUR")
    second.agree_on_many(20)


def test_what_went_and_came_back_is_saved_as_it_is_now(both: Both, tmp_path: Path) -> None:
    file, listed = tmp_path / "index.npz", both.market.listed(Filters())
    ids = [fact.id for fact in listed if fact.countries and fact.cities][:20]
    with transaction() as session:
        changed(session, 1)
    both.agree(Filters())
    for frozen_at in (NOW, None):
        with transaction() as session:
            session.execute(update(Posting).where(Posting.id.in_(ids)).values(frozen_at=frozen_at))
            session.execute(delete(PostingPlace).where(PostingPlace.posting_id.in_(ids[:5])))
            changed(session, *ids)
        both.agree(Filters())
    both.index.save(reading(), file, NOW)
    second = Both(both.market, Silent(), IndexBackend(both.plain), both.chance)
    with no_reading_of_all():
        second.index.warm(reading(), NOW, file, "EUR")
    second.agree_on_many(15)


@pytest.mark.parametrize("hurt", ["missing", "empty", "cut", "text", "other", "pickle"])
def test_a_file_that_is_no_board_is_no_harm(both: Both, tmp_path: Path, hurt: str) -> None:
    file = tmp_path / "index.npz"
    with transaction() as session:
        changed(session, 1)
    both.index.warm(reading(), NOW, file, "EUR")
    whole = file.read_bytes()
    if hurt == "missing":
        file.unlink()
    elif hurt == "other":
        np.savez(file.open("wb"), format="other")
    elif hurt == "pickle":
        np.savez(file.open("wb"), format=np.array([{}], dtype=object))
    else:
        file.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"not a board"}[hurt])
    again = Both(both.market, Silent(), IndexBackend(both.plain), both.chance)
    again.index.warm(reading(), NOW, file, "EUR")
    again.agree_on_many(3)
    assert load(file) is not None


def test_a_file_with_any_byte_gone_wrong_is_no_harm(both: Both, tmp_path: Path) -> None:
    file, hurt = tmp_path / "index.npz", tmp_path / "hurt.npz"
    with transaction() as session:
        changed(session, 1)
    both.index.warm(reading(), NOW, file, "EUR")
    whole, good = file.read_bytes(), load(file)
    directory = whole.rindex(b"PK\x01\x02", 0, whole.index(b"PK\x01\x02") + 4)
    places = [*range(40), *both.chance.sample(range(len(whole)), 100), *range(directory, directory + 80)]
    for place in places:
        hurt.write_bytes(whole[:place] + bytes([whole[place] ^ both.chance.randint(1, 255)]) + whole[place + 1 :])
        found = load(hurt)
        if found is not None:  # what says when it was written, perhaps
            assert good is not None and (found.stand, found.read_at) == (good.stand, good.read_at)
            assert all((found.columns[name] == good.columns[name]).all() for name in ("id", "published", "pay"))


def test_what_was_half_written_does_not_stay(
    both: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(file: Any, **arrays: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    both.agree(Filters())
    killed, writing = tmp_path / "killed.new", tmp_path / "writing.new"
    for left in (killed, writing):
        left.write_bytes(b"half")
    os.utime(killed, (0, 0))
    monkeypatch.setattr(np, "savez", full)
    both.index.save(reading(), tmp_path / "index.npz", NOW)
    assert [one.name for one in tmp_path.iterdir()] == ["writing.new"]
    assert "No space left" in caplog.text


def test_a_board_of_another_database_is_not_taken(both: Both, tmp_path: Path) -> None:
    file = tmp_path / "index.npz"
    with transaction() as session:
        changed(session, 1)
    both.index.warm(reading(), NOW, file, "EUR")
    with transaction() as session:
        session.execute(update(SearchChange).values(mark="of another"))
        session.execute(update(Posting).where(Posting.id < 100).values(frozen_at=NOW))
    again = Both(both.market, Silent(), IndexBackend(both.plain), both.chance)
    again.index.warm(reading(), NOW, file, "EUR")
    again.agree_on_many(3)


def test_what_is_remembered_ends_with_the_next_change_of_time_or_board(both: Both) -> None:
    """Every other second of some minutes in which postings begin, end, and grow out of an age."""
    with transaction() as session:
        for number, fact in enumerate(both.market.listed(Filters())[:40]):
            session.execute(update(Posting).where(Posting.id == fact.id).values(
                published_at=NOW - timedelta(days=both.chance.choice([1, 3, 7]), seconds=-20 * number),
                expires_at=NOW + timedelta(seconds=both.chance.randint(1, 240)),
            ))  # fmt: skip
            changed(session, fact.id)
    young, session, oracle = asked(("posted_within", "2")), reading(), PlainBackend()
    before, same = None, 0
    for seconds in range(0, 240, 2):
        for filters in (Filters(), young):
            now = NOW + timedelta(seconds=seconds)
            found = both.index.facets(session, filters, now, "EUR", None)
            assert found == oracle.facets(session, filters, now, "EUR", None), seconds
        same += found is before
        before = found
    assert same > 20


def test_what_seekers_type_is_remembered_for_some_only(both: Both) -> None:
    both.agree(Filters())
    board = both.index._shelves[db.engine].board
    for least in range(1, 3 * sets.MOST_ROWS):
        both.index.facets(reading(), asked(("salary_min", str(least)), ("currency", "EUR")), NOW, "EUR", None)
    assert 0 < len(board.sets._rows) <= sets.MOST_ROWS


def test_rows_of_sets_hold_nothing_that_was_let_go(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    both.agree(Filters())
    board = both.index._shelves[db.engine].board
    assert board.sets._rows
    monkeypatch.setattr(sets, "MOST_BYTES", 1)
    board.set(reading(), sets.Fact("company", 1))
    assert not board.sets._rows
