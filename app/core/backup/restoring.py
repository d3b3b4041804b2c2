"""Reading an archive into an empty place: the files first, then all rows in one transaction."""

import gzip
import hashlib
import itertools
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import JSON, Connection, Engine, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from app.core.backup.form import (
    MANIFEST,
    TABLES,
    UPLOADS,
    Damaged,
    Manifest,
    NotFit,
    late_columns,
    reader,
    tables,
)
from app.core.backup.making import Track
from app.core.db import SEEDED, Base, writing
from app.core.files import UploadStore
from app.core.health import address, schema_here

_MEMBER = re.compile(rf"{TABLES}[a-z_]{{1,63}}\.jsonl\.gz|{UPLOADS}[0-9a-f]{{64}}|{re.escape(MANIFEST)}")
_MARK = ".restoring"
_ROWS = 500
_CHUNK = 1 << 20


def _members(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Each member's name and content, in order. Raises Damaged, or what `_sound` makes that of."""
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or not _MEMBER.fullmatch(member.name):
                raise Damaged(f"The archive holds {member.name!r}, which no backup does.")
            yield member.name, content
            tar.members.clear()  # type: ignore[attr-defined]  # or it would remember each file


@contextmanager
def _sound() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise Damaged(f"The archive cannot be read to its end: {error}.") from error


def verified(file: IO[bytes]) -> Manifest:
    """The manifest of an archive whose every member is as it was written. Raises Damaged otherwise."""
    with _sound():
        sums, raw = _sums(file)
    if raw is None:
        raise Damaged("The archive has no manifest: it was cut off, or is no backup of this program.")
    manifest = Manifest.loaded(raw)
    wrong = [name for name in {*sums, *manifest.members} if sums.get(name) != manifest.members.get(name)]
    if wrong:
        raise Damaged(f"{len(wrong)} parts of the archive are not as they were written, such as {min(wrong)}.")
    return manifest


def _sums(file: IO[bytes]) -> tuple[dict[str, str], bytes | None]:
    """Every member's sum, and the raw manifest where there is one."""
    sums: dict[str, str] = {}
    raw = None
    for name, content in _members(file):
        if name == MANIFEST:
            raw = content.read()
            continue
        if name in sums:
            raise Damaged(f"The archive holds {name} twice.")
        summed = hashlib.sha256()
        while piece := content.read(_CHUNK):
            summed.update(piece)
        sums[name] = summed.hexdigest()
    return sums, raw


def restore(
    engine: Engine, store: UploadStore, file: IO[bytes], manifest: Manifest, track: Track,
    derive: Callable[[Session], None],
) -> None:
    """Put a verified archive into an empty database, whose schema is the archive's, and an empty folder.

    `derive` makes what was not kept, in the same transaction. Raises NotFit where the place is not empty. Stopped
    at any point, it leaves no row, and can be called again with the same archive.
    """
    mark = hashlib.sha256(manifest.dumped()).hexdigest()
    _refuse_rows(engine, manifest)
    _claim(store.folder, mark)
    try:
        with _sound(), writing(), engine.begin() as connection:
            _refuse_filled(connection)
            _empty_seeded(connection)
            shown = track(list(manifest.members), "Restoring")
            known = {f"{TABLES}{table.name}.jsonl.gz": table for table in tables()}
            for name, content in _members(file):
                next(shown, None)
                if name in known:
                    _load(connection, known[name], content)
                elif name.startswith(UPLOADS):
                    _keep(store, name.removeprefix(UPLOADS), content)
            next(shown, None)
            _go_on_counting(connection, manifest)
            derive(Session(bind=connection))
            os.sync()  # every file is on the disk before the rows that name it
    except (ValueError, KeyError, DataError, IntegrityError) as error:
        raise Damaged(f"A row of the archive cannot be taken: {error}") from error
    (store.folder / _MARK).unlink(missing_ok=True)


def _refuse_rows(engine: Engine, manifest: Manifest) -> None:
    with engine.connect() as connection:
        here = schema_here(connection)
        if not here:
            raise NotFit(f"{address(connection)} has no schema yet: run `flask --app wsgi db upgrade` first.")
        if here != manifest.schema:
            raise NotFit(
                f"The backup has schema {manifest.schema} (release {manifest.release}), this database {here}. Restore"
                " with the release that made the backup, then upgrade."
            )
        _refuse_filled(connection)


def _refuse_filled(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if table.info != SEEDED and connection.scalar(select(select(table).limit(1).exists())):
            raise NotFit(f"{address(connection)} is not empty ({table.name} has rows). Restore into a new database.")


def _claim(folder: Path, mark: str) -> None:
    """Mark the folder as being filled from this archive; one that holds anything else is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / _MARK
    ours = marker.exists() and marker.read_text() == mark
    if not ours and any(path != marker for path in folder.iterdir()):
        raise NotFit(f"{folder} is not empty. Restore into a new folder: set UPLOAD_DIR.")
    marker.write_text(mark)


def _empty_seeded(connection: Connection) -> None:
    for table in reversed(tables()):
        if table.info == SEEDED:
            connection.execute(table.delete())


def _load(connection: Connection, table: Table, content: IO[bytes]) -> None:
    """All rows of a table; what points into the table itself is set when all are there."""
    late = late_columns(table)
    pointing: list[dict[str, Any]] = []
    with gzip.GzipFile(fileobj=content) as lines:
        columns = [table.columns[name] for name in json.loads(lines.readline())]
        readers = [(column.name, reader(column)) for column in columns]
        kinds = {
            column.name: JSON(none_as_null=True) if isinstance(column.type, JSON) and column.nullable else column.type
            for column in columns
        }
        statement = insert(table).values({name: bindparam(name, type_=kind) for name, kind in kinds.items()})
        keys = [column.name for column in table.primary_key.columns]
        for batch in _batches(lines):
            rows = []
            for line in batch:
                row = {name: read(value) for (name, read), value in zip(readers, json.loads(line), strict=True)}
                if any(row[name] is not None for name in late):
                    pointing.append({f"_{name}": row[name] for name in [*keys, *late]})
                    row |= dict.fromkeys(late)
                rows.append(row)
            connection.execute(statement, rows)
    if pointing:
        this_row = [table.columns[key] == bindparam(f"_{key}") for key in keys]
        connection.execute(update(table).where(*this_row).values({n: bindparam(f"_{n}") for n in late}), pointing)


def _batches(lines: IO[bytes] | gzip.GzipFile) -> Iterator[list[bytes]]:
    while batch := list(itertools.islice(lines, _ROWS)):
        yield batch


def _keep(store: UploadStore, key: str, content: IO[bytes]) -> None:
    target = store.path(key)
    target.parent.mkdir(exist_ok=True)
    draft = target.with_suffix(".part")
    with draft.open("wb") as file:
        while piece := content.read(_CHUNK):
            file.write(piece)
    draft.rename(target)


def _go_on_counting(connection: Connection, manifest: Manifest) -> None:
    """New rows get ids nobody ever had."""
    sqlite = connection.dialect.name == "sqlite"
    for table in tables():
        key = table.autoincrement_column
        if key is None:
            continue
        last = max(connection.scalar(select(func.max(key))) or 0, manifest.sequences.get(table.name, 0))
        if not last:
            continue
        if not sqlite:
            sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
            if sequence:
                connection.execute(select(func.setval(sequence, last)))
        elif table.dialect_options["sqlite"]["autoincrement"]:
            changed = connection.execute(
                text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name"), {"last": last, "name": table.name}
            )
            if not changed.rowcount:
                connection.execute(
                    text("INSERT INTO sqlite_sequence(name, seq) VALUES (:name, :last)"),
                    {"last": last, "name": table.name},
                )

