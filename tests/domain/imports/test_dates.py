from datetime import date

import pytest

from app.domain.imports.dates import read_date


@pytest.mark.parametrize(
    "said",
    [
        "2026-08-11", "2026-08-11T21:58:34.674+00:00", "2026-08-11 20:45:29 UTC", " 2026-08-11T23:59:59-11:00",
        "Tue, 11 Aug 2026 07:30:41 +0000", "Tue, 11 Aug 2026 23:30:41 EST", "11 August 2026", "August 11, 2026",
        "11 Aug 2026", "11.08.2026", "2026/08/11", "20260811", 1786414917, 1786414917000, "1786414917",
        "1786414917000", 1786414917.5,
    ],
)
def test_a_day_is_read_however_it_is_written(said):
    assert read_date(said) == date(2026, 8, 11)


@pytest.mark.parametrize("said", ["31/08/2026", "08/31/2026", "31-8-2026", " 8-31-2026 "])
def test_two_numbers_are_a_day_where_one_of_them_is_no_month(said):
    assert read_date(said) == date(2026, 8, 31)
    assert read_date("08/08/2026") == date(2026, 8, 8)


@pytest.mark.parametrize(
    "said",
    [
        None, "", "N/A", "Posted 3 Days Ago", "03/04/2026", "31/02/2026", "13/13/2026", "0/0/2026", "2026-13-40",
        "0001-01-01", "9999-12-31", True, [], {},
        -5, 0, 12, "12", float("nan"), float("inf"), 10**400, "9" * 400, "x" * 10_000,
        "Tue, 99 Aug 2026 07:30:41 +0000",
    ],
)
def test_what_names_no_day_is_none(said):
    assert read_date(said) is None
