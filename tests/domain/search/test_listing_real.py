"""The same questions asked of real postings, in all their scripts."""

import json
import random
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.domain.search.text import fold, pieces
from tests.conftest import DATA
from tests.domain.search.market import Market
from tests.domain.search.test_listing import asked, walk


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    lines = (Path(DATA) / "sample_stratified.jsonl").read_text(encoding="utf-8").splitlines()
    rows = (json.loads(line) for line in lines)
    return [((row["title"] or "untitled")[:200].strip(), (row["description"] or "").replace("\0", "")) for row in rows]


def _queries(texts: list[tuple[str, str]], chance: random.Random) -> list[str]:
    """Questions cut from the postings themselves: words, phrases, prefixes, exclusions, alternatives."""
    found = []
    while len(found) < 250:
        title, body = chance.choice(texts)
        words = (title + " " + body).split()
        at = chance.randrange(len(words))
        one, two = words[at], " ".join(words[at : at + 2]).replace('"', "")
        other = chance.choice(chance.choice(texts)[0].split() or ["x"])
        made = chance.choice([one, two, f'"{two}"', f"{one[:4]}*", f"{other} -{one}", f"{one} OR {other}", f"-{other}"])
        if len(made) <= 200:
            found.append(made)
    return found


def test_real_postings_are_found_alike(session: Session, texts: list[tuple[str, str]]) -> None:
    market = Market(seed=1, size=len(texts))
    for fact, (title, body) in zip(market.facts, texts, strict=True):
        fact.title, fact.body = title, body
        assert len(list(pieces(fold(body)))) < 12_000
    market.store(session)
    for text in _queries(texts, random.Random(2)):
        filters = asked(("q", text))
        assert walk(session, filters) == [fact.id for fact in market.listed(filters)], text
