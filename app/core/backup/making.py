"""Writing an archive while people work: rows from one snapshot, then every upload there is."""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, Table, select, text

from app.core.backup.form import MANIFEST, TABLES, UPLOADS, Manifest, NotFit, plain, tables
from app.core.db import UPLOAD_KEY
from app.core.files import UploadStore, sync
from app.core.health import address, schema_head, schema_here

Track = Callable[[Sequence[Any], str], Iterator[Any]]
"""Shows progress: answers the items one by one, under a label."""

_KEY = re.compile(r"[0-9a-f]{64}")
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Made:
    """What went into the archive; `missing` are uploads that rows name and the folder has not."""

    rows: int
    uploads: int
    missing: int
    size: int


def back_up(engine: Engine, store: UploadStore, target: Path, release: str, now: datetime, track: Track) -> Made:
    """Write the archive `target`, whole or not at all. Raises NotFit where it exists or the schema is another
    release's, OSError where it cannot be written.

    Uploads are written before the rows that name them, so all that the snapshot names lies in the folder when its
    rows have been read; some that no row of it names come along.
    """
    if target.exists():
        raise NotFit(f"{target} exists already: name another file, or move it away.")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as draft:
            with tarfile.open(fileobj=draft, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                made = _fill(_Archive(tar, target.parent), engine, store, release, now, track)
            draft.flush()
            os.fsync(draft.fileno())
        Path(name).rename(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync(target.parent)
    return Made(*made, target.stat().st_size)


def _fill(
    archive: "_Archive", engine: Engine, store: UploadStore, release: str, now: datetime, track: Track
) -> tuple[int, int, int]:
    rows, named = {}, set[str]()
    with _snapshot(engine) as connection:
        schema = _schema(connection)
        for table in track(tables(), "Tables"):
            rows[table.name] = archive.table(connection, table)
            for column in table.columns:
                if column.info == UPLOAD_KEY:
                    named |= set(connection.scalars(select(column).where(column.is_not(None))))
        sequences = _sequences(connection)
    kept = {key for key in track(_keys(store), "Uploads") if archive.upload(key, store.path(key))}
    manifest = Manifest(
        now.isoformat(), release, engine.dialect.name, schema, rows, sequences, len(kept), archive.members
    )
    archive.add(MANIFEST, io.BytesIO(manifest.dumped()), len(manifest.dumped()))
    return sum(rows.values()), len(kept), len(named - kept)


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one committed state throughout, and holds up nobody who writes."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection  # SQLite's reading transaction is a snapshot from its first read on


def _schema(connection: Connection) -> str:
    """The database's schema. Raises NotFit where it is not this release's, which would miss what it does not know."""
    here, wanted = schema_here(connection), schema_head()
    if not here:
        raise NotFit(
            f"{address(connection)} has no schema, so there is nothing to back up. Set DATABASE_URL to the board's"
            " database."
        )
    if here != wanted:
        raise NotFit(
            f"{address(connection)} has schema {here}, and this release {wanted}. Back up with the release that runs"
            " the board."
        )
    return here


def _sequences(connection: Connection) -> dict[str, int]:
    """The last id given out, by table, so that no id is given twice after a restore."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, seq FROM sqlite_sequence"
    else:
        asked = (
            "SELECT s.relname, coalesce(pg_sequence_last_value(q.seqrelid), 0) FROM pg_sequence q"
            " JOIN pg_depend d ON d.objid = q.seqrelid AND d.deptype IN ('a', 'i')"
            " JOIN pg_class s ON s.oid = d.refobjid"
        )
    known = {table.name for table in tables()}
    return {name: last for name, last in connection.execute(text(asked)) if name in known and last}


def _keys(store: UploadStore) -> list[str]:
    if not store.folder.is_dir():
        return []
    return sorted(path.name for path in store.folder.glob("[0-9a-f][0-9a-f]/*") if _KEY.fullmatch(path.name))


class _Summed(io.RawIOBase):
    """A file that is summed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.sum.update(piece)
        return piece


class _Archive:
    """The tar being written; `members` are the sums of what is in it."""

    def __init__(self, tar: tarfile.TarFile, scratch: Path) -> None:
        self.tar, self.scratch = tar, scratch
        self.members: dict[str, str] = {}

    def add(self, name: str, file: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        summed = _Summed(file)
        self.tar.addfile(member, summed)
        self.tar.members.clear()  # type: ignore[attr-defined]  # or it would remember each file
        self.members[name] = summed.sum.hexdigest()

    def table(self, connection: Connection, table: Table) -> int:
        """Put a table in; answers how many rows it has."""
        number = 0
        with tempfile.TemporaryFile(dir=self.scratch) as spool:
            with gzip.GzipFile(fileobj=spool, mode="wb", compresslevel=5, mtime=0) as packed:
                packed.write(json.dumps([column.name for column in table.columns]).encode() + b"\n")
                order = list(table.primary_key.columns)
                found = connection.execution_options(yield_per=_ROWS).execute(select(table).order_by(*order))
                for rows in found.partitions():
                    packed.write(b"".join(json.dumps(list(row), default=plain).encode() + b"\n" for row in rows))
                    number += len(rows)
            size = spool.tell()
            spool.seek(0)
            self.add(f"{TABLES}{table.name}.jsonl.gz", spool, size)
        return number

    def upload(self, key: str, path: Path) -> bool:
        """Put an upload in. False where it was deleted meanwhile."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            self.add(f"{UPLOADS}{key}", file, os.fstat(file.fileno()).st_size)
        return True
