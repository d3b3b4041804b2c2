"""When a posting has left its feed, and when a look is not to be believed."""

import pytest

from app.domain.imports.absence import Judgement, judge


def test_what_is_missing_once_is_noted_twice_is_gone_and_what_is_back_begins_anew() -> None:
    held = {1: 0, 2: 0, 3: 1, 4: 1}
    assert judge(held, {1, 4, 99}, 0, 0) == Judgement(missing=[2], gone=[3], back=[4])
    assert judge(held, {1, 2, 3, 4}, 0, 0) == Judgement(back=[3, 4])
    assert judge({}, set(), 0, 0) == Judgement()


@pytest.mark.parametrize(("held", "there", "believed"), [
    (1, 0, False), (2, 0, False), (3, 0, False), (100, 0, False),  # it came empty
    (4, 1, False), (5, 2, False), (10, 4, False), (100, 49, False),  # more than half at once
    (3, 1, True), (4, 2, True), (10, 5, True), (100, 50, True), (2, 1, True),
])  # fmt: skip
def test_how_much_may_be_missing_at_once(held: int, there: int, believed: bool) -> None:
    known = dict.fromkeys(range(held), 0)
    judgement = judge(known, set(range(there)), 0, 0)
    assert bool(judgement.doubt) is not believed
    assert judgement.missing == (list(range(there, held)) if believed else [])
    assert not judgement.gone
    told = judge(known, set(range(there)), 0, 0, believed=True)
    assert (told.missing, told.doubt) == (list(range(there, held)), "")


def test_a_doubtful_look_leaves_absences_as_they_are_but_hears_who_is_back() -> None:
    held = {1: 1, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0}
    judgement = judge(held, {1}, 0, 0)
    assert judgement.doubt and (judgement.missing, judgement.gone, judgement.back) == ([], [], [1])


def test_what_was_believed_to_be_missing_goes_at_the_next_empty_look() -> None:
    assert judge({1: 1, 2: 1}, set(), 0, 0) == Judgement(gone=[1, 2])


def test_others_in_the_place_of_all_few_are_believed() -> None:
    assert judge({1: 0, 2: 0}, {3}, 0, 0) == Judgement(missing=[1, 2])


def test_rows_that_tell_no_id_may_be_those_that_are_missing() -> None:
    held = {1: 0, 2: 1, 3: 0, 4: 0}
    assert judge(held, {1, 3, 4}, 1, 0).doubt
    assert judge(held, {1, 3, 4}, 1, 1) == Judgement(gone=[2])
    assert judge(held, {1, 2, 3, 4}, 7, 0) == Judgement(back=[2])
    assert judge(held, {1, 3, 4}, 1, 0, believed=True) == Judgement(gone=[2])
