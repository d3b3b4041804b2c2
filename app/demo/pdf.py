"""A résumé as a small PDF of one page: Helvetica, Latin letters, lines from the top."""

from collections.abc import Sequence

_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
_LEADING = 16


def resume(name: str, lines: Sequence[str]) -> bytes:
    """A PDF 1.4 file (ISO 32000-1, 7.5: header, objects, cross-reference table, trailer)."""
    stream = _page(name, lines)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
    )
    out, offsets = bytearray(_HEAD), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _page(name: str, lines: Sequence[str]) -> bytes:
    shown = [b"BT /F1 20 Tf 60 770 Td (%b) Tj" % _string(name), b"/F1 11 Tf 0 -32 Td %d TL" % _LEADING]
    shown += [b"(%b) Tj T*" % _string(line) for line in lines]
    return b"\n".join((*shown, b"ET"))


def _string(text: str) -> bytes:
    coded = text.encode("cp1252", "replace")
    return coded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
