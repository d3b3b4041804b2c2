"""The company's statistics as its members see them."""

import re

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.domain.postings.models import PostingViews
from tests.factories import Board
from tests.web.people import Cast


@pytest.fixture
def cast(board: Board) -> Cast:
    made = Cast(board)
    with board.writing() as session:
        session.add(PostingViews(posting_id=made.posting.id, day=clock.now().date(), views=40))
    return made


def _figures(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"/employer/statistics{query}").get_data(as_text=True)
    return re.findall(r'<div class="stat"><dt>.*?</dt><dd>(.*?)</dd>', page)


def test_every_member_reads_the_figures_of_their_own_company(cast: Cast) -> None:
    for role in ("owner", "recruiter", "reviewer"):
        assert _figures(cast.as_(role)) == ["40", "1", "2.5%", "—"]
    assert _figures(cast.as_("rival")) == ["0", "0", "—", "—"]
    assert "Nothing to draw yet" in cast.as_("rival").get("/employer/statistics").get_data(as_text=True)


def test_the_charts_stand_in_a_table_too(cast: Cast) -> None:
    for period, bars in (("month", 30), ("quarter", 13), ("year", 52)):
        page = cast.as_("owner").get(f"/employer/statistics?period={period}").get_data(as_text=True)
        for name, total in (("Views", 40), ("Applications", 1)):
            chart = re.search(rf'<svg class="chart"[^>]*aria-label="{name}: {total} in all.*?</svg>', page, re.S)
            assert chart is not None
            assert len(re.findall("<title>", chart[0])) == bars
            assert chart[0].count('height="100.00"') == 1
        table = page.split("The charts as a table", 1)[1]
        assert table.count("<tr>") == bars + 1
        assert table.split("<tr>")[2].count(">40<") == 1


def test_a_period_nobody_knows_is_told_and_ignored(cast: Cast) -> None:
    answer = cast.as_("owner").get("/employer/statistics?period=never")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert "This period is not known and was ignored." in page and len(re.findall('class="chart"', page)) == 2


def test_the_company_is_chosen_and_strangers_find_nothing(cast: Cast) -> None:
    assert cast.as_("rival").get("/employer/statistics?company=northwind").status_code == 404
    assert cast.as_("owner").get("/employer/statistics?company=northwind").status_code == 200
