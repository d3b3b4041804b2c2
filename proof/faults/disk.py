"""The disk is full: for uploads, for the database, for both."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from proof.applying import OPEN
from proof.board import Board, board, folder
from proof.client import Browser
from proof.faults.plan import Finding, Size, Told, fault
from proof.resume import pdf

ROOM = 96 * 1024 * 1024


@fault("disk", "a small disk of its own fills up under the uploads, under the database, under both")
def disk(size: Size) -> Told:
    """507 or 503 and no half file; reads go on; it recovers alone."""
    if os.geteuid() != 0:
        return [Finding("disk", "a small disk to fill", "mounting one needs root", False)]
    return [_full("uploads"), _full("database"), _full("uploads and database")]


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system in memory of its own."""
    with folder() as place:
        mounted = place / "disk"
        mounted.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(mounted)], check=True)
        try:
            yield mounted
        finally:
            subprocess.run(["umount", "-l", str(mounted)], check=False)


def _full(what: str) -> Finding:
    with small_disk() as place, folder() as beside:
        if what == "uploads and database":
            with board("sqlite", "disk", inside=place) as made:
                made.log = beside / "server.log"
                return _seen(what, made, place)
        uploads = (place if what == "uploads" else beside) / "uploads"
        with board("sqlite", "disk", inside=place if what == "database" else None, UPLOAD_DIR=str(uploads)) as made:
            shutil.move(made.uploads, uploads)
            made.uploads, made.log = uploads, beside / "server.log"
            return _seen(what, made, place)


def _seen(what: str, made: Board, place: Path) -> Finding:
    made.serve()
    before = _apply(made, "before")
    ballast = place / "ballast"
    _fill(ballast)
    rows = made.data.number("SELECT count(*) FROM applications")
    refused = [_apply(made, f"full{turn}") for turn in range(5)]
    reads = [Browser(made.port).get(path).status for path in ("/", "/jobs", "/jobs?q=engineer", "/companies")]
    halves = sum(path.suffix == ".part" for path in made.uploads.rglob("*"))
    grown = made.data.number("SELECT count(*) FROM applications") - rows
    ballast.unlink()
    after = _apply(made, "after")
    bare = _without_file(made)
    good = before == after == 303 and set(refused) <= {507, 503} and set(reads) == {200} and not halves + grown + bare
    return Finding(
        f"{what} full", "507 or 503, no half file, reads go on, recovers alone",
        f"before {before}; full {refused}, pages {reads}; {halves} half files, {grown} rows too many;"
        f" room again: {after}; {bare} applications without their file",
        good,
    )


def _fill(ballast: Path) -> None:
    """Take all the room there is, to the last page."""
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        for piece in (1024 * 1024, 4096):
            with suppress(OSError):
                while file.write(b"\0" * piece) == piece:
                    pass


def _apply(made: Board, name: str) -> int:
    """The status of an application with a new 200 kB file."""
    posting = made.data.number(OPEN.replace("LIMIT 60", "LIMIT 1"))
    browser = Browser(made.port, 60)
    form = browser.get(f"/jobs/{posting}/-/apply")
    fields = {
        "name": name, "email": f"{name}@proof.example", "cover_letter": "", "csrf_token": form.token,
        "idempotency_key": form.key,
    }
    return browser.post(f"/jobs/{posting}/applications", fields, ("resume", "cv.pdf", pdf(name))).status


def _without_file(made: Board) -> int:
    rows = made.data.rows("SELECT f.key, f.size FROM applications a JOIN stored_files f ON f.id = a.resume_id")
    paths = [(made.uploads / key[:2] / key, size) for key, size in rows]
    return sum(not path.exists() or path.stat().st_size != size for path, size in paths)
