"""Folding of names, so that case, accents and usual spellings do not matter."""

import unicodedata

_LETTERS = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t",
    **dict.fromkeys("'’‘`´ʻʼʽʹʿʾ"),
})
_SHORT = {
    "saint": "st", "sainte": "ste", "sankt": "st", "fort": "ft", "mount": "mt", "afb": "air force base",
    "township": "twp",
}


def fold(text: str) -> str:
    """Lower case without accents, apostrophes and punctuation; words are separated by one space."""
    text = text.casefold().translate(_LETTERS)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def key(text: str) -> str:
    """What names are looked up by: folded, with usual abbreviations ("Saint", "St.") made one."""
    return " ".join([_SHORT.get(word, word) for word in fold(text).split()])
