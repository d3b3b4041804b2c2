"""Files that people upload, good and hostile, made here."""

import zipfile
from io import BytesIO

CONTENT_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
DOCUMENT = (
    '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>Ada</w:t></w:r></w:p></w:body></w:document>"
)
RTF = rb"{\rtf1\ansi Ada Lovelace, mathematician.}"


def pdf(extra: bytes = b"", tail: bytes = b"") -> bytes:
    """A small whole PDF; `extra` goes into its catalogue, `tail` behind its end."""
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + extra + b">>\nendobj\n"
    body += b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    end = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R /Size 3 >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + end + tail


def archive(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts, in order."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def docx(**more: str | bytes) -> bytes:
    """A small whole DOCX; `more` adds or replaces parts, `__` in a name standing for `/` and `_dot_` for a dot."""
    parts: dict[str, str | bytes] = {"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": DOCUMENT}
    parts |= {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return archive(parts)


def odt(**more: str | bytes) -> bytes:
    """A small whole ODT."""
    parts: dict[str, str | bytes] = {
        "content.xml": "<?xml version='1.0'?><office/>", "META-INF/manifest.xml": "<?xml version='1.0'?><manifest/>",
    }
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        for name, content in (parts | {k.replace("__", "/").replace("_dot_", "."): v for k, v in more.items()}).items():
            made.writestr(name, content)
    return buffer.getvalue()


def relations(kind: str, target: str) -> str:
    """A relationship part that points outside."""
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    )
