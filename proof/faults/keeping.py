"""Migrations up, down and up again on a large board; a backup made under load and restored into an empty place."""

import hashlib
import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

import psycopg

from proof.applying import Applicants
from proof.board import ROOT, Board, Database, board, database, engines, folder
from proof.faults.dependencies import Reader
from proof.faults.plan import Finding, Size, Told, fault, say

FIRST_LANDING = "0005"
"""The last revision of the first landing: what came after is taken down and put up again on a filled board."""
VOLATILE = re.compile(r"^(sqlite_|posting_fts_|alembic_version|huey)")
WANTED = 40_000


@fault("migrations", "every later migration down and up again on the demo board with 40,000 real postings")
def migrations(size: Size) -> Told:
    """The same checksums of every table that is at both ends, no autogenerate difference."""
    found = []
    for engine in engines():
        with board(engine, "migrations") as made:
            said = _grow(made, size.of(WANTED))
            found.append(_there_and_back(f"{engine}, {said}", made))
        with folder() as place, database(engine, place, "bare") as data:
            found.append(_from_nothing(engine, Board(data, place)))
    return found


def _grow(made: Board, wanted: int) -> str:
    """Real postings until there are so many: as they are, then the same again as new ones of the other files."""
    folder_of_data = os.environ.get("NEXUS_DATA", "")
    files = sorted((Path(folder_of_data) / "postings").glob("*.jsonl.gz")) if folder_of_data else []
    began, count = time.monotonic(), made.data.number("SELECT count(*) FROM postings")
    for path in files:
        if count >= wanted:
            break
        made.flask("import", str(path), "--publish")
        count = made.data.number("SELECT count(*) FROM postings")
        say(f"{count:,} postings after {time.monotonic() - began:.0f} s")
    made_up = 0
    if count < wanted and files:
        made_up = _copies(made, wanted - count)
        count = made.data.number("SELECT count(*) FROM postings")
    again = f" ({made_up:,} of them real ones a second time under other ids)" if made_up else ""
    return f"{count:,} postings{again}"


def _copies(made: Board, number: int) -> int:
    """Imported postings once more, row by row: as another source's, so that nothing is the same twice."""
    columns = [name for name in _columns(made.data, "postings") if name not in ("id", "source_id", "similar_to_id")]
    listed = ", ".join(columns)
    query = (
        f"INSERT INTO postings ({listed}, source_id) SELECT {listed}, 'again-' || id FROM postings"  # noqa: S608
        f" WHERE source IS NOT NULL ORDER BY id LIMIT {number:d}"
    )
    return _write(made.data, query)


def _write(data: Database, query: str) -> int:
    if data.sqlite:
        with sqlite3.connect(data.path, timeout=30) as connection:
            return connection.execute(query).rowcount
    with psycopg.connect(data.url) as wire:
        return wire.execute(query.encode()).rowcount


def _there_and_back(where: str, made: Board) -> Finding:
    revisions = [line.split()[0] for line in made.flask("db", "history").splitlines() if "->" in line]
    columns = {table: set(_columns(made.data, table)) for table in _tables(made.data)}
    made.flask("db", "downgrade", _revision(made))
    lasting = {
        table: columns[table] & set(_columns(made.data, table)) for table in _tables(made.data) if table in columns
    }
    made.flask("db", "upgrade")
    high, began = sums(made.data, lasting), time.monotonic()
    made.flask("db", "downgrade", _revision(made))
    down = time.monotonic() - began
    low, began = sums(made.data, lasting), time.monotonic()
    made.flask("db", "upgrade")
    up = time.monotonic() - began
    again = sums(made.data, lasting)
    lower = {table for table in lasting if low[table] != high[table]}
    changed = {table for table in lasting if again[table] != high[table]}
    difference = _difference(made)
    return Finding(
        where, "same checksums, no difference to the models",
        f"{len(revisions)} revisions known; down to {FIRST_LANDING} in {down:.1f} s, up in {up:.1f} s;"
        f" {len(lasting)} tables at both ends, with the columns both have; changed by going down:"
        f" {sorted(lower) or 'none'}, by coming up again: {sorted(changed) or 'none'}; autogenerate: {difference}",
        not lower and difference == "no difference" and not changed,
    )


