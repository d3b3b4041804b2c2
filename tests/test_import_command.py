import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.domain.imports.models import ImportRun
from app.domain.postings.models import Posting
from tests.domain.imports.feeds import FEEDS
from tests.domain.imports.rows import lines, row
from tests.peer import Reply, peering

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def run(app, tmp_path):
    """Import rows (or a file of that name) with options; answers the command's result."""

    def invoke(content, *options, name="rows.jsonl"):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        return app.test_cli_runner().invoke(args=["import", str(path), *options])

    return invoke


def listed(board):
    with board.reading() as session:
        return session.scalar(select(func.count()).select_from(Posting))


def test_the_summary(run, board):
    content = lines(row(1), row(2), row(2, source_id="repeat"), b"{broken", row(3, title=""))
    done = run(content, "--publish", "--as-new")
    assert done.exit_code == 0
    assert done.stdout == "kept 2, updated 0, unchanged 0, duplicates 1, rejected 2\n"
    again = run(content, "--publish", "--as-new")
    assert again.stdout == "kept 0, updated 0, unchanged 3, duplicates 0, rejected 2\n"
    assert listed(board) == 2


def test_a_thousand_rows_of_which_37_are_broken(run, board):
    broken = set(range(5, 1000, 27))
    content = lines(*(b'{"title": ' if n in broken else row(n) for n in range(1000)))
    assert len(broken) == 37
    assert "kept 963, updated 0, unchanged 0, duplicates 0, rejected 37" in run(content, "--publish").stdout
    assert "kept 0, updated 0, unchanged 963, duplicates 0, rejected 37" in run(content, "--publish").stdout
    assert listed(board) == 963


def test_the_report_names_line_and_reason(run, tmp_path):
    report = tmp_path / "refused.jsonl"
    run(lines(row(1), b"[]", row(2, title="")), "--report", str(report))
    assert [(said["line"], said["reason"]) for said in map(json.loads, report.read_text().splitlines())] == [
        (2, "The line holds no JSON object."), (3, "The row has no title."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name", "options"),
    [(b"what is this", "rows.txt", ()), (lines(row()), "rows.jsonl", ("--format", "smoke-signals"))],
)
def test_an_unknown_format_changes_nothing(run, board, content, name, options):
    done = run(content, *options, name=name)
    assert (done.exit_code, done.stderr) == (2, "unknown format, nothing changed\n")
    assert listed(board) == 0


def test_feeds_of_all_formats_go_in_together_and_are_told_by_looking(app, board, tmp_path):
    paths = []
    for number, feed in enumerate(FEEDS.values()):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(feed.content)
    done = app.test_cli_runner().invoke(args=["import", *map(str, paths), "--publish"])
    assert done.exit_code == 0
    counts = {what: int(count) for what, count in (part.split() for part in done.stdout.strip().split(", "))}
    assert counts["kept"] + counts["duplicates"] == len(FEEDS)
    assert counts["rejected"] == len(FEEDS) - 1  # Workday's document is of one job
    again = app.test_cli_runner().invoke(args=["import", *map(str, paths), "--publish"])
    assert again.stdout.startswith(f"kept 0, updated 0, unchanged {len(FEEDS)}, duplicates 0, ")


def test_a_document_that_breaks_off_is_one_refusal_and_harms_no_other(app, board, tmp_path):
    whole = FEEDS["greenhouse"].content
    (tmp_path / "cut").write_bytes(whole[:-9])
    (tmp_path / "whole").write_bytes(whole)
    command = ["import", str(tmp_path / "cut"), str(tmp_path / "whole"), "--format", "greenhouse"]
    done = app.test_cli_runner().invoke(args=command)
    assert done.stdout == "kept 1, updated 0, unchanged 0, duplicates 0, rejected 2\n"
    alone = app.test_cli_runner().invoke(args=[*command[:2], *command[3:]])
    assert (alone.exit_code, alone.stdout) == (1, "kept 0, updated 0, unchanged 0, duplicates 0, rejected 1\n")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (FEEDS["greenhouse"].content[:-9], "It is not valid JSON"),
        (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><rss>&a;</rss>', "The file declares entities"),
    ],
)
def test_a_damaged_document_is_told_of_without_its_format(app, board, tmp_path, content, why):
    (tmp_path / "damaged").write_bytes(content)
    (tmp_path / "a.jsonl").write_bytes(lines(row()))
    done = app.test_cli_runner().invoke(args=["import", str(tmp_path / "damaged"), str(tmp_path / "a.jsonl")])
    assert done.stdout == "kept 1, updated 0, unchanged 0, duplicates 0, rejected 1\n"
    assert f"damaged: {why}" in done.stderr and listed(board) == 1


