"""Text as feeds deliver it, mended and turned into clean HTML and plain words."""

import ast
import html
import re
import unicodedata
from collections.abc import Callable, Iterator

from app.core.html import clean_html, plain_text, render_markdown
from app.core.lines import one_line

LONGEST = 100_000
"""Characters of a description that are read; the longest real one has 43,186."""

_unseen = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200d\u2060\ufeff\ufffe\uffff\ud800-\udfff]"
)
_line_ends = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_odd_spaces = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]")
_code_points = re.compile(r"<U\+([0-9A-F]{4,5})>")
_entity = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_misread = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-"
    "\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{1,3}"
)
_tag = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_item_tag = re.compile(r"<li\b[^<>]{0,500}>", re.I)
_break_tag = re.compile(r"</?(?:p|br|div|ul|ol|li|h[1-6]|tr|table|section)\b[^<>]{0,500}>", re.I)
_known_tag = re.compile(r"</?(?:p|br|b|i|ul|ol|li|div|span|strong|em|h[1-6]|a|u|table)\b[^<>]{0,500}>", re.I)

_bullet = re.compile(r"\s*(?:[•●▪◦○‣►▶✓✔➢➤◾■□·\uf0b7\uf0a7*]|[-–—](?=\s|[^\W\d_]))\s*")
_inner_bullet = re.compile(r"\s*[•●▪◦‣►➢➤◾■\uf0b7\uf0a7]\s*")
_heading = re.compile(r"(?P<words>[^\W\d_][^:.!?]{2,58}[^\W_)]\)?)\s?:")
_loud_heading = re.compile(r"(?P<words>[A-Z][A-Z/&,' -]{3,48}[A-Z]):\s+(?P<rest>\S.*)", re.S)
_sentence_end = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-zà-ÿ]|[¿¡\"'“(])")
_PARAGRAPH = 420
_WALL = 900
_HARD_WRAP = 100
_CLOSING = frozenset("\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e")
"""Quotes and dashes, which may stand behind any capital letter."""


def _repaired(text: str) -> str:
    """UTF-8 that was read as Windows-1252, read as what it is.

    A capital with a quote or a dash behind it looks the same, and is taken for that where nothing else was misread.
    """
    sure = any(_surely(one.group()) and _read_again(one) != one.group() for one in _misread.finditer(text))
    return _misread.sub(_read_again, text) if sure else text


def _surely(letters: str) -> bool:
    return len(letters) > 2 or letters[0] in "ÂÃÅâ" or letters[1] not in _CLOSING


def _read_again(found: re.Match[str]) -> str:
    """UTF-8 that was read as Windows-1252, read as what it is; anything else as it was."""
    raw = b"".join(_byte(letter) for letter in found.group())
    try:
        letters = raw.decode("utf-8")
    except UnicodeDecodeError:
        return found.group()
    return "".join(_c1(letter) for letter in letters)


def _byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1", "ignore")


def _c1(letter: str) -> str:
    """Control characters of the C1 range are punctuation of Windows-1252 in practice."""
    return bytes([ord(letter)]).decode("cp1252", "ignore") if 0x80 <= ord(letter) <= 0x9F else letter


def mend(text: str) -> str:
    """`text` without control and invisible characters, misread UTF-8 repaired, spaces plain, in NFC."""
    text = _line_ends.sub("\n", text[:LONGEST])
    text = _repaired(text).replace("€¢", "•")
    text = _code_points.sub(lambda found: chr(int(found[1], 16)), text)
    return unicodedata.normalize("NFC", _odd_spaces.sub(" ", _unseen.sub("", text)))


def unescape(text: str) -> str:
    """`text` with its character references resolved, also those that were escaped twice."""
    for _ in range(3):
        if not _entity.search(text):
            break
        text = html.unescape(text)
    return text


def _untag(text: str) -> str:
    """Markup that strayed into plain text, as line breaks and bullets."""
    if not _known_tag.search(text):
        return text
    text = _break_tag.sub("\n", _item_tag.sub("\n• ", text))
    return _tag.sub("", text)


