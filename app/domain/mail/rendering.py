"""Drawing a letter twice from one source: a template calls the kit's words, and each kit writes them its own way."""

import re
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.core.links import Links
from app.domain.mail.letters import Letter

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "email"
WIDTH = 72
_GAPS = re.compile(r"\n{3,}")

Kit = dict[str, Callable[..., str]]


def draw(letter: Letter, board: str, links: Links) -> tuple[str, str]:
    """A letter as text and as HTML, in the frame every mail of the board `board` has.

    Raises jinja2.TemplateError where its template is missing or names what the letter does not give.
    """
    stop = links.url(letter.unsubscribe) if letter.unsubscribe else ""
    frame = {"board": board, "home": links.url("/"), "why": letter.why, "stop": stop, "subject": letter.subject}
    drawn = []
    for kind in ("text", "html"):
        kit = _kit(kind)
        body = kit.get_template(f"{letter.template}.jinja").render(letter.values).strip()
        within = Markup(body) if kind == "html" else body  # noqa: S704  drawn with escaping on
        drawn.append(kit.get_template(f"_{kind}.jinja").render(frame, body=within))
    text, html = drawn
    return _GAPS.sub("\n\n", text).strip() + "\n", html


@cache
def _kit(kind: str) -> Environment:
    kit = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=kind == "html",  # noqa: S701  plain text has nothing to escape
    )
    kit.globals.update(_HTML if kind == "html" else _TEXT)
    return kit


def _filled(text: object, first: str = "") -> str:
    return "\n".join(
        textwrap.fill(
            line, WIDTH, initial_indent=first, subsequent_indent=first, break_long_words=False, break_on_hyphens=False
        ) or first.rstrip()
        for line in str(text).strip().splitlines()
    )


def _text_facts(pairs: Sequence[tuple[str, Any]]) -> str:
    return "\n".join(
        textwrap.fill(f"{label}: {value}", WIDTH, subsequent_indent="  ", break_long_words=False,
                      break_on_hyphens=False)
        for label, value in pairs
    ) + "\n\n"


_TEXT: Kit = {
    "p": lambda text: _filled(text) + "\n\n",
    "quote": lambda text: _filled(text, "> ") + "\n\n",
    "button": lambda label, url: f"{label}:\n{url}\n\n",
    "facts": _text_facts,
    "small": lambda text: _filled(text) + "\n\n",
}

_P = "margin:0 0 16px;font-size:16px;line-height:1.5"
_QUOTE = "margin:0 0 16px;padding:4px 0 4px 14px;border-left:3px solid #7c8aa5;font-size:16px;line-height:1.5"
_LINK = (
    "display:inline-block;padding:12px 20px;border-radius:8px;background-color:#2f55c7;color:#ffffff;font-size:16px;"
    "font-weight:600;text-decoration:none"
)
_LABEL = "padding:4px 16px 4px 0;text-align:left;vertical-align:top;font-weight:400;opacity:.75;font-size:15px"
_VALUE = "padding:4px 0;vertical-align:top;font-size:15px"
_SMALL = "margin:0 0 16px;font-size:14px;line-height:1.5;opacity:.75"


def _lines(text: object) -> Markup:
    return Markup("<br>").join(escape(line) for line in str(text).strip().splitlines())


def _html_facts(pairs: Sequence[tuple[str, Any]]) -> Markup:
    row = Markup('<tr><th scope="row" style="{}">{}</th><td style="{}">{}</td></tr>')
    rows = Markup("").join(row.format(_LABEL, label, _VALUE, value) for label, value in pairs)
    return Markup('<table style="border-collapse:collapse;margin:0 0 16px">{}</table>\n').format(rows)


_HTML: Kit = {
    "p": lambda text: Markup('<p style="{}">{}</p>\n').format(_P, _lines(text)),
    "quote": lambda text: Markup('<blockquote style="{}">{}</blockquote>\n').format(_QUOTE, _lines(text)),
    "button": lambda label, url: Markup('<p style="margin:0 0 20px"><a href="{}" style="{}">{}</a></p>\n').format(
        url, _LINK, label
    ),
    "facts": _html_facts,
    "small": lambda text: Markup('<p style="{}">{}</p>\n').format(_SMALL, _lines(text)),
}
