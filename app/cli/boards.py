"""The demo board."""

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app import demo
from app.cli.progress import tracked
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
        loaded = demo.load(session, store, clock.now(), given.posting_days, tracked)
    click.echo(
        f"The demo board: {loaded.live:,} live postings of {loaded.companies} employers, {loaded.waiting} waiting for"
        f" review, {loaded.applications} applications."
    )
