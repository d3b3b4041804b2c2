"""The grammar: what typed signs mean, and that nothing typed is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.search.grammar import MOST_PHRASES, MOST_TERMS, MOST_TOKENS, Phrase, Prefix, Query, parse
from app.domain.search.layout import FTS5, TSQUERY


def word(*tokens: str, joined: str | None = None) -> Phrase:
    return Phrase(tokens, joined)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data engineer", Query(((word("data"),), (word("engin"),)))),
        ('"data engineer"', Query(((word("data", "engin"),),))),
        ("“data engineer”", Query(((word("data", "engin"),),))),
        ('"data engineer', Query(((word("data", "engin"),),))),
        ("nurse -night", Query(((word("nurs"),),), (word("night"),))),
        ("nurse −night", Query(((word("nurs"),),), (word("night"),))),
        ('-"night shift"', Query((), (word("night", "shift"),))),
        ("php OR perl go", Query(((word("php"), word("perl")), (word("go"),)))),
        ("OR php OR", Query(((word("php"),),))),
        ("php or perl", Query(((word("php"),), (word("perl"),)))),
        ("front-end", Query(((word("front", "end", joined="frontend"),),))),
        ("manag*", Query(((Prefix("manag"),),))),
        ("m*", Query(((word("m"),),))),
        ("the nurse of", Query(((word("nurs"),),))),
        ('"the"', Query(((word("the"),),))),
        ("c++ -c#", Query(((word("cplusplus"),),), (word("csharp"),))),
        ("nurse nurses", Query(((word("nurs"),),))),
    ],
)
def test_meaning(text: str, expected: Query) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "-", "--", '"', '""', '-""', "*", "OR", "|", "the", "-the of", "\0", "🙂", "((("]
)
def test_asks_nothing(text: str) -> None:
    assert not parse(text)


def test_bounded() -> None:
    assert len(parse("word" + " a1b2 c3d4 e5f6 -g7h8" * 3000).clauses) <= MOST_TERMS
    many = parse(" ".join(f"w{n} OR v{n} -u{n}" for n in range(500)))
    assert sum(map(len, many.clauses)) + len(many.excluded) == MOST_TERMS
    phrases = parse(" OR ".join(f'"w{n} v{n}"' for n in range(20)) + " nurse")
    assert [len(clause) for clause in phrases.clauses] == [MOST_PHRASES]
    assert len(parse('"' + "w " * 500).clauses[0][0].tokens) == MOST_TOKENS  # type: ignore[union-attr]


ANYTHING = st.text() | st.lists(
    st.sampled_from(['"', "-", "OR", "|", "*", "(", ")", ":", "'", "\\", "&", "!", "<->", "NEAR", "AND",
    "NOT", "^", "{",
                     "a", "nurse", "front-end", "c++", "東京", "é", "\0", " "])
).map(" ".join)  # fmt: skip


@given(ANYTHING)
def test_never_raises(text: str) -> None:
    query = parse(text)
    if query.clauses:
        assert FTS5.matching(query) and TSQUERY.matching(query)
