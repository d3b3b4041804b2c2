"""The analyser: what becomes one word, and what stays two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.search.grammar import parse
from app.domain.search.layout import FTS5, TSQUERY, document
from app.domain.search.text import LONGEST, fold, tokens

SAME = [
    ("café", "cafe"), ("cafe\u0301", "café"), ("Łódź", "lodz"), ("Straße", "STRASSE"), ("Ægir", "aegir"),
    ("Ørsted", "orsted"), ("Đà Nẵng", "Da Nang"), ("ＣＡＦＥ", "cafe"), ("ﬁnance", "finance"), ("İstanbul", "istanbul"),
    ("ΟΔΟΣ", "οδος"), ("Müller", "muller"), ("العَرَبِيَّة", "العربية"), ("أحمد", "احمد"), ("مهنـــدس", "مهندس"),
    ("ё", "е"), ("٢٠٢٦", "2026"), ("engineers", "engineer"), ("nursing", "nurse"), ("soft\u00adware", "software"),
    ("women's", "women"), ("women’s", "women's"), ("C++", "cplusplus"), (".NET", ".net"), ("NodeJS", "node.js"),
]
APART = [
    ("c++", "c"), ("c#", "c"), ("f#", "f"), (".net", "net"), ("hospital", "hospitality"), ("intern", "international"),
    ("university", "universal"), ("policy", "police"), ("हिन्दी", "हन्द"), ("東", "京"), ("person", "personal"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_word(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != []


@pytest.mark.parametrize(("one", "other"), APART)
def test_words_that_are_not_one(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C/C++, C# and F#.", ["c", "cplusplus", "csharp", "and", "fsharp"]),
        ("(ASP.NET) vue.js; company.net", ["aspdotnet", "vuej", "compani", "net"]),
        ("front-end", ["front", "end"]),
        ("東京 jobs", ["東", "京", "job"]),
        ("개발자", ["개", "발", "자"]),
        ("401(k) 2.5 24/7", ["401", "k", "2", "5", "24", "7"]),
        ("kỹ sư phần mềm", ["ky", "su", "phan", "mem"]),
        ("programistą w Łodzi", ["programista", "w", "lodzi"]),
        ("a\0b _ 🙂 \ue001x", ["a", "b", "x"]),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_token_is_cut_and_found_by_its_whole() -> None:
    assert tokens("x" * 5000) == ["x" * LONGEST]


@given(st.text(max_size=300))
def test_tokens_are_plain_and_bounded(text: str) -> None:
    for token in tokens(text):
        assert 0 < len(token) <= LONGEST
        assert not set(token) & set(" '\"\\\0\ue000\ue001\ue002\ue003*()&|!:")


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert tokens(fold(text)) == tokens(text)


def test_what_lies_beyond_an_engines_limits_is_left_out_on_both() -> None:
    layout = document("Nurse", ["Acme"], "care " * 300 + " ".join(f"w{n}" for n in range(20_000)))
    assert len(layout.sequence) < 16_383
    assert layout.sequence.count("care") == 200
    places = next(word for word in layout.as_tsvector().split() if word.startswith("'care'"))
    assert len(places.split(",")) == 200
    assert layout.as_text().split().count("care") == 200


def test_a_query_is_worded_for_both_engines() -> None:
    query = parse('"data engineer" OR nurs* -front-end')
    assert FTS5.matching(query) == (
        '(("data engin" OR "nurs" * OR "\ue002nurs" *)) NOT ("front end" OR "\ue002frontend" OR "frontend")'
    )
    assert TSQUERY.matching(query) == (
        "((('data' <-> 'engin') | 'nurs':* | '\ue002nurs':*))"
        " & !(('front' <-> 'end') | ('\ue002frontend') | ('frontend'))"
    )
