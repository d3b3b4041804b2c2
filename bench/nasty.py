"""The worst that could be asked, each by a name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from urllib.parse import urlencode

LONGEST = 300
"""Characters the product reads of a query."""
METROPOLIS = "london-gb"


MOST_WORDS = 400
"""How many of the commonest words are looked at."""


def nasty(words: Sequence[str], facets: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Query strings; `words` are those of most bodies, commonest first, `facets` the commonest values of each."""
    asked = _of_text(list(words)) | _of_filters(list(words[:60]), facets)
    return {name: urlencode(args) for name, args in asked.items()}


def _of_text(often: list[str]) -> dict[str, list[tuple[str, str]]]:
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    pairs = [f"{one}{two}*" for one in "aeiorst" for two in "aeilnort"]
    phrases = [f'"{one} {two}"' for one, two in pairwise(often[:21])]
    middling = [f'"{one} {two}"' for one, two in pairwise(often[200:221])]
    begun = Counter(word[:3] for word in often)
    beginnings = [f"{start}*" for start, _ in begun.most_common()]
    not_these = " ".join(f"-{word}" for word in often[20:50])
    asked = {
        "prefixes of one letter, 300 characters": " ".join(f"{letter}*" for letter in letters * 4),
        "prefixes of two letters, all": " ".join(pairs),
        "prefixes of two letters, any": " OR ".join(pairs),
        "thirty common words, any": " OR ".join(often[:30]),
        "thirty common words, all": " ".join(often[:30]),
        "stop words": "the of and to in a for is on that by",
        "a phrase of stop words": '"of the"',
        "the commonest word": often[0],
        "a long phrase of common words": '"' + " ".join(often[:12]) + '"',
        "twenty phrases of common words, any": " OR ".join(phrases),
        "twenty phrases of middling words, any": " OR ".join(middling),
        "a phrase of middling words": middling[0],
        "three beginnings of most words, any": " OR ".join(beginnings[:3]),
        "three beginnings of many words, any": " OR ".join(beginnings[10:13]),
        **{f"a beginning of many words, {start}": start for start in beginnings[:8]},
        "thirty exclusions": not_these,
        "a word and thirty exclusions": f"engineer {not_these}",
        "one letter": "a",
        "a word nobody wrote": "zxqvjkw",
        "nothing but signs": '+-*"()&|!',
    }
    return {name: [("q", _cut(text))] for name, text in asked.items()}


def _cut(text: str) -> str:
    """As much as the product reads, whole words only."""
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0]


def _of_filters(often: list[str], facets: Mapping[str, Sequence[str]]) -> dict[str, list[tuple[str, str]]]:
    around = [("place", METROPOLIS), ("radius_km", "500")]
    everything = [(name, value) for name, values in facets.items() for value in values[:20]]
    return {
        "500 km around a metropolis": around,
        "a word, 500 km around a metropolis": [("q", "engineer"), *around],
        "twenty values of every facet": everything,
        "twenty values of every facet, thirty words, 500 km": [
            ("q", _cut(" OR ".join(often[:30]))), *around, ("salary_min", "10000"), ("posted_within", "30"),
            *everything,
        ],
        "highest pay first, of everything": [("sort", "salary"), ("currency", "USD")],
        "newest first, of a common word": [("q", "engineer"), ("sort", "newest")],
    }  # fmt: skip
