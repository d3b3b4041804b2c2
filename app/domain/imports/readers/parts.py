"""Pieces of rows that several feeds put together in the same way."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

_markup = re.compile(r"<(?:p|br|div|ul|ol|li|h[1-6]|strong|b|em|i|span|table|a)\b[^<>]{0,500}>", re.I)


def joined(between: str, *values: Any) -> str:
    """The words among `values`, each once, with `between` in between."""
    words = (value.strip() for value in values if isinstance(value, str))
    return between.join(dict.fromkeys(word for word in words if word))


def place(*parts: Any) -> str:
    """City, region, country (as far as they are named) as one place."""
    return joined(", ", *parts)


def places(all_places: Iterable[Any]) -> str:
    """Places as normalised rows name several."""
    return joined(" | ", *all_places)


def texts(value: Any) -> list[str]:
    """A value that is one word or a list of words, as a list."""
    return [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str)]


def sections(*parts: tuple[Any, Any]) -> str:
    """HTML of (heading, HTML) pairs that say something."""
    said = []
    for heading, html in parts:
        if isinstance(html, str) and html.strip():
            said.append(f"<h3>{heading}</h3>{html}" if isinstance(heading, str) and heading.strip() else html)
    return "\n".join(said)


def written_as(text: Any) -> str:
    """Whether words that came without a word on their kind are HTML, escaped HTML or text."""
    if not isinstance(text, str) or _markup.search(text):
        return "html"
    return "html-escaped" if "&lt;" in text and _markup.search(unescape(text)) else "text"


def source_of(format_name: str, board: Any) -> str:
    """A source whose ids are its own: the format and the board it came from."""
    return f"{format_name}:{board}"[:60] if isinstance(board, str) and board else format_name


def host(url: Any) -> str:
    """The host an address names; empty where it is none."""
    try:
        return urlsplit(url).hostname or "" if isinstance(url, str) else ""
    except ValueError:
        return ""


def board(url: Any, *shared: str) -> str:
    """The board an address belongs to: the first step of its path on a `shared` host, else the host itself."""
    name = host(url)
    if not any(name == one or name.endswith(f".{one}") for one in shared):
        return name
    return str(urlsplit(url).path).strip("/").split("/")[0]
