"""Keeping a copy of the whole board, and putting it back."""

from pathlib import Path
from typing import IO

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.cli.progress import tracked
from app.core import backup, clock
from app.core.db import db
from app.core.files import UploadStore
from app.core.health import schema_here, trouble
from app.core.settings import RELEASE
from app.domain.postings.queries import all_ids
from app.domain.search import changes, vocabulary
from app.domain.search.services import reindex
from app.web.context import settings

_BATCH = 500


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup_command(file: Path) -> None:
    """Write every row and every upload into one new FILE, while people work."""
    try:
        store = UploadStore(settings().upload_dir)
        made = backup.back_up(db.engine, store, file.absolute(), RELEASE, clock.now(), tracked)
    except backup.NotFit as error:
        raise click.ClickException(str(error)) from None
    except DatabaseError as error:
        raise click.ClickException(f"{trouble(db.engine, error)} Nothing is left of this backup.") from None
    except OSError as error:
        raise click.ClickException(f"{file} could not be written: {error.strerror}. Nothing is left of it.") from None
    except KeyboardInterrupt:
        click.echo("\nStopped. Nothing is left of this backup.", err=True)
        raise click.exceptions.Exit(130) from None
    click.echo(f"{file}: {made.rows:,} rows and {made.uploads:,} uploads, {made.size / 1e6:,.1f} MB.")
    if made.missing:
        click.echo(f"Take note: {made.missing:,} uploads that rows name are not in {store.folder}.", err=True)


@click.command("restore")
@click.argument("file", type=click.File("rb"))
@with_appcontext
def restore_command(file: IO[bytes]) -> None:
    """Put the backup FILE into an empty database and an empty upload folder, on either engine.

    The file is checked before anything is touched. Stopped at any time, the same command begins again.
    """
    try:
        manifest = backup.verified(file)
        with db.engine.connect() as connection:
            new = not schema_here(connection)
        if new:
            upgrade()
        store = UploadStore(settings().upload_dir)
        backup.restore(db.engine, store, file, manifest, tracked, _index)
    except backup.NotFit as error:
        raise click.ClickException(f"{error} Nothing was restored.") from None
    except DatabaseError as error:
        raise click.ClickException(f"{trouble(db.engine, error)} No row was written; run it again.") from None
    except OSError as error:
        raise click.ClickException(f"Stopped: {error}. No row was written; run it again.") from None
    except KeyboardInterrupt:
        click.echo("\nStopped. No row was written: run the same command again.", err=True)
        raise click.exceptions.Exit(130) from None
    click.echo(
        f"Restored what was backed up on {manifest.made_at[:16].replace('T', ' ')} UTC from {manifest.engine}:"
        f" {sum(manifest.rows.values()):,} rows and {manifest.uploads:,} uploads."
    )


def _index(session: Session) -> None:
    """Write the search index of every posting."""
    ids = all_ids(session)
    for start in tracked(range(0, len(ids), _BATCH), "Indexing"):
        reindex(session, ids[start : start + _BATCH])
        vocabulary.settle(session)
    changes.begin_anew(session)