def test_one_unknown_file_among_known_ones_changes_nothing(app, board, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(lines(row()))
    (tmp_path / "b.bin").write_bytes(b"\x00")
    done = app.test_cli_runner().invoke(args=["import", str(tmp_path / "a.jsonl"), str(tmp_path / "b.bin")])
    assert done.exit_code == 2
    assert listed(board) == 0


def test_a_missing_file_and_an_empty_one_fail(run):
    missing = run(None, name="missing.jsonl")
    assert missing.exit_code == 1 and "could not be read" in missing.stderr
    assert run(b"").exit_code == 1
    assert run(b"[]\n").exit_code == 1


def test_a_dry_run_changes_nothing(run, board):
    done = run(lines(row(1), row(1, source_id="repeat"), row(2)), "--dry-run", "--publish")
    assert done.stdout == "kept 2, updated 0, unchanged 0, duplicates 1, rejected 0\n"
    assert listed(board) == 0
    with board.reading() as session:
        assert session.scalar(select(ImportRun.id)) is None


def test_rows_for_one_company(run, board):
    own = board.company("Own Bridges")
    assert run(lines(row()), "--company", own.slug).exit_code == 0
    with board.reading() as session:
        assert session.scalar(select(Posting.company_id)) == own.id
    refused = run(lines(row()), "--company", "nobody")
    assert refused.exit_code == 1 and "no such company" in refused.stderr


def test_a_killed_import_goes_on_and_loses_nothing(app, board, tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_bytes(lines(*(row(n) for n in range(1500))))
    code = (
        "import os, signal, sys\n"
        "from app import create_app\n"
        "from app.cli import importing\n"
        "taken = importing.take\n"
        "def take(session, run, *rest):\n"
        "    if run.position >= 600: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return taken(session, run, *rest)\n"
        "importing.take = take\n"
        "app = create_app()\n"
        "with app.app_context(): importing.import_command.main(sys.argv[2:])\n"
    )
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    environment = {**os.environ, "DATABASE_URL": url, "NEXUS_ENV": "testing"}
    command = ["import", str(path), "--publish", "--as-new"]
    killed = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=ROOT, env=environment, capture_output=True, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL
    assert listed(board) == 600
    done = app.test_cli_runner().invoke(args=command)
    assert "kept 1500, updated 0, unchanged 0, duplicates 0, rejected 0" in done.stdout
    assert listed(board) == 1500


@pytest.fixture
def reaching(app, monkeypatch):
    """The board may ask this machine."""
    settings = app.extensions["nexus-settings"].model_copy(update={"outbound_allow": "127.0.0.0/8"})
    monkeypatch.setitem(app.extensions, "nexus-settings", settings)


def test_addresses_are_imported_like_files_and_their_format_is_told_by_looking(app, board, reaching, tmp_path):
    with peering() as peer:
        feeds = {f"/{number}": feed.content for number, feed in enumerate(FEEDS.values())}
        peer.answer = lambda asked: Reply(200, {}, [feeds[asked.path]])
        report = tmp_path / "refused.jsonl"
        command = ["import", *map(peer.url, feeds), "--publish", "--report", str(report)]
        done = app.test_cli_runner().invoke(args=command)
        assert done.exit_code == 0, done.stderr
        counts = {what: int(count) for what, count in (part.split() for part in done.stdout.strip().split(", "))}
        assert counts["kept"] + counts["duplicates"] == len(FEEDS) and counts["rejected"] == len(FEEDS) - 1
        assert json.loads(report.read_text().splitlines()[0])["source"].startswith(peer.url())
        again = app.test_cli_runner().invoke(args=command)
        assert again.stdout.startswith(f"kept 0, updated 0, unchanged {len(FEEDS)}, duplicates 0, ")


def test_an_address_that_cannot_be_read_says_why_and_nothing_changes(app, board, reaching, tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(lines(row()))
    with peering() as peer:
        peer.says(b"gone", 404)
        done = app.test_cli_runner().invoke(args=["import", str(tmp_path / "rows.jsonl"), peer.url("/feed")])
        assert done.exit_code == 1
        said = f"Error: {peer.url('/feed')} could not be read: 127.0.0.1 has nothing there (404). Nothing changed.\n"
        assert done.stderr == said
        peer.says(b"<html>Welcome</html>")
        unknown = app.test_cli_runner().invoke(args=["import", peer.url()])
        assert (unknown.exit_code, unknown.stderr) == (2, "unknown format, nothing changed\n")
    assert listed(board) == 0


def test_an_inner_address_is_not_asked(app, board):
    with peering() as peer:
        peer.says(lines(row()))
        done = app.test_cli_runner().invoke(args=["import", peer.url()])
        assert done.exit_code == 1 and "could not be read: 127.0.0.1 is not on the open internet" in done.stderr
        assert peer.asked == []
    assert listed(board) == 0
