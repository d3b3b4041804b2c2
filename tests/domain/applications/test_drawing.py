"""A résumé drawn by a process with limits: what it shows, what a hostile file costs."""

import json
import os
from pathlib import Path

import pytest

from app.core.files import UploadStore
from app.domain.applications import drawer, drawing
from app.domain.applications.resumes import MEDIA_TYPES
from tests.files import RTF, docx, odt, pdf

RESUME = (Path(__file__).parents[2] / "browser" / "resume.pdf").read_bytes()


@pytest.fixture
def store(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path)


def _shown(store: UploadStore, content: bytes, ending: str) -> drawing.Shown:
    return drawing.survey(store, store.put(content), MEDIA_TYPES[ending])


def test_a_pdf_has_pages_and_words(store: UploadStore) -> None:
    key = store.put(RESUME)
    shown = drawing.survey(store, key, "application/pdf")
    assert shown.pages[0][0] == drawer.WIDTH
    assert "Sam Seeker" in shown.text
    picture = drawing.page(store, key, 1)
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    assert drawing.page(store, key, 2) is None
    assert drawing.page(store, key, 0) is None


def test_other_kinds_are_words(store: UploadStore) -> None:
    assert _shown(store, docx(), "docx").text == "Ada"
    assert _shown(store, RTF, "rtf").text == "Ada Lovelace, mathematician."
    body = "<?xml version='1.0'?><o><p>Ada</p><p>Lovelace</p></o>"
    assert _shown(store, odt(content_dot_xml=body), "odt").text == "Ada\nLovelace"
    assert _shown(store, "Grüße, Ada\x07".encode(), "txt").text == "Grüße, Ada"


@pytest.mark.parametrize("content", [pdf(), b"%PDF-1.4 nothing behind it", b"", b"%PDF-1.7\n" + b"[" * 100_000])
def test_what_cannot_be_read_shows_nothing_and_costs_once(
    store: UploadStore, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = store.put(content)
    assert drawing.survey(store, key, "application/pdf").pages == ()
    monkeypatch.setattr(drawing, "_work", lambda *_: pytest.fail("asked again"))
    assert drawing.survey(store, key, "application/pdf").pages == ()


def test_a_page_that_takes_too_long_ends(store: UploadStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 0.01)
    key = store.put(RESUME)
    assert drawing.page(store, key, 1) is None
    assert list(store.drawn(key).iterdir()) == []


def test_the_program_bounds_itself(store: UploadStore, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(drawer.resource, "setrlimit", limits.__setitem__)
    drawer.confine()
    assert limits[drawer.resource.RLIMIT_CPU][0] <= drawer.CPU_SECONDS
    assert limits[drawer.resource.RLIMIT_AS][0] <= drawer.MEMORY
    assert limits[drawer.resource.RLIMIT_FSIZE][0] <= drawer.LARGEST_OUT


def test_a_giant_page_is_drawn_small() -> None:
    for width, height in ((14_400, 14_400), (1, 14_400), (595, 842), (14_400, 1)):
        pixels = drawer.size_of(width, height)[1]
        assert pixels[0] <= drawer.WIDTH
        assert pixels[1] <= drawer.TALLEST


def test_erasing_a_file_erases_what_was_drawn(store: UploadStore) -> None:
    key = store.put(RESUME)
    drawing.page(store, key, 1)
    assert store.drawn(key).is_dir()
    store.delete(key)
    assert not store.drawn(key).exists()


def test_what_is_kept_is_bounded(store: UploadStore) -> None:
    keys = [store.put(RESUME) for _ in range(3)]
    for age, key in enumerate(keys):
        store.drawn(key).mkdir(parents=True)
        file = store.drawn(key) / "survey.json"
        file.write_text(json.dumps("x" * 1_000))
        os.utime(file, (1_000 + age, 1_000 + age))
    drawing.sweep(store, most=2_100)
    assert [store.drawn(key).exists() for key in keys] == [False, True, True]
    assert all(store.path(key).is_file() for key in keys)
