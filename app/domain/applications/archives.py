"""Office documents as archives: counted, measured and read through before anybody opens them."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NoReturn
from urllib.parse import urlsplit
from xml.parsers import expat

from app.core.errors import Invalid

_MOST_ENTRIES = 2_000
_MOST_UNPACKED = 100 * 1024 * 1024
_MOST_XML = 20 * 1024 * 1024
_MOST_RATIO = 200
_SMALL = 1024 * 1024
_CHUNK = 64 * 1024
_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGED = "This document is damaged. Open it, save it again and send the new file."
_PASSWORD = "This document has a password. Remove the password and send it again."  # noqa: S105  a sentence


def refuse(sentence: str) -> NoReturn:
    """Raise Invalid with what is wrong with the résumé."""
    raise Invalid("The résumé cannot be taken.", {"resume": sentence})


def check_docx(content: bytes) -> None:
    """Raise Invalid unless this is a whole Word document without macros, entities or parts fetched from elsewhere."""
    with _opened(content) as archive:
        names = set(archive.namelist())
        if not {"[Content_Types].xml", "word/document.xml"} <= names:
            refuse("This is an archive, not a Word document. Send a PDF, DOCX, ODT, RTF or plain text file.")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            refuse("This document has macros. Save it as PDF and send that.")
        _read_through(archive)


def check_odt(content: bytes) -> None:
    """Raise Invalid unless this is a whole OpenDocument text without macros or entities."""
    with _opened(content) as archive:
        names = set(archive.namelist())
        if not {"mimetype", "content.xml", "META-INF/manifest.xml"} <= names:
            refuse("This is an archive, not an OpenDocument text. Send a PDF, DOCX, ODT, RTF or plain text file.")
        if any(name.startswith(("Basic/", "Scripts/")) for name in names):
            refuse("This document has macros. Save it as PDF and send that.")
        if any(b"encryption-data" in chunk for chunk in _chunks(archive, "META-INF/manifest.xml")):
            refuse(_PASSWORD)
        _read_through(archive)


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        refuse(_DAMAGED)
    _measure(archive, len(content))
    return archive


def _measure(archive: zipfile.ZipFile, size: int) -> None:
    """Judge the archive by its directory, before a byte is unpacked; overlapping entries add up to too much."""
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES or len({entry.filename for entry in entries}) != len(entries):
        refuse(_DAMAGED)
    if any(_outside(entry.orig_filename) for entry in entries):
        refuse("This document names files outside itself. Save it again, as PDF for example, and send that.")
    if any(entry.flag_bits & 1 for entry in entries):
        refuse(_PASSWORD)
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        refuse(_DAMAGED)
    unpacked = sum(entry.file_size for entry in entries)
    swollen = any(e.file_size > max(_SMALL, _MOST_RATIO * e.compress_size) for e in entries)
    if unpacked > _MOST_UNPACKED or swollen or sum(entry.compress_size for entry in entries) > size:
        refuse("This document unpacks to far too much. Save it again, as PDF for example, and send that.")


def _outside(name: str) -> bool:
    """Whether an entry would leave the folder it is unpacked into."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or "\0" in name or bool(_DRIVE.match(name))


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, zlib.error):
        refuse(_DAMAGED)


def _read_through(archive: zipfile.ZipFile) -> None:
    """Read every XML part in a stream: well-formed, no document type, nothing fetched from elsewhere."""
    parts = [e for e in archive.infolist() if e.filename.lower().endswith((".xml", ".rels", ".rdf"))]
    if sum(entry.file_size for entry in parts) > _MOST_XML:
        refuse("This document is far longer than a résumé. Save it as PDF and send that.")
    for entry in parts:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        if entry.filename.lower().endswith(".rels"):
            parser.StartElementHandler = _judge_relation
        try:
            for chunk in _chunks(archive, entry.filename):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            refuse(_DAMAGED)


def _refuse_doctype(*_: object) -> None:
    refuse("This document declares entities, which no word processor does. Save it as PDF and send that.")


def _judge_relation(element: str, attributes: dict[str, str]) -> None:
    """Links may lead anywhere; what a document loads by itself must come from itself or its author's own disk."""
    if attributes.get("TargetMode", "").lower() != "external" or attributes.get("Type", "").endswith("/hyperlink"):
        return
    if _leads_away(attributes.get("Target", "").strip().replace("\\", "/")):
        refuse("This document loads parts from elsewhere, such as a template. Save it as PDF and send that.")


def _leads_away(target: str) -> bool:
    try:
        return bool(urlsplit(target).netloc)
    except ValueError:
        return True
