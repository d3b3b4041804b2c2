"""Walking every page by its next links while other processes publish and close postings."""

import os
import re
import subprocess
import sys
from datetime import timedelta

from flask.testing import FlaskClient

from app.core import clock
from app.domain.search.filters import Filters
from app.domain.search.queries import search
from tests.factories import Board

MANY = 120
NEXT = re.compile(r'rel="next" href="([^"]+)"')
ROW = re.compile(r'<article[^>]+data-posting="(\d+)"')


def test_what_stayed_live_is_met_exactly_once(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org").id
    now = clock.now()
    ids = [board.posting(company, published_at=now - timedelta(minutes=n)).id for n in range(MANY)]
    environment = os.environ | {"DATABASE_URL": board.app.config["SQLALCHEMY_DATABASE_URI"]}
    half = ids[MANY // 2]
    spans = [(ids[0], half - 1), (half, ids[-1])]
    others = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.web.churn", str(first), str(last)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True,
        )
        for first, last in spans
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "begun\n"
    walks = 0
    while walks < 3 or any(other.poll() is None for other in others):
        met = _walk(client)
        assert len(met) == len(set(met)), "a posting was met twice"
        assert {i for i in ids if i % 2} <= set(met), "a posting that stayed live was missed"
        walks += 1
    for other in others:
        out, _ = other.communicate()
        assert (out, other.returncode) == ("done\n", 0)
    with board.reading() as session:
        assert len(search(session, Filters(), clock.now(), key=b"k", limit=100).cards) == 100
    assert not {i for i in ids if i % 2 == 0} & set(_walk(client))


def _walk(client: FlaskClient) -> list[int]:
    met: list[int] = []
    path: str | None = "/jobs?type=full_time&q=engineer&sort=newest"
    while path:
        page = client.get(path)
        assert page.status_code == 200
        html = page.get_data(as_text=True)
        met += map(int, ROW.findall(html))
        link = NEXT.search(html)
        path = link.group(1).replace("&amp;", "&") if link else None
    return met
