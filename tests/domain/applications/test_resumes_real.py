"""Every real résumé is taken; every hostile file is refused, or harmless as the attachment it stays."""

import json
from pathlib import Path

import pytest

from app.core.errors import Invalid
from app.domain.applications.resumes import check, clean_filename
from tests.conftest import DATA

FILES = Path(DATA) / "files"
REFUSED = {
    "cv.pdf.exe": ".exe", "docx_path_traversal.docx": "outside", "docx_remote_template.docx": "elsewhere",
    "docx_xxe.docx": "entities", "eicar.txt": "virus", "eicar_named.pdf": "virus", "empty.pdf": "empty",
    "exe_named_cv.pdf": "not a PDF", "formula_injection.csv": ".csv", "html_named_cv.pdf": "not a PDF",
    "logo_12000x12000.png": ".png", "logo_script.svg": ".svg", "nul_bytes.txt": "not a TXT",
    "pdf_encrypted_password_secret.pdf": "password", "polyglot_pdf_zip.pdf": "archive", "truncated.pdf": "incomplete",
}
HARMLESS = {"pdf_with_javascript.pdf": "application/pdf", "utf16_bom.txt": "text/plain"}
MADE = {entry["file"] for entry in json.loads((FILES / "nasty" / "INDEX.json").read_text())}


def test_every_hostile_file_is_decided_here() -> None:
    assert MADE - {"bad_filenames.json"} == REFUSED.keys() | HARMLESS.keys()


@pytest.mark.parametrize(("name", "word"), sorted(REFUSED.items()))
def test_hostile_files_are_refused(name: str, word: str) -> None:
    with pytest.raises(Invalid) as refused:
        check((FILES / "nasty" / name).read_bytes(), name)
    assert word in refused.value.fields["resume"]


@pytest.mark.parametrize(("name", "kind"), sorted(HARMLESS.items()))
def test_some_are_harmless_as_attachments(name: str, kind: str) -> None:
    assert check((FILES / "nasty" / name).read_bytes(), name).media_type == kind


@pytest.mark.parametrize("path", sorted((FILES / "cv").glob("*.[pd][do][fc]*")), ids=lambda path: path.name)
def test_real_resumes_are_taken(path: Path) -> None:
    assert check(path.read_bytes(), path.name).filename == path.name


@pytest.mark.parametrize("name", json.loads((FILES / "nasty" / "bad_filenames.json").read_text()))
def test_hostile_names_are_cleaned(name: str) -> None:
    kept = clean_filename(name)
    assert kept.isprintable()
    assert len(kept) <= 120
    assert not set(kept) & set('/\\<>:"|?*')
