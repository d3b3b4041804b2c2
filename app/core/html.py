"""Text people wrote, as HTML that is safe to show. Nothing else makes HTML out of user text."""

import re
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt

_TAGS = {
    "p", "br", "hr", "ul", "ol", "li", "strong", "b", "em", "i", "u", "s", "code", "pre", "blockquote", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "sub", "sup",
}
_DROPPED_WHOLE = {
    "script", "style", "title", "noscript", "template", "iframe", "object", "svg", "math", "textarea",
}
_SCHEMES = {"http", "https", "mailto"}
_BLOCKS = {
    "p", "br", "hr", "ul", "ol", "li", "pre", "blockquote", "h3", "h4", "h5", "h6", "table", "tr", "dl", "dt",
    "dd",
}
_NESTED_EMPTY = 5

_heading = re.compile(r"<(/?)h([1-6])(?=[\s>/])", re.I)
_container = re.compile(r"<(/?)(?:div|section|article|header|footer|main|center|address)(?=[\s>/])", re.I)
_unseen = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_empty = re.compile(r"<(p|li|h[3-6]|strong|b|em|i|u)>(?:\s|&nbsp;|<br>)*</\1>")
_spaces = re.compile(r"[^\S\n]+")

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def _whole_address(tag: str, attribute: str, value: str) -> str | None:
    """Links lead away from the board or nowhere: a relative one would be read as one of ours."""
    whole = attribute != "href" or value.strip().lower().startswith(("http://", "https://", "mailto:"))
    return value if whole else None


def clean_html(dirty: str) -> str:
    """`dirty` cut down to a small set of tags without attributes but safe links, well-formed.

    The highest heading becomes h3, as a page has its own h1 and h2; divisions become paragraphs.
    """
    text = _unseen.sub("", dirty)
    highest = min((int(level) for _, level in _heading.findall(text)), default=3)
    text = _heading.sub(lambda found: f"<{found[1]}h{min(6, int(found[2]) - highest + 3)}", text)
    text = _container.sub(r"<\1p", text)
    text = nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes={"a": {"href"}, "*": set()},
        attribute_filter=_whole_address,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )
    for _ in range(_NESTED_EMPTY):
        text = _empty.sub("", text)
    return text.strip()


def render_markdown(md: str) -> str:
    """Markdown as clean HTML; HTML written inside it is shown as the text it is."""
    return clean_html(_markdown.render(_unseen.sub("", md)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(clean: str) -> str:
    """The words of clean HTML, a line for each block, without markup."""
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    lines = (_spaces.sub(" ", line).strip() for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)
