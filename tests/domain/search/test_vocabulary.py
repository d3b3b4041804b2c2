"""What postings are written in is known once they are committed, alike on both engines."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import transaction
from app.domain.search import vocabulary
from app.domain.search.models import SearchTitle, SearchWord
from app.domain.search.vocabulary import Heading, heading
from tests.domain.search.market import Market
from tests.factories import Board


def words(session: Session) -> dict[str, int]:
    return dict(session.execute(select(SearchWord.word, SearchWord.titles)).all())


def titles(session: Session) -> dict[str, Any]:
    rows = session.execute(select(SearchTitle.key, SearchTitle.seen, SearchTitle.label))
    return {key: (seen, label) for key, seen, label in rows}


def test_every_text_of_a_posting_is_known_as_it_is_written(board: Board) -> None:
    company = board.company("Łódź Zażółć", owner="owner@example.org").id
    field = board.category("care", "Carefields")
    body = f"Nursing is our calling; C++ or node.js, 东京 24 ab {'x' * 40} {'y' * 41} front-end हिन्दी"
    board.posting(company, title="Nurses’ Aide", description_text=body, category_id=field)
    with board.reading() as session:
        known = words(session)
    assert {"nurses": 1, "aide": 1, "lodz": 0, "zazolc": 0, "berlin": 0, "carefields": 0, "nursing": 0,
            "calling": 0, "node": 0, "front": 0, "end": 0, "x" * 40: 0, "हिन्दी": 0}.items() <= known.items()
    assert not known.keys() & {"nurs", "24", "ab", "东", "京", "y" * 41, "cplusplus", "frontend"}


def test_a_word_is_counted_once_for_each_posting_whose_title_has_it(board: Board) -> None:
    for title in ("Night nurse", "Nurse nurse (nights)", "Baker"):
        board.posting(title=title, description_text="No baker is a nurse.")
    with board.reading() as session:
        known = words(session)
        assert (known["nurse"], known["baker"], known["night"]) == (2, 1, 1)
        assert titles(session) == {"night nurse": (1, "Night nurse"), "nurse nurse": (1, "Nurse nurse"),
                                   "baker": (1, "Baker")}


def test_what_is_undone_is_not_known(board: Board) -> None:
    with pytest.raises(ZeroDivisionError), board.writing() as session:
        vocabulary.note(session, 1, "Quokka keeper", ["quokka"])
        raise ZeroDivisionError
    board.posting(title="Baker")
    with board.reading() as session:
        assert "quokka" not in words(session)
        assert "quokka keeper" not in titles(session)


def test_both_engines_know_what_plain_python_finds(board: Board) -> None:
    market = Market(seed=3, size=120)
    with board.writing() as session:
        market.store(session)
    expected = {word for fact in market.facts for line in market._lines(fact) for piece in line for word in piece.words}
    in_titles = [{word for piece in market._lines(fact)[0] for word in piece.words} for fact in market.facts]
    with board.reading() as session:
        known = words(session)
    assert known.keys() == expected
    assert known == {word: sum(word in title for title in in_titles) for word in expected}
    assert len(known) > 50


def test_crowds_that_write_the_same_words_never_stop_each_other(board: Board) -> None:
    lists = [[f"word{n:03}" for n in range(at, at + 300)] for at in range(0, 240, 30)]

    def say(number: int) -> None:
        with board.app.app_context(), transaction() as session:
            vocabulary.note(session, number, f"Title {number % 3}", reversed(lists[number % len(lists)]))

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(say, range(48)))
    with board.reading() as session:
        assert {word for some in lists for word in some} <= words(session).keys()
        assert sum(seen for seen, _ in titles(session).values()) == 48


@pytest.mark.parametrize(
    ("title", "offered"),
    [
        ("Senior Software Engineer (m/w/d)", ("senior software engineer", "Senior Software Engineer")),
        ("REGISTERED NURSE - Nights", ("registered nurse", "Registered Nurse")),
        ("Nurse, ICU", ("nurse", "Nurse")),
        ("C++ Developer | Łódź", ("c++ developer", "C++ Developer")),
        ("  Front-end   Dev – Remote", ("front-end dev", "Front-end Dev")),
        ("IT Support: London", ("it support", "IT Support")), ("QA", None), ("2024", None), ("***", None),
        ('The "best" nurse', None), ("one two three four five six seven", None), ("x" * 61, None),
        ("Nurse OR", None), ("-not a nurse", ("not a nurse", "not a nurse")),
        ("東京の看護師", ("東 京 の 看 護 師", "東京の看護師")),
    ],
)  # fmt: skip
def test_the_part_of_a_title_that_others_share(title: str, offered: tuple[str, str] | None) -> None:
    assert heading(title) == (Heading(*offered) if offered else None)
