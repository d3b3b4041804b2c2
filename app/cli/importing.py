"""Importing postings."""

import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TextIO

import click
from flask.cli import with_appcontext

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import DomainError
from app.domain.companies.queries import by_slug
from app.domain.imports.fetching import Unfetched, fetch, is_address
from app.domain.imports.matching import Memory, Verdict
from app.domain.imports.readers import FORMATS, UnknownFormat, damage_of, format_of
from app.domain.imports.services import (
    BATCH,
    Options,
    Prepared,
    Run,
    begin,
    finish,
    prepare,
    rehearsal,
    rehearse,
    take,
)
from app.web.context import board, settings


def take_in(
    path: Path, name: str, written_as: str, options: Options, progress: Callable[[list[Prepared]], None],
    *, dry_run: bool = False,
) -> Run:
    """Import one file, a batch a transaction; `progress` hears of each batch once it is committed.

    Raises OSError where the file cannot be read. Stopped at any point, it goes on there when called again.
    """
    memory = Memory()
    if dry_run:
        run = rehearsal(clock.now())
    else:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with transaction() as session:
            run = begin(session, name, written_as, digest, options, clock.now())
    done = run.position
    entries = (entry for entry in FORMATS[written_as].read(path) if entry.line > done)
    while batch := prepare(islice(entries, BATCH), run, options):
        if dry_run:
            run = rehearse(reading(), run, batch, memory, clock.now())
        else:
            with transaction() as session:
                run = take(session, run, batch, options, clock.now())
        progress(batch)
    if not dry_run:
        with transaction() as session:
            finish(session, run, clock.now())
    return run


def _fetched(source: str, folder: Path) -> Path:
    """A source as a file: itself, or what its address answers. Raises click.ClickException."""
    if not is_address(source):
        return Path(source)
    own = folder / hashlib.sha256(source.encode()).hexdigest()
    own.mkdir(exist_ok=True)
    try:
        fetched = fetch(source, own, settings().may_reach)
    except Unfetched as error:
        raise click.ClickException(f"{source} could not be read: {error} Nothing changed.") from None
    return fetched.path or own


def _recognised(
    sources: tuple[str, ...], folder: str, named: str | None
) -> tuple[list[tuple[str, Path, str]], list[tuple[str, str]]]:
    """(name, file, format) of every source, before anything is changed; and of damaged ones (name, why)."""
    known, damaged = [], []
    for source in sources:
        path = _fetched(source, Path(folder))
        try:
            known.append((source, path, format_of(path, named)))
        except UnknownFormat:
            why = "" if named else damage_of(path)
            if not why:
                click.echo("unknown format, nothing changed", err=True)
                raise click.exceptions.Exit(2) from None
            damaged.append((source, why))
        except OSError as error:
            raise click.ClickException(f"{source} could not be read: {error.strerror}. Nothing changed.") from None
    return known, damaged


@click.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option("--format", "named", help=f"One of {', '.join(FORMATS)}; guessed when left out.")
@click.option("--company", "slug", help="Slug of the company all rows belong to, whatever they name.")
@click.option("--publish", is_flag=True, help="Publish without review.")
@click.option("--as-new", is_flag=True, help="Treat each row as posted now, in file order, whatever its dates.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option(
    "--report", type=click.File("w", encoding="utf-8", lazy=False), help="Write a JSON line for each rejected row."
)
@with_appcontext
def import_command(
    sources: tuple[str, ...], named: str | None, slug: str | None, publish: bool, as_new: bool, dry_run: bool,
    report: TextIO | None,
) -> None:
    """Import postings from files or addresses. Can be repeated, and stopped at any time: it goes on where it was."""
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        known, damaged = _recognised(sources, stack.enter_context(tempfile.TemporaryDirectory()), named)
        try:
            company_id = by_slug(reading(), slug).id if slug else None
            options = Options(publish, as_new, board().posting_days, company_id)
            for name, why in damaged:
                counts += _damaged(name, why, report)
            for name, path, written_as in known:
                counts += _shown(name, path, written_as, options, report, dry_run=dry_run).counts
        except DomainError as error:
            raise click.ClickException(error.message) from None
        except KeyboardInterrupt:
            click.echo("\nStopped. What was written stays: run the same command again to go on from there.", err=True)
            raise click.exceptions.Exit(130) from None
    click.echo(", ".join(f"{what} {counts[what]}" for what in (*Verdict, "rejected")))
    if not any(counts[what] for what in Verdict):
        raise click.exceptions.Exit(1)


def _damaged(name: str, why: str, report: TextIO | None) -> Counter[str]:
    """A file that cannot be read is one refusal; the others go in."""
    click.echo(f"{name}: {why}", err=True)
    if report is not None:
        report.write(json.dumps({"source": name, "line": 1, "reason": why}) + "\n")
    return Counter(rejected=1)


def _shown(
    name: str, path: Path, written_as: str, options: Options, report: TextIO | None, *, dry_run: bool
) -> Run:
    """Import a file with a progress bar and its refusals in the report."""
    with click.progressbar(length=FORMATS[written_as].lines(path), label=Path(name).name, file=sys.stderr) as bar:

        def progress(batch: list[Prepared]) -> None:
            bar.update(batch[-1].line - bar.pos)
            for row in batch:
                if report is not None and row.posting is None:
                    report.write(json.dumps({"source": name, "line": row.line, "reason": row.reason}) + "\n")

        return take_in(path, name, written_as, options, progress, dry_run=dry_run)