def _revision(made: Board) -> str:
    """The revision that the first landing ended with."""
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        found = re.search(r'^revision\b.*=\s*"([^"]+)"', path.read_text(), re.M)
        if found and found[1].startswith(FIRST_LANDING):
            return found[1]
    raise LookupError(FIRST_LANDING)


def _from_nothing(engine: str, made: Board) -> Finding:
    began = time.monotonic()
    made.flask("db", "upgrade")
    first = time.monotonic() - began
    made.flask("db", "downgrade", "base")
    left = [table for table in sums(made.data) if not table.startswith("alembic")]
    made.flask("db", "upgrade")
    difference = _difference(made)
    return Finding(
        f"{engine}, empty", "up, down to nothing and up again; no difference to the models",
        f"up in {first:.1f} s; left after the way down: {left or 'nothing'}; autogenerate: {difference}",
        not left and difference == "no difference",
    )


def _difference(made: Board) -> str:
    """What autogenerate would still do."""
    try:
        made.flask("db", "check")
    except RuntimeError as error:
        return str(error).splitlines()[-1][:300]
    return "no difference"


def _tables(data: Database) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table'" if data.sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(name for (name,) in data.rows(query) if not VOLATILE.match(name))


def _columns(data: Database, table: str) -> list[str]:
    if data.sqlite:
        return [row[1] for row in data.rows(f'PRAGMA table_info("{table}")')]
    return [
        name for (name,) in data.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position", table
        )
    ]


def sums(data: Database, lasting: dict[str, set[str]] | None = None) -> dict[str, str]:
    """A checksum of every table (of `lasting`: these columns of these tables): of all rows, whatever their order."""
    found = {}
    for table in lasting or _tables(data):
        columns = sorted(lasting[table] if lasting else _columns(data, table))
        listed = ", ".join(f'"{name}"' for name in columns)
        held = hashlib.sha256(listed.encode())
        digests = sorted(
            hashlib.sha256(repr(row).encode()).digest()
            for row in data.rows(f'SELECT {listed} FROM "{table}"')  # noqa: S608
        )
        for digest in digests:
            held.update(digest)
        found[table] = held.hexdigest()[:16]
    return found


@fault("backup", "a backup while people apply and read, restored into an empty place on each engine")
def backup(size: Size) -> Told:
    """Every row and every file that was there when it began is in it, and nothing half."""
    return [_backed_up(engine, size.of(200, 20)) for engine in engines()]


def _backed_up(engine: str, number: int) -> Finding:
    with board(engine, "backup") as made, folder() as place, database(engine, place, "restored") as data:
        made.serve()
        people, reads = Applicants(made, number, together=6), Reader(made)
        people.begin()
        reads.begin()
        people.wait(number // 4, 300)
        known = dict(people.told.acknowledged)
        began, kept = time.monotonic(), place / "board.tar"
        made.flask("backup", str(kept))
        took = time.monotonic() - began
        during = people.done - len(known)
        people.join(600)
        reads.end()
        other = Board(data, place)
        shutil.rmtree(other.uploads, ignore_errors=True)
        began = time.monotonic()
        other.flask("restore", str(kept))
        restored = time.monotonic() - began
        people.board, people.told.acknowledged = other, known
        found = people.found()
        errors = {status for status in people.told.answers + reads.answers if status not in ("200", "303")}
        files = data.number("SELECT count(*) FROM stored_files")
        there = sum(
            (other.uploads / key[:2] / key).exists() for (key,) in data.rows("SELECT key FROM stored_files")
        )
        return Finding(
            engine, "every row and file, and nobody noticed",
            f"{len(known)} acknowledged before it, {during} during it; of these before, {found.lost} are missing;"
            f" {there} of {files} files restored; backup {took:.1f} s, restore {restored:.1f} s;"
            f" others were answered {', '.join(sorted(errors)) or 'without an error'}",
            found.lost == 0 and there == files and not errors,
        )
