"""The table of an application's life, as the product states it."""

from datetime import timedelta

import pytest

from app.domain.applications.models import Stage as S
from app.domain.applications.transitions import OPEN, REOPENABLE, Mover, legal

EMPLOYER = {
    S.SUBMITTED: {S.IN_REVIEW, S.INTERVIEW, S.REJECTED, S.SPAM},
    S.IN_REVIEW: {S.INTERVIEW, S.REJECTED, S.SPAM},
    S.INTERVIEW: {S.OFFER, S.REJECTED, S.SPAM},
    S.OFFER: {S.HIRED, S.REJECTED, S.SPAM},
    S.HIRED: {S.SPAM}, S.WITHDRAWN: {S.SPAM}, S.DECLINED: {S.SPAM}, S.SPAM: set(),
    S.REJECTED: {S.IN_REVIEW, S.SPAM}, S.NOT_SELECTED: {S.IN_REVIEW, S.SPAM},
}


@pytest.mark.parametrize("stage", list(S))
def test_the_employer_moves_forward_skips_up_to_interview_and_reopens(stage: S) -> None:
    assert set(legal(stage, Mover.EMPLOYER)) == EMPLOYER[stage]


@pytest.mark.parametrize("stage", list(S))
def test_the_applicant_ends_what_is_open_and_the_system_what_nobody_ended(stage: S) -> None:
    ends = {S.WITHDRAWN} if stage in OPEN else set()
    assert set(legal(stage, Mover.APPLICANT)) == ends | ({S.DECLINED} if stage is S.OFFER else set())
    assert set(legal(stage, Mover.SYSTEM)) == ({S.NOT_SELECTED} if stage in OPEN else set())


@pytest.mark.parametrize("stage", list(S))
def test_an_admin_gives_back_what_was_flagged_and_nothing_else(stage: S) -> None:
    assert set(legal(stage, Mover.ADMIN)) == (set(S) - {S.SPAM} if stage is S.SPAM else set())


def test_an_end_is_final_after_thirty_days() -> None:
    assert S.IN_REVIEW in legal(S.REJECTED, Mover.EMPLOYER, REOPENABLE)
    assert S.IN_REVIEW not in legal(S.REJECTED, Mover.EMPLOYER, REOPENABLE + timedelta(seconds=1))
