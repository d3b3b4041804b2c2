"""Files nobody attached go after a day; one that anything refers to stays."""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.files import UploadStore
from app.domain.applications import services
from app.domain.applications.models import ApplicationProposal, StoredFile
from app.domain.applications.resumes import check
from app.domain.companies.models import Company
from app.worker import Shift, sweep_uploads
from tests.domain.applications.conftest import Applying
from tests.factories import Board

DAY = timedelta(days=1)


@pytest.fixture
def store(app: Flask) -> UploadStore:
    return UploadStore(app.extensions["nexus-settings"].upload_dir)


def swept(app: Flask, after: timedelta) -> dict[str, int]:
    at = clock.now() + after
    with app.app_context():
        return dict(sweep_uploads(Shift(app.extensions["nexus-settings"], now=lambda: at)))


def kept(board: Board, store: UploadStore) -> str:
    """A file of a form that came back with a mistake."""
    key = store.put(b"Ada, mathematician")
    with board.writing() as session:
        services.keep(session, check(b"Ada, mathematician", "cv.txt"), key, clock.now())
    return key


def test_a_file_waits_a_day_for_its_form_and_goes_with_its_row(app: Flask, board: Board, store: UploadStore) -> None:
    key = kept(board, store)
    assert swept(app, DAY - timedelta(minutes=1)) == {}
    assert store.path(key).exists()
    assert swept(app, DAY + timedelta(minutes=1)) == {"deleted": 1}
    assert not store.path(key).exists()
    with board.reading() as session:
        assert session.scalars(select(StoredFile)).all() == []


def test_what_an_application_a_proposal_or_a_company_has_stays(
    app: Flask, board: Board, store: UploadStore, employed: SimpleNamespace, applying: Applying
) -> None:
    applying(employed.posting.id, key="one")
    applying(employed.posting.id, key="two", text="Ada, engineer", cover_letter="Again.")
    logo = store.put(b"a picture")
    with board.writing() as session:
        session.get_one(Company, employed.company.id).logo_key = logo
    with board.reading() as session:
        assert len(session.scalars(select(ApplicationProposal)).all()) == 1
    assert swept(app, 30 * DAY) == {}
    with board.reading() as session:
        assert len(session.scalars(select(StoredFile)).all()) == 2
    assert store.read(logo) == b"a picture"


def test_bytes_without_a_row_and_half_written_ones_go_after_a_day(
    app: Flask, board: Board, store: UploadStore
) -> None:
    old, new = store.put(b"old"), store.put(b"new")
    half = store.path("ab" + "0" * 62).with_suffix(".part")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"hal")
    long_ago = (clock.now() - 2 * DAY).timestamp()
    for path in (store.path(old), half):
        os.utime(path, (long_ago, long_ago))
    assert swept(app, timedelta()) == {"deleted without a row": 1, "half written": 1}
    assert store.read(new) == b"new" and not half.exists() and not store.path(old).exists()
