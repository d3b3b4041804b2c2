"""Where the bench keeps what it makes, and at which instant its boards stand."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import psycopg

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "bench" / ".data"
"""Not committed: it holds real postings."""
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
"""The instant at which every corpus is live; its dates are spread about it."""
ENGINES = ("sqlite", "postgresql")
REAL = "real"
"""In place of a size: every real posting there is, as it came."""
POSTGRES = os.environ.get("BENCH_POSTGRES", "postgresql://root@127.0.0.1:5432")


def sources() -> list[Path]:
    """The files of real postings. Raises SystemExit where there are none."""
    folder = Path(os.environ.get("NEXUS_DATA") or ROOT.parent / "shared" / "data") / "postings"
    found = sorted(folder.glob("*.jsonl.gz"))
    if not found:
        raise SystemExit(f"No real postings in {folder}: name their folder in NEXUS_DATA.")
    return found


def folder() -> Path:
    """The folder of what is kept."""
    KEPT.mkdir(exist_ok=True)
    return KEPT


def database(engine: str, size: str, of: str = "nexus_bench") -> str:
    """The address of a database, as settings take it."""
    name = f"{of}_{size}"
    return f"sqlite:///{folder() / name}.db" if engine == "sqlite" else f"{POSTGRES}/{name}"


def make_database(url: str) -> None:
    """Make it, empty, whether or not there was one."""
    drop_database(url)
    if not url.startswith("sqlite"):
        with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{url.rsplit("/", 1)[1]}"'.encode())


def drop_database(url: str) -> None:
    """Take it away, if there is one."""
    if url.startswith("sqlite"):
        for end in ("", "-wal", "-shm", "-journal"):
            Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)
        return
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)'.encode())


def exists(url: str) -> bool:
    """Whether there is such a database. Raises psycopg.Error where PostgreSQL does not answer."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).exists()
    with psycopg.connect(f"{POSTGRES}/postgres", connect_timeout=3) as admin:
        found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [url.rsplit("/", 1)[1]])
        return found.fetchone() is not None


def uploads(url: str) -> Path:
    """A folder for each database: the search index waits there for the next start."""
    name = url.rsplit("/", 1)[1].removesuffix(".db")
    return folder() / "uploads" / f"{'sqlite' if url.startswith('sqlite') else 'postgresql'}-{name}"


def begin(engine: str, size: str) -> None:
    """A run begins: its clock stands at `NOW`, and no index waits that was read at a later time of another run."""
    os.environ.pop("BENCH_BEGAN", None)
    behind()
    shutil.rmtree(uploads(database(engine, size)) / "search", ignore_errors=True)


def behind() -> timedelta:
    """How far the bench's clock is behind the wall's: it stood at `NOW` when the run began, which BENCH_BEGAN tells."""
    began = float(os.environ.setdefault("BENCH_BEGAN", str(datetime.now(UTC).timestamp())))
    return datetime.fromtimestamp(began, UTC) - NOW


def keep_that_time() -> None:
    """From now on the product's clock in this process is the bench's, and runs on: postings begin and end."""
    late = behind()
    mock.patch("app.core.clock.now", lambda: datetime.now(UTC) - late).start()
