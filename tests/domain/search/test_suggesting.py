"""What is offered while typing leads somewhere, and says how far."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock
from app.domain.postings.models import PostingStatus, Workplace
from app.domain.search import queries
from app.domain.search.filters import Filters, parse
from app.domain.search.skills import SKILLS, beginning
from app.domain.search.suggesting import MOST, suggest, suggest_places
from tests.factories import Board

PARIS = {
    "slug": "paris-fr", "city": "Paris", "region": "Île-de-France", "country": "FR", "lat": 48.85341, "lon": 2.3488,
}  # fmt: skip


def offered(board: Board, typed: str, *args: tuple[str, str], places: bool = False) -> list[tuple[str, str, str, int]]:
    with board.reading() as session:
        offer = suggest_places if places else suggest
        found = offer(session, typed, parse(args, "EUR").filters, clock.now())
        for one in found:
            assert one.total == queries.total(session, one.filters, clock.now()) > 0
            assert parse(one.filters.to_args(), "EUR").filters == one.filters
    return [(one.kind, one.label, one.filters.to_query(), one.total) for one in found]


@pytest.fixture
def town(board: Board) -> Board:
    care = board.category("care", "Care")
    one = board.company("Nordwind Energie", owner="one@example.org").id
    other = board.company("North Star", owner="other@example.org").id
    board.company("Northern Nothing", owner="nobody@example.org")
    for title in ("Registered Nurse (m/w/d)", "REGISTERED NURSE", "Nurse, ICU", "Night Nurse"):
        board.posting(one, title=title, category_id=care, description_text="Python is not needed.")
    board.posting(other, title="Numerical Analyst", category_id=care, place=PARIS, description_text="Excel and Python.")
    board.posting(other, title="Nun", category_id=care, status=PostingStatus.CLOSED, description_text="Gone.")
    board.posting(other, title="Remote Nurse", category_id=care, workplace=Workplace.REMOTE, description_text="")
    return board


def test_each_kind_is_offered_with_how_many_there_are(town: Board) -> None:
    assert offered(town, "nu") == [
        ("title", "Nurse", "q=Nurse", 5), ("title", "Numerical Analyst", "q=Numerical+Analyst", 1),
        ("skill", "Nursing", "q=Nursing", 5),
    ]  # "Nun" is closed
    assert offered(town, "nor") == [
        ("company", "Nordwind Energie", "company=nordwind-energie", 4),
        ("company", "North Star", "company=north-star", 2),
    ]  # the third has no posting
    assert ("skill", "Python", "q=Python", 5) in offered(town, "pyt")
    assert ("place", "Paris, France", "place=paris-fr", 1) in offered(town, "pari")
    assert offered(town, "PARÍS") == offered(town, "paris")


def test_titles_come_the_commonest_first_and_once(town: Board) -> None:
    assert offered(town, "reg")[0] == ("title", "Registered Nurse", "q=Registered+Nurse", 2)
    assert [label for kind, label, *_ in offered(town, "registered n") if kind == "title"] == ["Registered Nurse"]


def test_the_last_word_is_completed_as_titles_have_it(town: Board) -> None:
    assert ("title", "Analyst", "q=Analyst", 1) in offered(town, "anal")
    assert ("title", "Python nurse", "q=Python+nurse", 4) in offered(town, "python nur")


def test_what_is_filtered_stays_so_and_is_counted_with(town: Board) -> None:
    assert offered(town, "nurse", ("workplace", "remote"), ("q", "whatever")) == [
        ("title", "Nurse", "q=Nurse&workplace=remote", 1)
    ]
    assert offered(town, "nor", ("workplace", "remote")) == [
        ("company", "North Star", "workplace=remote&company=north-star", 1)
    ]


def test_the_box_for_places_is_offered_places(town: Board) -> None:
    paris = ("place", "Paris, France", "q=analyst&place=paris-fr", 1)
    assert paris in offered(town, "par", ("q", "analyst"), ("place", "berlin-de"), places=True)
    assert offered(town, "germ", places=True) == [("place", "Germany", "country=DE", 5)]
    assert offered(town, "x", places=True) == offered(town, "", places=True) == []


@pytest.mark.parametrize(
    "typed", ["", " ", "n", "-nurse", '"nurse', "*", "x" * 81, "qzx", "nurse -night", "\u202e", "🙂"]
)
def test_what_is_no_beginning_is_offered_nothing(town: Board, typed: str) -> None:
    assert offered(town, typed) == []


def test_no_more_than_eight_and_few_questions(town: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = town.company("Serious Search", owner="s@example.org").id
    for word in ("Server", "Service", "Senior", "Security", "Secretary", "Seller", "Seamstress"):
        town.posting(owner, title=f"{word} person", description_text="SEO SQL SEM Selenium Security guard")
    asked: list[Filters] = []
    answer = queries.backend.total

    def count(session: Any, filters: Filters, now: Any) -> int:
        asked.append(filters)
        return answer(session, filters, now)

    monkeypatch.setattr(queries.backend, "total", count)
    with town.reading() as session:
        found = suggest(session, "se", Filters(), clock.now())
        assert len(found) <= MOST
        assert max(Counter(one.kind for one in found).values()) <= 3
        assert 0 < len(asked) <= 18
        assert suggest(session, "nu", Filters(), clock.now() + timedelta(days=400)) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.one_of(st.text(max_size=90), st.sampled_from(["%", "_", "\\", "nur%", "NULL", "';--", "\U0010ffff"])))
def test_anything_may_be_typed(town: Board, typed: str) -> None:
    typed = typed.replace("\0", "")  # refused at the door
    offered(town, typed)
    offered(town, typed, places=True)


def test_skills_are_each_named_once() -> None:
    assert len(SKILLS) == len({skill.casefold() for skill in SKILLS}) > 150
    assert all(SKILLS) and beginning("pyt") == ["Python", "PyTorch"]
    assert beginning("lic") == ["Forklift licence", "Driving licence"]
    assert beginning("c++") == ["C++"]