def _unwrap(lines: list[str]) -> Iterator[str]:
    """Lines of a text broken at a fixed width, joined again; other texts as they are."""
    full = sum(50 <= len(line) <= _HARD_WRAP for line in lines)
    if max(map(len, lines), default=0) > _HARD_WRAP or full < 4:
        yield from lines
        return
    joined = ""
    width = 0
    for line in lines:
        fresh = not line or _bullet.match(line) or _heading.fullmatch(line) or _loud_heading.fullmatch(line)
        if joined and width >= 45 and not fresh:
            joined = f"{joined} {line}"
        else:
            yield joined
            joined = line
        width = len(line)
    yield joined


def _paragraphs(line: str) -> Iterator[str]:
    """A wall of text in paragraphs of a few sentences."""
    if len(line) <= _WALL:
        yield line
        return
    gathered = ""
    for sentence in _sentence_end.split(line):
        gathered = f"{gathered} {sentence}".strip()
        if len(gathered) >= _PARAGRAPH:
            yield gathered
            gathered = ""
    if gathered:
        yield gathered


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """(tag, words) for each line of a plain text: h3, li or p."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    for line in _unwrap(lines):
        bullet = _bullet.match(line)
        pieces = _inner_bullet.split(line[bullet.end() :] if bullet else line)
        for place, piece in enumerate(pieces):
            if not any(letter.isalnum() for letter in piece):
                continue
            if bullet or place:
                yield "li", piece
            elif heading := _heading.fullmatch(piece):
                words = heading["words"]
                yield "h3", words.capitalize() if words.isupper() else words
            elif loud := _loud_heading.fullmatch(piece):
                yield "h3", loud["words"].capitalize()
                yield from (("p", part) for part in _paragraphs(loud["rest"]))
            else:
                yield from (("p", part) for part in _paragraphs(piece))


def _from_plain(text: str) -> str:
    """Clean HTML of a plain text: its lines as paragraphs, its bullets as lists, its headings as headings."""
    parts: list[str] = []
    listing = False
    for tag, words in _blocks(text):
        if (tag == "li") != listing:
            listing = not listing
            parts.append("<ul>" if listing else "</ul>")
        parts.append(f"<{tag}>{html.escape(words, quote=False)}</{tag}>")
    return "\n".join([*parts, "</ul>"] if listing else parts)


def _plain(text: str) -> str:
    return _from_plain(_untag(mend(unescape(mend(text)))))


def _markup(text: str) -> str:
    """HTML, whose leading words may stand outside any paragraph, as Hacker News writes it."""
    text = mend(text)
    return clean_html(text if text.lstrip().startswith("<") else f"<p>{text}")


def _escaped(text: str) -> str:
    """HTML escaped once or twice, perhaps cut off inside a tag."""
    text = mend(unescape(mend(text)))
    return _markup(re.sub(r"<[^<>]{0,300}$", "", text)) if _known_tag.search(text) else _from_plain(text)


def _list_repr(text: str) -> str:
    """A Python list of lines, printed."""
    try:
        lines = ast.literal_eval(text[:LONGEST])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        lines = re.split(r"""['"],\s*['"]""", text.strip("[]'\" "))
    return _plain("\n".join(str(line) for line in lines) if isinstance(lines, list) else text)


_READERS: dict[str, Callable[[str], str]] = {
    "text": _plain,
    "text-entities": _plain,
    "text-flattened": _plain,
    "html": _markup,
    "html-hn": _markup,
    "html-escaped": _escaped,
    "python-list-repr": _list_repr,
    "markdown": lambda text: render_markdown(mend(text)),
}

FORMATS = frozenset(_READERS)


def read_description(raw: str, written_as: str) -> tuple[str, str]:
    """(clean HTML, plain words) of a description written in one of `FORMATS`; an unknown one is read as text."""
    shown = _READERS.get(written_as, _plain)(raw[:LONGEST])
    return shown, plain_text(shown)


def read_line(raw: str, longest: int) -> str:
    """One line of words (a title, a name): mended, without markup, at most `longest` characters."""
    line = one_line(_tag.sub(" ", mend(unescape(mend(raw[: longest * 20])))))
    if len(line) <= longest:
        return line
    head = line[: longest - 1]
    whole = head if line[longest - 1] == " " else head.rsplit(" ", 1)[0]
    return whole.rstrip(" ,;:-–|/(") + "…"
