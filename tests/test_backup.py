"""A backup made while people write, put back on either engine."""

import os
import tarfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, inspect, select, text

from app import create_app
from app.cli import keeping
from app.core import backup, clock
from app.core.backup.form import late_columns, reader, tables
from app.core.db import db, reading, transaction, writing
from app.core.files import UploadStore
from app.core.settings import RELEASE, Settings
from app.domain.applications.models import StoredFile
from app.domain.postings.models import Posting
from app.domain.search.filters import Filters, parse
from app.domain.search.models import SearchWord
from app.domain.search.queries import search
from tests.conftest import ENGINES, POSTGRES, _database, _empty
from tests.factories import Board


def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["nexus-settings"]
    return found


@pytest.fixture(scope="module", params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Flask]:
    """Somewhere else, with its schema."""
    folder = tmp_path_factory.mktemp("elsewhere")
    url = _database(request.param, folder, f"elsewhere_{worker_id}_{os.getpid()}")
    app = create_app(Settings(nexus_env="testing", database_url=url, upload_dir=folder / "uploads"))
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()
    if request.param == "postgresql":
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')


@pytest.fixture
def elsewhere(place: Flask, tmp_path: Path) -> Flask:
    """Somewhere else, empty."""
    _empty(place)
    object.__setattr__(settings(place), "upload_dir", tmp_path / "elsewhere")
    return place


