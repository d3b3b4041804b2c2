"""What the index knows of words beforehand, what it keeps of them, and what it does not ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.core.db import db, reading, transaction
from app.core.errors import Invalid
from app.domain.postings.models import Posting
from app.domain.search import queries
from app.domain.search.filters import Filters, parse
from app.domain.search.grammar import Phrase
from app.domain.search.grammar import parse as asks
from app.domain.search.grammar import read as read_words
from app.domain.search.index import common, dear, sets
from app.domain.search.index import reading as reading_
from app.domain.search.index.backend import IndexBackend
from tests.domain.search.market import NOW, QUERIES
from tests.domain.search.pairs import Both, Silent, changed, no_reading_of_all, shake
from tests.domain.search.test_listing import asked


@contextmanager
def asking() -> Iterator[list[bool]]:
    """Each time the engine is asked for a word's postings: whether for all, and not for some that changed."""
    found: list[bool] = []

    def ids(session: Session, id_: object, which: object, among: object = None) -> object:
        found.append(among is None)
        return read(session, id_, which, among)

    read = sets.ids
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "ids", ids)
        yield found


def begin_the_log() -> None:
    with transaction() as session:
        changed(session, 1)


def again(both: Both, file: Path) -> Both:
    """Another process that reads the file."""
    second = Both(both.market, Silent(), IndexBackend(both.plain), both.chance)
    with no_reading_of_all():
        second.index.warm(reading(), NOW, file, "EUR")
    return second


def test_words_are_saved_with_what_they_have_not_read_yet(both: Both, tmp_path: Path) -> None:
    file = tmp_path / "index.npz"
    begin_the_log()
    for query in QUERIES:
        both.agree(asked(("q", query)))
    with transaction() as session:
        for _ in range(12):
            shake(session, both)
    both.agree(Filters())  # follows the log, and asks for no word
    both.index.save(reading(), file, NOW)
    with transaction() as session:
        for _ in range(6):
            shake(session, both)
    second = again(both, file)
    with asking() as engine:
        for query in QUERIES:
            second.agree(asked(("q", query)))
    assert engine and not any(engine), "only what changed was asked for"
    third_file = tmp_path / "again.npz"
    second.index.save(reading(), third_file, NOW)
    with asking() as engine:
        again(second, third_file).agree(asked(("q", "nurse")))
    assert not engine


def test_the_commonest_words_are_known_before_anybody_asks(
    both: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "COMMON", 25)
    monkeypatch.setattr(common, "COMMON_PHRASE", 4)
    nurse = asked(("q", "nurse"), ("sort", "newest"))
    begin_the_log()
    with asking() as engine:
        both.index.warm(reading(), NOW, tmp_path / "index.npz", "EUR")
    assert all(engine)
    board = both.index._shelves[db.engine].board
    known = [one for one in board.sets._kept if isinstance(one, sets.Says)]
    pairs = [one for one in known if len(one.term.tokens) > 1]
    live, session = board.live(NOW), reading()
    assert min(len(board.set(session, one) & live) for one in known if one not in pairs) >= 20
    assert len(pairs) > 3
    for word in ("engineer", "shift", "data", "c++", "front-end", "the"):
        says = sets.Says(next(read_words(word)).term if word != "the" else Phrase(("the",)))
        assert board.sets.has(says), word
    with asking() as engine:
        assert both.agree(nurse) >= 25
        again(both, tmp_path / "index.npz").agree(nurse)
    assert not engine


def test_a_small_board_asks_for_words_when_somebody_does(both: Both, tmp_path: Path) -> None:
    with asking() as engine:
        both.index.warm(reading(), NOW, tmp_path / "index.npz", "EUR")
    assert not engine


def test_a_set_of_many_is_mended_for_longer(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_the_log()
    monkeypatch.setattr(sets, "_MENDED", 4)
    monkeypatch.setattr(sets, "_MENDED_FOR_EACH", 10)
    many, few = (asked(("q", query), ("sort", "newest")) for query in ("nurse", '"night shift"'))
    assert both.agree(many) > 60 > 40 > both.agree(few) > 0
    with transaction() as session:
        for fact in both.market.listed(Filters())[:6]:
            session.execute(update(Posting).where(Posting.id == fact.id).values(frozen_at=NOW))
            changed(session, fact.id)
    for filters, anew in ((many, False), (few, True)):
        with asking() as engine:
            both.agree(filters)
        assert any(engine) is anew


def test_phrases_of_words_that_too_many_have_are_not_looked_for(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    index, session, phrase = both.index, reading(), asks('"night nurse" engineer')
    assert not index.too_broad(session, phrase, NOW)
    both.agree(Filters())
    shared = len([fact for fact in both.market.facts if {"night", "nurse"} <= said(fact.body)])
    monkeypatch.setattr(dear, "_FEW", 0)
    monkeypatch.setattr(dear, "MOST_READ", dict.fromkeys(dear.MOST_READ, (shared // 2, 1000)))
    for broad in (phrase, asks('-"night nurse"'), asks('cobol OR "night nurse"'), asks("night-nurse")):
        assert index.too_broad(session, broad, NOW)
    for narrow in ("night nurse", '"night zxqv"', "night*"):
        assert not index.too_broad(session, asks(narrow), NOW)
    both.agree(asked(("q", '"night nurse"')))
    assert not index.too_broad(reading(), phrase, NOW), "it is known now"
    monkeypatch.setattr(queries, "backend", index)
    known = queries.known(reading(), parse([("q", '"shift night"'), ("type", "contract")], "EUR"), NOW)
    assert (known.filters, known.moved) == (asked(("type", "contract")), False)
    assert "side by side" in known.problems["q"]


def test_beginnings_of_words_that_too_many_have_are_not_looked_for(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    index, begun, number = both.index, asks("nur* OR eng*"), 0
    for word in ("nurse", "engineers"):
        number += both.agree(asked(("q", word)))
    monkeypatch.setattr(dear, "MOST_BEGUN", (number - 1, 1000))
    assert index.too_broad(reading(), begun, NOW)
    assert not index.too_broad(reading(), asks("nur*"), NOW)
    assert not index.too_broad(reading(), asks("nurse engineer"), NOW)
    both.agree(asked(("q", "eng*")))
    assert not index.too_broad(reading(), begun, NOW), "one of them is known now"


def said(text: str) -> set[str]:
    return set(text.casefold().split())


def test_words_that_take_too_long_are_refused_with_a_sentence(both: Both) -> None:
    session = reading()
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite stops nothing that takes long")
    session.execute(text("SET LOCAL statement_timeout = 50"))
    with pytest.raises(Invalid, match="too long"):
        reading_.ids(session, Posting.id, func.pg_sleep(1).is_not(None))
    assert session.scalar(select(func.count()).select_from(Posting)) == len(both.market.facts)
    reading_.take_time(session)
    assert session.scalar(text("SELECT current_setting('statement_timeout')")) == "0"
