"""What is marked in a text is what it was found by, and nothing else of it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.search import highlight
from app.domain.search.grammar import parse
from app.domain.search.highlight import LONGEST_SNIPPET, Highlighter
from app.domain.search.text import fold, pieces
from tests.domain.search.market import QUERIES, WORDS, _stands


def shown(query: str, text: str) -> str:
    out = text
    for start, end in reversed(Highlighter(parse(query)).ranges(text)):
        out = f"{out[:start]}[{out[start:end]}]{out[end:]}"
    return out


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("lodz", "Praca w [Łódź], Lodzi"), ("cafe", "[Cafe\u0301] · [CAFÉ], [cafes]"),
        ("strasse", "Hauptstraße 1, [Straße]!"), ("engineer", "[Engineering] and [ENGINEERS]"),
        ("c++", "C/[C++] Developer, c"), ("c", "[C]/C++ Developer, [c]"), ("c#", "[C#], F#"),
        (".net", "[ASP.NET], [.NET] at company.net"), ("node", "[Node.js], NodeJS"), ("node.js", "[Node.js], [NodeJS]"),
        ("frontend", "[Front-end] dev, [frontend], Front end"), ("end", "front-[end]"),
        ("front-end", "[Front-end] dev, [frontend], [Front end]"), ("master", "[master]'s, [Masters]"),
        ("manag*", "[Management], [manager], x-[manager], man"), ("fronte*", "[front-end], [frontend]"),
        ('"night shift"', "the [night\n shift], night work, nights; a shift"), ("shift night", "[night] [shift]"),
        ('"d\'ingenieur"', "poste [d’Ingénieur]"), ("ingenieur", "poste d’[Ingénieur]"),
        ("東京", "[東京]都 京都 東"), ("京", "東[京] [京]都"), ("개발", "[개발]자"), ('"café 東京"', "[café 東京]都"),
        ("العربية", "اللغة [العَرَبِيَّة] هنا"), ("हिन्दी", "[हिन्दी] x"), ("viet nam", "[Việt] [Nam]"),
        ("finance", "[ﬁnance] oﬃce"), ("software", "[soft\u00adware]"), ("2026", "[٢٠٢٦]"),
        ("nurse -night", "night [nurse]"), ("-night", "night nurse"), ("nurse OR baker", "[nurse], [baker]"),
        ("the of", "the of"), ("", "nothing"), ("nurse", ""), ("nursing", "[nurse] [nurses]"),
        ("東京", "[東京東京]"), ("バイト", "[ﾊﾞｲﾄ] x"), ("가", "[\u1100\u1161]"),
        ("data data-engineer", "[data engineer], [data]"),
    ],
)  # fmt: skip
def test_what_is_marked(query: str, text: str) -> None:
    assert shown(query, text.replace("[", "").replace("]", "")) == text


TEXT = st.one_of(
    st.text(max_size=80),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=12).map(" ".join),
    st.lists(st.sampled_from([*WORDS, "-", "\u0301", "\u200d", "ﬁ", "½", ".", "’"]), max_size=12).map("".join),
)
QUERY = st.one_of(st.sampled_from(QUERIES), st.sampled_from(WORDS), st.text(max_size=12))


@given(QUERY, TEXT)
def test_every_marked_stretch_meets_the_query_and_a_text_that_meets_it_is_marked(query: str, text: str) -> None:
    asked = parse(query)
    terms = [term for clause in asked.clauses for term in clause]
    ranges = Highlighter(asked).ranges(text)
    last = -1
    for start, end in ranges:
        assert last < start < end <= len(text)
        last = end
        assert any(_stands(term, [list(pieces(fold(text[start:end])))]) for term in terms), text[start:end]
    line = [list(pieces(fold(text)))]
    assert bool(ranges) == any(_stands(term, line) for term in terms)


@given(QUERY, TEXT)
def test_the_clauses_that_are_hit_are_those_that_the_text_meets(query: str, text: str) -> None:
    asked = parse(query)
    line = [list(pieces(fold(text)))]
    met = {n for n, clause in enumerate(asked.clauses) if any(_stands(term, line) for term in clause)}
    assert {hit.clause for hit in Highlighter(asked).hits(text)} == met


@given(QUERY, st.lists(TEXT, max_size=12).map("\n\n".join))
def test_a_snippet_is_short_and_of_the_text_and_meets_the_query(query: str, text: str) -> None:
    finder = Highlighter(parse(query))
    said = finder.snippet(text)
    assert len(said) <= LONGEST_SNIPPET
    assert bool(said) == bool(finder.ranges(text))
    assert " ".join(said.strip("…").split()) in " ".join(text.split())


def test_a_snippet_stands_where_most_is_met_and_is_cut_at_words() -> None:
    text = "Python at first. " + "Filling words here. " * 20 + "Then Python and Kubernetes together. " + "More. " * 50
    said = Highlighter(parse("kubernetes python")).snippet(text)
    assert "Then Python and Kubernetes together." in said
    assert said.startswith("…") and said.endswith("…")
    assert set(said.strip("…").split()) <= set(text.replace(".", " ").split()) | set(text.split())
    assert 100 < len(said) <= LONGEST_SNIPPET


def test_what_the_card_says_already_is_not_what_a_snippet_is_for() -> None:
    finder = Highlighter(parse("nurse night"))
    text = "A nurse and a nurse. " + "Words. " * 40 + "At night only."
    assert "At night only." in finder.snippet(text, {0})
    assert finder.snippet("A nurse.", {0}) == finder.snippet("A nurse.", {0, 1}) == finder.snippet("", set()) == ""


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    said = Highlighter(parse("東京")).snippet("仕事" * 300 + "東京" + "会社" * 300)
    assert "東京" in said
    assert len(said) <= LONGEST_SNIPPET


def test_what_is_known_of_words_stays_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlight, "_MOST_KEPT", 5)
    finder, text = Highlighter(parse("nurse")), " ".join(f"nurse-{n} nurse" for n in range(40))
    assert len(finder.ranges(text)) == 80
    assert len(finder._known) <= 5
