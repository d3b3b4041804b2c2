"""A word that nobody says is set right by one that somebody does, alike on both engines."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.domain.postings.models import PostingStatus
from app.domain.search import queries
from app.domain.search.filters import Filters, parse
from app.domain.search.spelling import Correction, corrected, distance, neighbours, plain_word
from app.domain.search.text import tokens
from tests.factories import Board

KEY = b"a key for tests"


def ask(board: Board, q: str, *more: tuple[str, str]) -> Correction | None:
    with board.reading() as session:
        return corrected(session, parse([("q", q), *more], "EUR").filters, clock.now())


def right(board: Board, q: str, *more: tuple[str, str]) -> str | None:
    """What is looked for instead of `q`."""
    found = ask(board, q, *more)
    return found.applied.q if found and found.applied else None


@pytest.fixture
def ward(board: Board) -> Board:
    company = board.company("Northwind", owner="owner@example.org").id
    for title, body in (
        ("Registered Nurse", "Night shifts with a norse crew."), ("Head Nurse", "You lead."),
        ("Software Engineer", "Kubernetes and Python."), ("Инженер", "Работа в Москве"), ("مهندس برمجيات", "العمل"),
        ("Łódź Baker", "Bread in Zażółć."),
    ):
        board.posting(company, title=title, description_text=body)
    board.posting(company, title="Plumber", status=PostingStatus.CLOSED, description_text="Pipes")
    return board


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nrse", "nurse"), ("nures", "nurse"), ("nursse", "nurse"), ("nurze", "nurse"), ("NRSE", "nurse"),
        ("engneer", "engineer"), ("pythno", "python"), ("инжинер", "инженер"), ("роботаа", None),
        ("работаа", "работа"), ("مهندص", "مهندس"), ("bakerr", "baker"), ("zazolx", "zazolc"), ("zażłóć", "zazolc"),
        ("kubernttse", "kubernetes"), ("kubrenetse", None),
        ("reigstered", "registered"), ("registreed", "registered"), ("registrde", "registered"), ("norze", "norse"),
        ("registered nrse", "registered nurse"), ("nrse registered nrse", "nurse registered nurse"),
        ('"head nurse" engneer OR nrse', None), ("nrse OR nrze", None),
        ("nrse, (night)", "nurse (night)"),
    ],
)
def test_a_slip_is_set_right(ward: Board, typed: str, meant: str | None) -> None:
    assert right(ward, typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "nurse", "nurses", "nur", "nrs", '"nrse"', "-nrse", "-nrse nurse", "nrse*", "nrse2", "12345",
        "plumbr",
        "看護士", "nrse 看護士", '"no such phrase" nrse', "nurse engineer", "nurse engineer baker python", "c++x",
        "", '"', "OR",
        "nrse engneer bakre", "quokka wombat " * 9, "qqqqqqqq", "nrse nurs2",
    ],
)
def test_what_is_no_slip_is_left_alone(ward: Board, typed: str) -> None:
    assert ask(ward, typed) is None


def test_it_says_what_was_typed_and_how_to_insist(ward: Board) -> None:
    found = ask(ward, "Registered NRSE, nurse", ("workplace", "on_site"))
    assert found is not None and found.applied is not None and found.insisted is not None
    assert found.unknown == ("NRSE,",)
    assert found.applied.to_args() == [("q", "Registered nurse nurse"), ("workplace", "on_site")]
    assert found.insisted.q == 'Registered "NRSE," nurse'
    with ward.reading() as session:
        assert corrected(session, found.insisted, clock.now()) is None


def test_the_word_that_most_say_wins_and_the_alphabet_decides_between_equals(ward: Board) -> None:
    assert right(ward, "norse") is None  # it is said
    for title in ("Carter", "Carver", "Carder", "Carver"):
        ward.posting(title=title, description_text="")
    assert right(ward, "carxer") == "carver"
    ward.posting(title="Carter", description_text="")
    assert right(ward, "carxer") == "carter"
    for _ in range(3):
        ward.posting(title="Carder", description_text="carder carder", status=PostingStatus.CLOSED)
    assert right(ward, "carxer") == "carter"


def test_a_filter_changes_the_list_and_never_the_word(ward: Board) -> None:
    assert right(ward, "nrse", ("workplace", "remote"), ("salary_min", "1"), ("sort", "salary")) == "nurse"


def test_two_slips_are_the_readers_choice(ward: Board) -> None:
    ward.posting(title="Nurse Engineer", description_text="", category_id=ward.category("care", "Care"))
    found = ask(ward, "nrse engneer")
    assert found is not None and found.applied is None
    assert found.unknown == ("nrse", "engneer")
    assert [(link.filters.q, link.total) for link in found.links] == [
        ("nurse engineer", 3), ("norse engineer", 1),  # the others are in the field of Engineering
    ]
    found = ask(ward, "nrse -python", ("workplace", "on_site"))
    assert found is not None and found.applied is None
    assert [(link.filters.q, link.total) for link in found.links] == [("nurse -python", 3), ("norse -python", 1)]
    assert [link.filters.workplace for link in found.links] == [("on_site",)] * 2


def test_pages_of_a_list_set_right_go_on_where_they_were_left(board: Board) -> None:
    company = board.company("Northwind", owner="owner@example.org").id
    ids = [board.posting(company, title=f"Nurse {number}").id for number in range(7)]
    asked = Filters(q="nrse")
    with board.reading() as session:
        found = corrected(session, asked, clock.now())
        assert found is not None and found.applied is not None
        met: list[int] = []
        after: str | None = None
        while True:
            page = queries.search(session, asked, clock.now(), key=KEY, limit=3, after=after, instead=found.applied)
            met += [card.id for card in page.cards]
            after = page.next
            if after is None:
                break
            assert queries.search(session, asked, clock.now(), key=KEY, after=after).cards == ()
    assert met == ids[::-1]


@pytest.mark.parametrize(("typed", "most"), [("nrse", 4), ("nrse engneer", 40), ("a " * 99 + "nrse", 4)])
def test_it_asks_a_bounded_number_of_questions(ward: Board, typed: str, most: int) -> None:
    for number in range(60):
        ward.posting(title=f"n{'abcdefghijklmnopqrstuvwxyz'[number % 26]}rse engineer{number}", description_text="")
    totals: list[Filters] = []
    answer = queries.backend.total

    def count(session: Any, filters: Filters, now: Any) -> int:
        totals.append(filters)
        return answer(session, filters, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries.backend, "total", count)
        ask(ward, typed)
    assert 0 < len(totals) <= 2 + 24 + 9 + 6


def test_nothing_is_asked_about_words_too_many(ward: Board) -> None:
    with ward.statements() as statements:
        assert ask(ward, " ".join(f"nrse{letter}" for letter in "abcdefghi")) is None
    assert not [statement for statement in statements if "search_words" in statement]


WORD = st.text("abcdeinrsu", min_size=4, max_size=12)


@given(WORD, WORD)
def test_neighbours_are_all_words_a_slip_away_and_no_others(one: str, other: str) -> None:
    assert (other in neighbours(one)) == (distance(one, other) == 1)
    for near in sorted(neighbours(one))[::37]:
        assert distance(one, near) == 1
        assert one in neighbours(near)


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("nurse", "nurse", 0), ("nrse", "nurse", 1), ("nures", "nurse", 1), ("unres", "nurse", 2), ("ab", "ba", 1),
     ("kitten", "sitting", 3), ("ca", "abc", 3), ("", "abc", 3)],
)  # fmt: skip
def test_distance(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == distance(other, one) == slips


@given(st.text(max_size=60))
def test_any_text_may_be_asked_about(text: str) -> None:
    word = plain_word(text)
    assert word is None or (len(word) >= 4 and all(tokens(near) for near in neighbours(word)))
