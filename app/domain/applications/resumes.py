"""What may be uploaded as a résumé: magic and ending agree, nothing hides inside, nothing is unpacked unmeasured.

Nothing is rendered or extracted here, so no parser of a whole format runs on a stranger's file: the checks are of
structure, in bounded memory. A PDF may hold scripts (forms do); it only ever leaves as an attachment.
"""

import hashlib
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO

import puremagic

from app.domain.applications.archives import check_docx, check_odt, refuse

LARGEST = 5 * 1024 * 1024
"""Bytes of a résumé, at the most."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "rtf": "application/rtf",
    "txt": "text/plain",
}
ACCEPT = ",".join(f".{ending}" for ending in MEDIA_TYPES)
"""For the file field's `accept`."""

_KINDS = "Send a PDF, DOCX, ODT, RTF or plain text file."
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.I)
_UNWANTED = re.compile(r'[<>:"|?*%;]')
_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_XREF = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_RTF_OBJECT = re.compile(rb"\\obj(?:data|emb|link|autlink|ocx|html|update|sub|pub)")
_RTF_TEMPLATE = re.compile(rb"\\\*\s*\\template\s*(?:https?:|ftp:|\\\\)", re.I)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<(?:!doctype|html|svg|\?xml|script|head|body|iframe)\b", re.I)
_BOMS = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"),
         (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that passed its checks, with the facts the database keeps of it."""

    content: bytes
    filename: str
    media_type: str
    sha256: str


def clean_filename(name: str) -> str:
    """A file's name fit for any disk and any header: no folders, no controls, at most 120 characters.

    The ending is kept in lower case; without one the name has none.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" or c == " ")
    name = " ".join(_UNWANTED.sub("", name).split()).rstrip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    stem = stem.strip(". ")[:100].rstrip() or "resume"
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending.lower()[:16]}" if ending else stem


def check(content: bytes, filename: str) -> Upload:
    """The file as it may be stored. Raises Invalid with a sentence that says what to do."""
    name = clean_filename(filename)
    ending = name.rpartition(".")[2] if "." in name else ""
    if not content:
        refuse("This file is empty. Choose another one.")
    if len(content) > LARGEST:
        refuse("This file is larger than 5 MB. Save it smaller, for example without pictures.")
    if _EICAR in content[:256]:
        refuse("This is the test file of virus scanners, not a résumé.")
    if ending not in MEDIA_TYPES:
        refuse(_wrong_ending(ending))
    found = _kind(content)
    if found != ending:
        refuse(_mismatch(content, ending, found))
    _CHECKS[ending](content)
    return Upload(content, name, MEDIA_TYPES[ending], hashlib.sha256(content).hexdigest())


def _wrong_ending(ending: str) -> str:
    if not ending:
        return f"The file's name has no ending such as .pdf. {_KINDS}"
    if ending in ("doc", "docm", "dot", "pages"):
        return f"A .{ending} file cannot be taken. Save it as PDF or DOCX and send that."
    return f"A .{ending} file cannot be taken. {_KINDS}"


def _kind(content: bytes) -> str:
    """The ending a file's first bytes ask for; `txt` for what begins like no other kind."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"{\\rtf"):
        return "rtf"
    if content.startswith(b"PK\x03\x04"):
        return "odt" if content[30:85].startswith(b"mimetypeapplication/vnd.oasis.opendocument.text") else "docx"
    return "txt" if _readable(content) else ""


def _mismatch(content: bytes, ending: str, found: str) -> str:
    if ending in ("docx", "odt") and content.startswith(_OLD_WORD):
        return "This document has a password or is an old Word file. Save it as DOCX without one and try again."
    if found and found != "txt":
        return f"This file is named .{ending} but is a {found.upper()} file. Give it its own ending and try again."
    really = _guess(content)
    return f"This is not a {ending.upper()} file{f' but looks like {really}' if really else ''}. {_KINDS}"


def _guess(content: bytes) -> str:
    try:
        return str(puremagic.from_string(content[:4096])).lstrip(".").upper()
    except (puremagic.PureError, ValueError):
        return ""


def _check_pdf(content: bytes) -> None:
    """The end is there and points at a table inside; no password; no second file behind it."""
    if _ENCRYPTED.search(content):
        refuse("This PDF has a password or restrictions. Remove the password and send it again.")
    ends = _STARTXREF.findall(content[-2048:])
    if not ends or int(ends[-1]) >= len(content) or not _XREF.match(content, int(ends[-1])):
        refuse("This PDF is incomplete. Open it, save it again and send the new file.")
    if zipfile.is_zipfile(BytesIO(content)):
        refuse("This PDF has an archive inside. Print it to a new PDF and send that.")


def _check_rtf(content: bytes) -> None:
    if not content.rstrip(b"\0 \r\n\t").endswith(b"}"):
        refuse("This RTF file is incomplete. Open it, save it again and send the new file.")
    if _RTF_OBJECT.search(content) or _RTF_TEMPLATE.search(content):
        refuse("This RTF file has objects embedded. Save it as PDF and send that.")


def _readable(content: bytes) -> str:
    """The text of a text file, in Unicode or an eight-bit encoding; empty where it is none."""
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "")
    try:
        text = content.decode(encoding or "utf-8-sig")
    except UnicodeDecodeError:
        if encoding:
            return ""
        text = content.decode("latin-1")
    return "" if _CONTROLS.search(text) else text


def _check_text(content: bytes) -> None:
    text = _readable(content)
    if _MARKUP.match(text):
        refuse(f"This is a web page or picture named .txt. {_KINDS}")
    if sum(c.isalpha() for c in text[:4096]) < 10:
        refuse("There is hardly any text in this file. Choose another one.")


_CHECKS = {"pdf": _check_pdf, "docx": check_docx, "odt": check_odt, "rtf": _check_rtf, "txt": _check_text}
