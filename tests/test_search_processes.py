"""Real processes on one database: what one writes the next answer of every other knows, and kill -9 harms none."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import update

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import reading, transaction
from app.core.events import postings_changed
from app.domain.companies.models import Company
from app.domain.companies.services.standing import admin_act
from app.domain.postings.models import Category, Posting
from app.domain.postings.services.categories import rename_category
from app.domain.search import changes
from proof.board import Board as Served
from proof.board import Database, children
from proof.client import Browser
from tests.domain.search.market import Market
from tests.factories import PASSWORD, Board
from tests.search_peer import ROLES

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Seen:
    """What a listing says: its cards' titles, its total, and the facets' numbers by argument and label."""

    titles: list[str]
    total: int
    facets: dict[tuple[str, str], int]


def seen(browser: Browser, **args: str) -> Seen:
    """What the fragment behind every filter answers."""
    answer = browser.get(f"/jobs/results?{urlencode(args)}", htmx=True)
    assert answer.status == 200, answer.text
    titles = re.findall(r'id="job-\d+"[^>]*>(.*?)</a>', answer.text)
    total = re.search(r'hx-target="#count"[^>]*>([\d,]+) job', answer.text)
    option = r'data-facet="([a-z_]+)" data-value="[^"]*" data-count="(\d+)".*?<span>(.*?)</span>'
    facets = {(name, label): int(number) for name, number, label in re.findall(option, answer.text, re.S)}
    assert total and facets
    return Seen([re.sub("<[^>]+>", "", title) for title in titles], int(total[1].replace(",", "")), facets)


@pytest.fixture
def servers(app: Flask, tmp_path: Path) -> Iterator[list[Served]]:
    """Two servers of one worker each, which know of each other by the database alone."""
    with ExitStack() as stack:
        made = []
        for name in ("one", "other"):
            folder = tmp_path / name
            folder.mkdir()
            made.append(Served(Database(app.extensions["nexus-settings"].database_url), folder))
            stack.callback(made[-1].close)
            made[-1].serve(workers=1, threads=4)
        yield made


def everywhere(servers: list[Served], **args: str) -> Seen:
    """What every server says, which is the same."""
    answers = [seen(Browser(server.port), **args) for server in servers]
    assert answers[0] == answers[1]
    return answers[0]


def test_every_change_is_in_the_next_answer_of_every_process(app: Flask, board: Board, servers: list[Served]) -> None:
    company = board.company("Quarry & Sons")
    first = board.posting(company.id, title="Stone mason")
    before = everywhere(servers)
    assert (before.titles, before.total) == (["Stone mason"], 1)
    assert before.facets["category", "Engineering"] == before.facets["company", "Quarry &amp; Sons"] == 1

    board.posting(company.id, title="Stone carver")  # published
    after = everywhere(servers)
    assert (after.titles, after.total) == (["Stone carver", "Stone mason"], 2)
    assert after.facets["category", "Engineering"] == after.facets["place", "Berlin, Germany"] == 2
    assert everywhere(servers, q="carver").total == 1

    with board.writing() as session:  # renamed
        session.get_one(Posting, first.id).title = "Gem polisher"
        postings_changed.send("tests", session=session, posting_ids=[first.id], now=clock.now())
    assert everywhere(servers, q='"mason"').total == 0
    assert everywhere(servers, q="polisher").titles == ["Gem polisher"]

    board.admin("admin@example.org")  # frozen, over HTTP by one of the two
    admin = Browser(servers[0].port)
    admin.sign_in("admin@example.org", PASSWORD)
    with board.reading() as session:
        version = session.get_one(Posting, first.id).version
    fields = {"csrf_token": admin.get("/admin/postings").token, "version": str(version), "reason": "It is a test."}
    assert admin.post(f"/admin/postings/{first.id}/freeze", fields).status == 303
    after = everywhere(servers)
    assert (after.titles, after.total, after.facets["category", "Engineering"]) == (["Stone carver"], 1, 1)

    with board.writing() as session:  # a field of work under another name
        field = session.get_one(Category, board_category(board))
        rename_category(session, field, "Building", "", field.version, SYSTEM, clock.now())
    after = everywhere(servers)
    assert after.facets["category", "Building"] == 1 and ("category", "Engineering") not in after.facets
    assert everywhere(servers, q="building").total == 1

    with board.writing() as session:  # the company is suspended
        owner = session.get_one(Company, company.id)
        admin_act(session, owner, "suspend", owner.version, SYSTEM, "It is a test.", clock.now())
    assert everywhere(servers).total == 0


def board_category(board: Board) -> int:
    """The id of the only field of work."""
    with board.reading() as session:
        return session.query(Category.id).scalar()


def test_a_killed_worker_is_followed_by_one_that_knows(app: Flask, board: Board, servers: list[Served]) -> None:
    board.posting(title="Stone mason")
    assert everywhere(servers).total == 1
    (worker,) = children(servers[0].processes[0].pid)
    board.posting(title="Stone carver")
    board.posting(title="Stone cutter")
    os.kill(worker, signal.SIGKILL)
    servers[0].wait()
    assert everywhere(servers).titles == ["Stone cutter", "Stone carver", "Stone mason"]
    servers[1].kill(servers[1].processes[0])
    board.posting(title="Stone setter")
    servers[1].serve(workers=1, threads=4)
    assert everywhere(servers, q="stone").total == 4


def peer(app: Flask, file: Path, role: str) -> "subprocess.CompletedProcess[str]":
    """What became of another process in a role."""
    url = app.extensions["nexus-settings"].database_url
    return subprocess.run(
        [sys.executable, "-m", "tests.search_peer", url, str(file), role], cwd=ROOT, text=True, check=False,
        capture_output=True, timeout=120,
    )


@pytest.mark.parametrize("role", [role for role in ROLES if role != "agree"])
def test_who_is_killed_half_way_leaves_no_half_behind(app: Flask, tmp_path: Path, role: str) -> None:
    file = tmp_path / "search" / "index.npz"
    with app.app_context():
        with transaction() as session:
            Market(seed=6, size=1_200).store(session)
            now = clock.now()
            session.execute(update(Posting).values(expires_at=now.replace(year=now.year + 1)))
        stand = changes.stand(reading())
    assert peer(app, file, role).returncode == -signal.SIGKILL
    told = peer(app, file, "agree")
    assert told.returncode == 0, told.stderr[-3000:]
    with app.app_context():
        assert (changes.stand(reading()) == stand) is (role != "follow_half")
        assert file.exists()
