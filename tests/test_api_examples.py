"""Every example of docs/api.md and docs/webhooks.md runs as it stands, against a board that serves it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.demo import PASSWORD as DEMO_PASSWORD
from app.domain.applications.models import Application
from app.domain.applications.services import move
from app.domain.postings.models import Workplace
from app.domain.webhooks.models import TEST, Event
from tests.factories import PASSWORD, Board
from tests.hooks import hooked, owner_of, send, told
from tests.peer import peering
from tests.web.world import World

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("api", "webhooks")}
FOUND = [
    (name, *block) for name, text in PAGES.items() for block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
]
BLOCKS = [block for block in FOUND if block[1] != "json"]
RUNS = {
    "sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"],
    "js": ["node", "--input-type=module", "-e"],
}  # fmt: skip
"""How each kind of block is run."""
TOOLS = {"sh": "curl", "python": sys.executable, "js": "node"}


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", range(len(BLOCKS)), ids=lambda number: "-".join(BLOCKS[number][:2]))
def test_an_example_runs(board: Board, address: str, number: int) -> None:
    _, kind, code = BLOCKS[number]
    if not shutil.which(TOOLS[kind]):
        pytest.skip(f"there is no {TOOLS[kind]} on this machine")
    board.company("Acme", owner="employer@nexus.example")
    board.user("seeker@nexus.example")
    for _ in range(3):
        board.posting(workplace=Workplace.REMOTE)
    code = code.replace("http://127.0.0.1:5000", address).replace(DEMO_PASSWORD, PASSWORD)
    ran = subprocess.run([*RUNS[kind], code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0 and not ran.stderr, ran.stderr
    assert ran.stdout.strip(), "it says what it found"
    if "def verified" in code or "function verified" in code:
        assert ran.stdout.lower().split() == ["true", "false"], "what is signed is taken, what was changed is not"


def test_every_kind_of_client_has_examples() -> None:
    for name in PAGES:
        kinds = [kind for page, kind, _ in BLOCKS if page == name]
        assert {*kinds} == RUNS.keys(), name


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_the_sample_of_a_message_has_the_fields_of_a_real_one(board: Board) -> None:
    (sample,) = [json.loads(code) for name, kind, code in FOUND if kind == "json"]
    real = a_message(board)
    assert sample.keys() == real.keys()
    assert {name: [*part] if isinstance(part, dict) else part for name, part in sample["data"].items()} == {
        name: [*part] if isinstance(part, dict) else part for name, part in real["data"].items()
    }


def a_message(board: Board) -> dict[str, Any]:
    """What a receiver is sent when an applicant moves."""
    world = World(board.app)
    with peering() as peer:
        hooked(board, peer.url(), owner_of(board, world.company, "second@example.org"))
        made = world.rows()
        with board.writing() as session:
            found = session.get_one(Application, made.application_id)
            for stage in ("in_review", "interview"):
                move(session, found, stage, found.version, SYSTEM, "", "no", clock.now())
        send(board.app)
        return told(peer.asked[-1])


def test_the_table_of_events_is_the_events() -> None:
    section = PAGES["webhooks"].split("## Events")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z.]+)` \|", section, re.M) == [*Event, TEST]
