"""The one analyser: text becomes tokens here, for postings and queries; a database only stores and matches them.

Folding makes `Café` and `cafe`, `Łódź` and `lodz` one word; English words are stemmed (Snowball), whatever else
is left as it is; Chinese, Japanese, Korean and Thai, written without spaces, are read character by character.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

LONGEST = 64
"""Characters of a token; longer ones are cut."""
SHORTEST_KNOWN, LONGEST_KNOWN = 3, 40
"""Characters of a word that a vocabulary holds."""

_STRIPPED = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200c-\u200f\u2060\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufeff"
)
"""Accents, vowel points and invisible joiners. Marks that carry vowels (Hindi, Thai, Tamil) stay."""

_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ħ": "h",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ı": "i",
    "ŋ": "n",
    "ŧ": "t",
    "ƒ": "f",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ə": "e",
    "ى": "ي",
    "ة": "ه",
    "ک": "ك",
    "ی": "ي",
}
"""Letters that Unicode does not take apart though people type the plain one for them."""


def _folds() -> dict[int, str]:
    digits = {c: str(unicodedata.decimal(chr(c))) for c in range(0x80, 0x10000) if chr(c).isdecimal()}
    return digits | {ord(letter): plain for letter, plain in _LETTERS.items()}


def _marks() -> str:
    stripped = re.compile(f"[{_STRIPPED}]")
    found = (chr(c) for c in range(0x300, 0x10000) if unicodedata.category(chr(c)) in {"Mn", "Mc"})
    return "".join(mark for mark in found if not stripped.match(mark))


_FOLDS = _folds()
_strip = re.compile(f"[{_STRIPPED}]+").sub

_SOLO = (
    "\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = rf"(?:[^\W_{_SOLO}]|[{_marks()}])"
_BEFORE = r"(?<![^\W_])"
_AFTER = r"(?![^\W_])"
_PIECE = re.compile(
    rf"{_BEFORE}[a-z]{{1,10}}\+\+{_AFTER}"  # c++
    rf"|{_BEFORE}[a-z]\#{_AFTER}"  # c#, f#
    rf"|{_BEFORE}(?:asp|vb|ado|ml)?\.net{_AFTER}"
    rf"|{_BEFORE}[a-z][a-z0-9]{{1,11}}\.js{_AFTER}"  # node.js
    rf"|(?=\w)[{_SOLO}]"
    rf"|{_LETTER}+(?:['’ʼ‐‑-]{_LETTER}+)*"
)
_SOLITARY = re.compile(f"[{_SOLO}]")
_SPLIT = re.compile("['’ʼ‐‑-]")
_PART = re.compile("[^'’ʼ‐‑-]+")

_KEPT = {word: word for word in ("hospitality", "personal", "animal", "animals", "universal", "experiment")}
"""Words the stemmer would lay together with others that mean something else to a job seeker."""

STOP = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "of", "on", "or", "that", "the", "to")
)
"""Words that narrow nothing when typed bare."""

_stemmer = snowballstemmer.stemmer("english")
_stemming = threading.Lock()


class Piece(NamedTuple):
    """What a run of characters says: its tokens in order, its joined spelling, and words as they were written.

    `surfaces` are the spellings that differ from their token, `words` those of a vocabulary.
    """

    tokens: tuple[str, ...]
    joined: str | None = None
    surfaces: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def fold(text: str) -> str:
    """`text` without case, accents and compatibility forms. Not length-preserving."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _strip("", plain).translate(_FOLDS))


def _stem(word: str) -> str:
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    with _stemming:  # the stemmer keeps its word in itself
        return _KEPT.get(word) or str(_stemmer.stemWord(word))


@lru_cache(maxsize=1 << 17)
def _read(piece: str) -> Piece:
    if piece.endswith("++"):
        return Piece((piece.replace("+", "plus"),))
    if piece.endswith("#"):
        return Piece((piece.replace("#", "sharp"),))
    if piece.endswith(".js"):
        name = piece[:-3]
        return Piece((_stem(piece.replace(".", "")),), surfaces=(name, _stem(name)), words=_vocabulary([name]))
    if piece.endswith(".net"):
        plain = ("dotnet",) if len(piece) > 4 else ()
        return Piece((piece.replace(".", "dot"),), surfaces=plain)
    parts = _SPLIT.split(piece)
    if len(parts) > 1 and parts[-1] == "s":
        parts.pop()
    words = [part[:LONGEST] for part in parts]
    tokens = tuple(map(_stem, words))
    surfaces = tuple(word for word, token in zip(words, tokens, strict=True) if word != token)
    together = "".join(parts)
    compound = 1 < len(parts) <= 3 and len(together) <= LONGEST and not together.isdigit()
    return Piece(tokens, _stem(together) if compound else None, surfaces, _vocabulary(words))


def _vocabulary(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if SHORTEST_KNOWN <= len(word) <= LONGEST_KNOWN and not word.isdigit())


def pieces(folded: str) -> Iterator[Piece]:
    """The pieces of an already folded text, in order."""
    return map(_read, _PIECE.findall(folded))


def written(folded: str) -> list[str]:
    """The pieces of an already folded text as they stand there."""
    return _PIECE.findall(folded)


class Unit(NamedTuple):
    """One token, where its word begins and ends, and where the piece does that it is of."""

    start: int
    end: int
    token: str
    word: str
    whole: tuple[int, int]
    others: frozenset[str]
    """What finds the piece as a whole (`frontend`, `node`)."""


def units(folded: str) -> Iterator[Unit]:
    """The tokens of an already folded text with where they stand."""
    for match in _PIECE.finditer(folded):
        piece, at = _read(match.group()), match.start()
        parts = [(part.start(), part.end(), part.group()[:LONGEST]) for part in _PART.finditer(match.group())]
        others = frozenset((*piece.surfaces, *filter(None, [piece.joined]))) - {word for *_, word in parts}
        for token, (start, end, word) in zip(piece.tokens, parts, strict=False):  # a last 's is no token
            yield Unit(at + start, at + end, token, word, match.span(), others)


def tokens(text: str) -> list[str]:
    """The tokens of `text`; a token's index is its position."""
    return [token for piece in pieces(fold(text)) for token in piece.tokens]


def is_solitary(text: str) -> bool:
    """Whether `text` holds characters that are words by themselves (Chinese, Thai …)."""
    return _SOLITARY.search(text) is not None
