"""The demo board."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app import demo
from app.core import clock
from app.core.db import reading, transaction
from app.core.files import UploadStore
from app.web.context import settings


@click.command("demo")
@with_appcontext
def demo_command() -> None:
    """Bring the schema up to date and load the demo board, once: invented employers, an excerpt of USAJOBS, people."""
    given = settings()
    if given.production:
        raise click.ClickException("The demo board has known passwords: it is never loaded in production.")
    upgrade()
    if demo.is_loaded(reading()):
        click.echo("The demo board is loaded already.")
        return
    with transaction() as session:
        store = UploadStore(given.upload_dir)
        loaded = demo.load(session, store, clock.now(), given.posting_days, _tracked)
    click.echo(
        f"The demo board: {loaded.live:,} live postings of {loaded.companies} employers, {loaded.waiting} waiting for"
        f" review, {loaded.applications} applications."
    )


def _tracked(items: Sequence[Any], label: str) -> Iterator[Any]:
    """The items, with a progress bar while they are gone through."""
    with click.progressbar(items, label=label, file=sys.stderr) as bar:
        yield from bar
