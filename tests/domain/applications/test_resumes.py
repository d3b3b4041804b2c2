"""What may be a résumé, and what is refused with a sentence that helps."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.domain.applications.resumes import LARGEST, MEDIA_TYPES, check, clean_filename
from tests.files import CONTENT_TYPES, DOCUMENT, RTF, archive, docx, odt, pdf, relations

RELS = "word/_rels/settings.xml.rels"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TEXT = "Ada Lovelace\nMathematician in London"


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (pdf(), "cv.pdf", "pdf"),
        (pdf(), "CV.PDF", "pdf"),
        (pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> "), "form.pdf", "pdf"),
        (docx(), "cv.docx", "docx"),
        (docx(**{RELS: relations("hyperlink", "https://example.org/me")}), "cv.docx", "docx"),
        (docx(**{RELS: relations("attachedTemplate", "file:///C:\\Users\\ada\\Normal.dotm")}), "cv.docx", "docx"),
        (odt(), "cv.odt", "odt"),
        (RTF, "cv.rtf", "rtf"),
        (TEXT.encode(), "cv.txt", "txt"),
        (TEXT.encode("utf-16"), "cv.txt", "txt"),
        ("Zoë Łukasz, ingénieure à Genève".encode("cp1252", "replace"), "cv.txt", "txt"),
    ],
)
def test_what_people_send_is_taken_as_it_is(content: bytes, name: str, kind: str) -> None:
    upload = check(content, name)
    assert upload.media_type == MEDIA_TYPES[kind]
    assert upload.content == content


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"", "cv.pdf", "empty"),
        (pdf() + b" " * LARGEST, "cv.pdf", "5 MB"),
        (EICAR, "cv.txt", "virus"),
        (EICAR, "cv.pdf", "virus"),
        (pdf(), "cv", "no ending"),
        (pdf(), "cv.exe", ".exe"),
        (pdf(), "cv.docx", "PDF file"),
        (b"MZ\x90\x00" + bytes(60), "cv.pdf", "not a PDF"),
        (b"<!doctype html><script>alert(1)</script>", "cv.pdf", "not a PDF"),
        (b" " + pdf(), "cv.pdf", "not a PDF"),
        (pdf()[:-30], "cv.pdf", "incomplete"),
        (b"%PDF-1.4\n%%EOF", "cv.pdf", "incomplete"),
        (pdf(b"/Encrypt 9 0 R "), "cv.pdf", "password"),
        (pdf(tail=archive({"a.txt": "b"})), "cv.pdf", "archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cv.docx", "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cv.doc", "Save it as PDF"),
        (archive({"a.txt": "b"}), "cv.docx", "archive"),
        (docx()[:-40], "cv.docx", "damaged"),
        (docx(**{"../../etc/cron": "x"}), "cv.docx", "outside"),
        (docx(**{"/etc/cron": "x"}), "cv.docx", "outside"),
        (docx(**{"..\\boot.ini": "x"}), "cv.docx", "outside"),
        (docx(**{"C:\\boot.ini": "x"}), "cv.docx", "outside"),
        (docx(**{"word/vbaProject.bin": "x"}), "cv.docx", "macros"),
        (docx(**{"word/media/bomb.bin": bytes(40 * 1024 * 1024)}), "cv.docx", "far too much"),
        (docx(**{f"word/{n}.bin": "" for n in range(2_100)}), "cv.docx", "damaged"),
        (docx(**{"word/document.xml": DOCUMENT.replace("</w:body>", "")}), "cv.docx", "damaged"),
        (docx(**{RELS: relations("attachedTemplate", "http://127.0.0.1/evil.dotm")}), "cv.docx", "elsewhere"),
        (docx(**{RELS: relations("attachedTemplate", "\\\\evil\\share\\t.dotm")}), "cv.docx", "elsewhere"),
        (docx(**{RELS: relations("image", "https://evil.example/pixel.png")}), "cv.docx", "elsewhere"),
        (docx(**{RELS: relations("image", "http://[")}), "cv.docx", "elsewhere"),
        (odt(**{"Basic/script.xml": "<a/>"}), "cv.odt", "macros"),
        (odt(**{"META-INF/manifest.xml": "<m><encryption-data/></m>"}), "cv.odt", "password"),
        (RTF[:-1], "cv.rtf", "incomplete"),
        (rb"{\rtf1 {\object\objemb{\*\objdata 0105}}}", "cv.rtf", "embedded"),
        (rb"{\rtf1 {\*\template http://evil.example/t.dotm}}", "cv.rtf", "embedded"),
        (b"CV\x00with\x1bNUL and so on", "cv.txt", "not a TXT"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "cv.txt", "web page"),
        (b"   \n\n", "cv.txt", "hardly any text"),
    ],
)
def test_what_is_no_resume_is_refused_with_a_sentence(content: bytes, name: str, word: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(content, name)
    assert word in refused.value.fields["resume"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_before_they_are_read(encoding: str) -> None:
    doctype = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<w>&a;</w>'
    with pytest.raises(Invalid) as refused:
        check(docx(**{"word/document.xml": xml.encode(encoding)}), "cv.docx")
    assert "entities" in refused.value.fields["resume"]


def test_a_directory_that_lies_about_sizes_unpacks_to_nothing_more() -> None:
    content = bytearray(docx(**{"word/more.xml": "<a>" + "x" * 30_000_000 + "</a>"}))
    central = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, 10)  # the declared size of the last entry
    with pytest.raises(Invalid):
        check(bytes(content), "cv.docx")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("cv\u202efdp.exe", "cvfdp.exe"),
        ("aux.pdf", "_aux.pdf"), (" .pdf", "resume.pdf"), ("cv.pdf.", "cv.pdf"), ("cv.PDF", "cv.pdf"),
        ('"><img src=x onerror=alert(1)>.pdf', "img src=x onerror=alert(1).pdf"), ("履歴書.docx", "履歴書.docx"),
        ("cv\r\nSet-Cookie: x=1.pdf", "cvSet-Cookie x=1.pdf"), ("cv\0.pdf.exe", "cv.pdf.exe"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf"),
    ],
)
def test_names_are_cleaned_and_stay_readable(given: str, kept: str) -> None:
    assert clean_filename(given) == kept


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_is_safe_everywhere(name: str) -> None:
    kept = clean_filename(name)
    assert 0 < len(kept) <= 120
    assert kept.isprintable()
    assert not set(kept) & set('/\\<>:"|?*%;')
    assert ".." not in kept.split("/")
    assert clean_filename(kept) == kept


@settings(max_examples=300)
@given(
    st.sampled_from([b"%PDF-1.7\n", b"PK\x03\x04", b"{\\rtf1", b""]),
    st.binary(max_size=200),
    st.sampled_from([b"", b"startxref\n99\n%%EOF", b"PK\x05\x06" + bytes(18), b"}"]),
    st.sampled_from(sorted(MEDIA_TYPES)),
)
def test_any_bytes_are_taken_or_refused_and_nothing_breaks(
    head: bytes, middle: bytes, tail: bytes, ending: str
) -> None:
    try:
        assert check(head + middle + tail, f"cv.{ending}").media_type == MEDIA_TYPES[ending]
    except Invalid as error:
        assert error.fields["resume"].endswith(".")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_document_is_taken_or_refused_and_nothing_breaks(data: st.DataObject) -> None:
    content = bytearray(docx())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        check(bytes(content), "cv.docx")
    except Invalid as error:
        assert error.fields["resume"].endswith(".")


def test_an_archive_of_content_types_alone_is_no_document() -> None:
    with pytest.raises(Invalid):
        check(archive({"[Content_Types].xml": CONTENT_TYPES}), "cv.docx")
