"""Real bodies taken apart."""

import re

LONGEST = 240
"""Characters; what has no full stop is cut between words."""
_END = re.compile(r"(?<=[.!?。])\s+|\n+")


def sentences(text: str) -> list[str]:
    """The sentences of a text in their order. Cut at white space only, so that no word is."""
    found = []
    for sentence in _END.split(text):
        found += _cut(" ".join(sentence.split()))
    return [sentence for sentence in found if len(sentence) > 2]


def _cut(sentence: str) -> list[str]:
    pieces = []
    while len(sentence) > LONGEST:
        at = sentence.rfind(" ", 1, LONGEST)
        if at < 0:
            at = sentence.find(" ", LONGEST)
        if at < 0:
            break
        pieces.append(sentence[:at])
        sentence = sentence[at + 1 :]
    return [*pieces, sentence]
