"""A name or a title as one line: what people see of it, and nothing that nobody sees."""

import re
import unicodedata
from functools import lru_cache

_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters of Unicode that are drawn as nothing: the fillers of Hangul, the empty pattern of Braille."""
_JOINERS = "\u200c\u200d"
"""ZWNJ and ZWJ: they shape Persian, Indic scripts and emoji."""
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0020-\U000e007f"
_VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
"""Behind these a joiner also ends a word, as in older Malayalam and Bengali."""
_HIDDEN = "\u034f\u17b4\u17b5"

_shaping = re.compile(f"[{_JOINERS}{_TAGS}]")
_seen = rf"[^\s{_JOINERS}{_SELECTORS}{_TAGS}]"
_stray = re.compile(
    f"(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{2,6}}\U000e007f)|[{_TAGS}]"  # a flag of a region stays
    f"|(?<!{_seen})[{_SELECTORS}]"
    f"|(?<!{_seen})(?<!{_seen}[{_SELECTORS}])[{_JOINERS}]"
    f"|(?<![{_VIRAMAS}])[{_JOINERS}](?![{_JOINERS}]*{_seen})"
)


def one_line(text: str) -> str:
    """`text` in one line: white space of any kind is one space; controls, marks that turn the direction of writing
    and stray format characters are gone; empty where nothing visible is left.

    What shapes the letters beside it stays: joiners between them, the selectors and joiners of emoji.
    """
    line = " ".join(_stray.sub(r"\1", "".join(map(_shown, text))).split())
    return line if any(unicodedata.category(letter)[0] not in "MZ" for letter in line) else ""


@lru_cache(4096)
def _shown(letter: str) -> str:
    if letter.isspace() or letter in _BLANK:
        return " "
    kind = unicodedata.category(letter)
    if kind == "Cn":  # assigned by a later Unicode, if anywhere then beyond the first plane
        return letter if "\U00010000" <= letter <= "\U0003ffff" else ""
    hidden = kind in ("Cc", "Cf", "Cs", "Co") or letter in _HIDDEN
    return "" if hidden and not _shaping.match(letter) else letter