@pytest.fixture
def own(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application with an upload folder of its own."""
    before = settings(app).upload_dir
    object.__setattr__(settings(app), "upload_dir", tmp_path / "uploads")
    yield app
    object.__setattr__(settings(app), "upload_dir", before)


def run(app: Flask, *args: object) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=[str(arg) for arg in args])
    return result.exit_code, result.output


def everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that is kept."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in tables()
        }


def keep(app: Flask, number: int) -> str:
    """One upload as an application keeps it: the bytes first, then the row."""
    key = UploadStore(settings(app).upload_dir).put(f"résumé {number}".encode() * 50)
    with app.app_context(), transaction() as session:
        session.add(
            StoredFile(
                public_id=f"public-{number}", key=key, filename="Ada's résumé.pdf", media_type="application/pdf",
                size=500, sha256="0" * 64, created_at=clock.now(),
            )
        )
    return key


def test_every_column_has_a_form_in_an_archive() -> None:
    for table in tables():
        assert all(reader(column) for column in table.columns)
        assert all(table.columns[name].nullable for name in late_columns(table))


def filled(board: Board) -> None:
    company = board.company("Kiln & Co", owner="boss@example.org")
    first = board.posting(company_id=company.id, title="Bürokraft mit Überblick")
    second = board.posting(company_id=company.id, title="Welder")
    with board.writing() as session:
        row = session.get_one(Posting, first.id)
        row.similar_to_id = second.id  # points forward: it can only be set when both are there


def test_all_that_was_committed_is_there_however_busy_it_was(
    own: Flask, board: Board, elsewhere: Flask, tmp_path: Path
) -> None:
    filled(board)
    before = [keep(own, number) for number in range(20)]
    stop, during, failed = threading.Event(), list[str](), list[BaseException]()

    def write(start: int) -> None:
        number = start
        while not stop.is_set():
            try:
                during.append(keep(own, number))
            except BaseException as error:
                failed.append(error)
                return
            number += 1

    writers = [threading.Thread(target=write, args=(start,)) for start in (1_000, 100_000)]
    for writer in writers:
        writer.start()
    try:
        made = run(own, "backup", tmp_path / "board.tar")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert made[0] == 0, made[1]
    assert not failed
    assert run(elsewhere, "restore", tmp_path / "board.tar")[0] == 0
    with elsewhere.app_context():
        keys = set(reading().scalars(select(StoredFile.key)))
        store = UploadStore(settings(elsewhere).upload_dir)
        assert set(before) <= keys <= {*before, *during}
        assert all(store.read(key).startswith("résumé".encode()) for key in keys)
    there, here = everything(elsewhere), everything(own)
    assert {name: rows for name, rows in there.items() if name != "stored_files"} == {
        name: rows for name, rows in here.items() if name != "stored_files"
    }
    assert set(there["stored_files"]) <= set(here["stored_files"])


def test_what_is_restored_is_found_and_goes_on_counting(
    own: Flask, board: Board, elsewhere: Flask, tmp_path: Path
) -> None:
    filled(board)
    last = board.posting(title="Soon gone")
    with board.writing() as session:
        session.execute(text("DELETE FROM posting_search WHERE posting_id = :id"), {"id": last.id})
        session.delete(session.get_one(Posting, last.id))
    assert run(own, "backup", tmp_path / "board.tar")[0] == 0
    assert run(elsewhere, "restore", tmp_path / "board.tar")[0] == 0
    with elsewhere.app_context():
        asked = parse([("q", "überblick")], "EUR").filters
        assert [c.title for c in search(reading(), asked, clock.now(), key=b"k").cards] == ["Bürokraft mit Überblick"]
        assert search(reading(), Filters(), clock.now() + timedelta(days=400), key=b"k").cards == ()
        assert reading().get_one(SearchWord, "uberblick").titles == 1
    assert Board(elsewhere).posting(title="Next").id > last.id


def test_the_archive_is_only_for_its_owner_and_is_not_overwritten(own: Flask, tmp_path: Path) -> None:
    file = tmp_path / "board.tar"
    assert run(own, "backup", file)[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    code, said = run(own, "backup", file)
    assert code == 1 and "exists already" in said
    assert file.read_bytes() == content
    with file.open("rb") as raw:
        assert backup.verified(raw).release == RELEASE


def test_an_upload_that_is_gone_is_told(own: Flask, tmp_path: Path) -> None:
    UploadStore(settings(own).upload_dir).delete(keep(own, 1))
    code, said = run(own, "backup", tmp_path / "board.tar")
    assert code == 0 and "1 uploads that rows name are not" in said


def test_a_backup_that_is_stopped_leaves_nothing(own: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*args: object) -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "archives"
    folder.mkdir()
    monkeypatch.setattr("app.core.backup.making._sequences", stopped)
    code, said = run(own, "backup", folder / "board.tar")
    assert code == 130 and "Stopped" in said
    assert list(folder.iterdir()) == []


def empty(app: Flask) -> bool:
    folder = settings(app).upload_dir
    rows = everything(app)
    return not any(rows.values()) and not [p for p in folder.glob("*/*") if p.is_file()]


def damaged(file: Path) -> Iterator[tuple[str, bytes]]:
    """What can happen to an archive."""
    content = file.read_bytes()
    with tarfile.open(file) as tar:
        members = tar.getmembers()
    upload = next(m for m in members if m.name.startswith("uploads/"))
    flipped = bytearray(content)
    flipped[upload.offset_data + 7] ^= 1
    yield "flipped", bytes(flipped)
    yield "cut in a member", content[: upload.offset_data + 20]
    yield "cut between members", content[: upload.offset]
    yield "cut in a header", content[: upload.offset + 100]
    yield "without its manifest", content[: members[-1].offset] + bytes(10240)
    yield "no archive", b"Not a tar at all. " * 1000
    yield "empty", b""
    with tarfile.open(file, "w") as tar:
        tar.add(__file__, "../../escaped.py")
    yield "a foreign member", file.read_bytes()


def test_a_damaged_archive_touches_nothing(own: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    keep(own, 1)
    file = tmp_path / "board.tar"
    assert run(own, "backup", file)[0] == 0
    for damage, content in damaged(file):
        (tmp_path / "damaged.tar").write_bytes(content)
        code, said = run(elsewhere, "restore", tmp_path / "damaged.tar")
        assert code == 1, damage
        assert "Nothing was restored." in said, damage
        assert empty(elsewhere), damage


def test_only_an_empty_place_is_filled(own: Flask, board: Board, elsewhere: Flask, tmp_path: Path) -> None:
    filled(board)
    file = tmp_path / "board.tar"
    assert run(own, "backup", file)[0] == 0
    UploadStore(settings(elsewhere).upload_dir).put(b"somebody's")
    code, said = run(elsewhere, "restore", file)
    assert code == 1 and "is not empty" in said and "UPLOAD_DIR" in said
    Board(elsewhere).user("somebody@example.org")
    code, said = run(elsewhere, "restore", file)
    assert code == 1 and "users has rows" in said
    with elsewhere.app_context():
        assert reading().scalar(select(func.count()).select_from(Posting)) == 0


def test_another_schema_is_refused_in_words(own: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    assert run(own, "backup", tmp_path / "board.tar")[0] == 0
    with elsewhere.app_context(), writing(), db.engine.begin() as connection:
        here = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        code, said = run(elsewhere, "restore", tmp_path / "board.tar")
        assert code == 1 and "this database 0001" in said
    finally:
        with elsewhere.app_context(), writing(), db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :here"), {"here": here})


def test_a_restore_that_is_stopped_can_be_run_again(
    own: Flask, board: Board, elsewhere: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(board)
    key = keep(own, 1)
    file = tmp_path / "board.tar"
    assert run(own, "backup", file)[0] == 0

    def stopped(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_index", stopped)
        code, said = run(elsewhere, "restore", file)
        assert code == 130 and "run the same command again" in said
    assert not any(everything(elsewhere).values())
    assert run(elsewhere, "restore", file)[0] == 0
    assert everything(elsewhere) == everything(own)
    assert UploadStore(settings(elsewhere).upload_dir).read(key)


def test_a_new_database_gets_its_schema(own: Flask, board: Board, tmp_path: Path) -> None:
    filled(board)
    assert run(own, "backup", tmp_path / "board.tar")[0] == 0
    new = create_app(
        Settings(nexus_env="testing", database_url=f"sqlite:///{tmp_path / 'new.db'}", upload_dir=tmp_path / "new")
    )
    assert run(new, "restore", tmp_path / "board.tar")[0] == 0
    assert everything(new) == everything(own)
    with new.app_context():
        assert inspect(db.engine).has_table("posting_fts")
        db.engine.dispose()


def nowhere(tmp_path: Path, url: str) -> Flask:
    """The application on a database that holds no board."""
    return create_app(Settings(nexus_env="testing", database_url=url, upload_dir=tmp_path / "uploads"))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:///{folder}/empty.db", "sqlite:///{folder}/empty.db has no schema"),
        ("sqlite:///{folder}/none/board.db", "sqlite:///{folder}/none/board.db does not answer: unable to open"),
        (
            "postgresql://x:secret@127.0.0.1:1/none?password=secret",
            "postgresql+psycopg://x:***@127.0.0.1:1/none does not answer: connection failed",
        ),
    ],
)
def test_a_database_without_a_board_is_named_in_a_sentence(tmp_path: Path, url: str, sentence: str) -> None:
    app, archives = nowhere(tmp_path, url.format(folder=tmp_path)), tmp_path / "archives"
    archives.mkdir()
    code, said = run(app, "backup", archives / "board.tar")
    assert code == 1
    assert sentence.format(folder=tmp_path) in said and "DATABASE_URL" in said
    assert "secret" not in said and len(said.splitlines()) == 1
    assert list(archives.iterdir()) == []


def test_a_restore_names_the_database_that_does_not_answer(own: Flask, tmp_path: Path) -> None:
    assert run(own, "backup", tmp_path / "board.tar")[0] == 0
    away = nowhere(tmp_path, "postgresql://x:secret@127.0.0.1:1/none")
    code, said = run(away, "restore", tmp_path / "board.tar")
    assert code == 1 and "secret" not in said
    assert said.splitlines()[-1].startswith("Error: postgresql+psycopg://x:***@127.0.0.1:1/none does not answer: ")


def test_only_the_release_whose_schema_it_is_backs_a_board_up(elsewhere: Flask, tmp_path: Path) -> None:
    with elsewhere.app_context(), writing(), db.engine.begin() as connection:
        here = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        code, said = run(elsewhere, "backup", tmp_path / "board.tar")
        assert code == 1 and f"has schema 0001, and this release {here}." in said
        assert not (tmp_path / "board.tar").exists()
    finally:
        with elsewhere.app_context(), writing(), db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :here"), {"here": here})


def test_a_schema_that_was_taken_down_again_is_none(tmp_path: Path) -> None:
    app = nowhere(tmp_path, f"sqlite:///{tmp_path / 'down.db'}")
    with app.app_context(), writing(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    code, said = run(app, "backup", tmp_path / "board.tar")
    assert code == 1 and "has no schema" in said
