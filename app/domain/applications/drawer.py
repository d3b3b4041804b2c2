"""Draws pages and takes text out of an uploaded file: a program of its own, never imported by the server.

`python drawer.py survey FILE MEDIA_TYPE OUT` writes JSON: pages ([width, height] of each image), text.
`python drawer.py page FILE NUMBER OUT` writes a PNG. Whatever a hostile file does, it does to this process, which the
limits below end; the server sees an exit code that is not 0.
"""

import json
import re
import resource
import sys
import zipfile
from pathlib import Path

MOST_PAGES = 20
WIDTH = 1_000
TALLEST = 3_000
MOST_TEXT = 100_000
CPU_SECONDS = 10
MEMORY = 1024 * 1024 * 1024
LARGEST_OUT = 20 * 1024 * 1024
_ENTRY = 20 * 1024 * 1024
_BREAKS = {"p", "br", "h", "tr", "table-row", "line-break"}
_TABS = {"tab", "tc", "table-cell"}


def confine() -> None:
    """Bound what this process may take, before a byte of the file is read."""
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, LARGEST_OUT),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def size_of(width: float, height: float) -> tuple[float, tuple[int, int]]:
    """(scale, pixels) of a page measured in points: a thousand wide, cut where it would be taller than three."""
    if not (width > 0 and height > 0):
        raise ValueError("a page without a size")
    scale = min(WIDTH / width, TALLEST / height)
    return scale, (max(1, round(width * scale)), max(1, round(height * scale)))


def survey_pdf(path: Path) -> dict[str, object]:
    """Sizes of the first pages as images, and the words of the text layer."""
    import pypdfium2

    pages: list[tuple[int, int]] = []
    texts: list[str] = []
    with pypdfium2.PdfDocument(path) as document:
        for number in range(min(len(document), MOST_PAGES)):
            page = document[number]
            pages.append(size_of(*page.get_size())[1])
            text = page.get_textpage()
            texts.append(text.get_text_range(0, min(text.count_chars(), MOST_TEXT), errors="ignore"))
        total = len(document)
    return {"pages": pages, "total": total, "text": "\n\n".join(texts)}


def draw(path: Path, number: int, out: Path) -> None:
    """Page `number`, from 1, as a PNG."""
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        if not 1 <= number <= min(len(document), MOST_PAGES):
            raise ValueError("no such page")
        page = document[number - 1]
        scale, _ = size_of(*page.get_size())
        image = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True).to_pil().convert("RGB")
        image.quantize(128).save(out, "PNG", optimize=True)


def text_of(path: Path, media_type: str) -> str:
    """The words of a document that has no pages of its own. The upload's checks have measured it already."""
    if media_type == "text/plain":
        return plain(path.read_bytes())
    if media_type == "application/rtf":
        from striprtf.striprtf import rtf_to_text

        return str(rtf_to_text(path.read_bytes().decode("latin-1"), errors="ignore"))  # type: ignore[no-untyped-call]
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        name = "word/document.xml" if "word/document.xml" in names else "content.xml"
        with archive.open(name) as part:
            return xml_text(part.read(_ENTRY))


def plain(content: bytes) -> str:
    """Text in Unicode, else in the commonest eight-bit encoding."""
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", errors="replace")


def xml_text(content: bytes) -> str:
    """The words of an office document's body, a line for each paragraph."""
    from defusedxml.ElementTree import fromstring

    parts: list[str] = []

    def walk(root: object) -> None:
        stack: list[tuple[object, bool]] = [(root, False)]
        while stack:
            element, done = stack.pop()
            tag = str(getattr(element, "tag", "")).rpartition("}")[2]
            if done:
                parts.append(str(getattr(element, "tail", None) or "") if tag not in {"p", "tr"} else "")
                if tag in _BREAKS:
                    parts.append("\n")
                continue
            if tag in _TABS:
                parts.append("\t")
            if tag != "instrText":
                parts.append(str(getattr(element, "text", None) or ""))
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(list(element)))  # type: ignore[call-overload]

    walk(fromstring(content, forbid_dtd=True))
    return "".join(parts)


def tidy(text: str) -> str:
    """Lines without what cannot be shown, and no more than one empty line running."""
    text = "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or c.isprintable())
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()[:MOST_TEXT]


def main(what: str, file: str, detail: str, out: str) -> None:
    """One piece of work."""
    confine()
    path = Path(file)
    if what == "page":
        draw(path, int(detail), Path(out))
        return
    is_pdf = detail == "application/pdf"
    found = survey_pdf(path) if is_pdf else {"pages": [], "total": 0, "text": text_of(path, detail)}
    found["text"] = tidy(str(found["text"]))
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:5])
