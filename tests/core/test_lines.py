"""One line of what people see: names and titles keep their letters and lose what hides among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.lines import one_line

WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Ada \t Lovelace ", "Ada Lovelace"), ("a\r\nb\u2028c\u0085d\xa0e\u3000f", "a b c d e f"),
        ("a \u200b b", "a b"), ("a\x00b\x1b\x7fc", "abc"), ("Rev\u202eiewer", "Reviewer"),
        ("\u2067a\u2069 \u202ab\u202c \u200fc\u061c", "a b c"), ("soft\u00adware\ufeff\u2060", "software"),
        ("a\ud800b\ue000c\uffffd\u034fe", "abcde"), ("a\U000e0067\U000e007fb", "ab"),
    ],
)
def test_white_space_is_one_space_and_what_nobody_sees_is_gone(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم", "അവന\u0d4d\u200d വന്നു", "क\u094d\u200cष", "葛\U000e0100城", "Zoe\u0308", "1\ufe0f\u20e3 Nurse",
        "👩🏽\u200d💻 Engineer", "❤\ufe0f\u200d🔥", f"{WALES} Cook", "★ ★", "\U000323b0", "O’Neil & Søn™",
    ],
)
def test_what_shapes_letters_and_emoji_stays(text: str) -> None:
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\u200cمی\u200c خواهم\u200d", "می خواهم"), ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("\ufe0fa\ufe0f\ufe0f\u200db", "a\ufe0fb"), ("\u094d\u200d\u200da", "\u094d\u200da"),
        ("\u200d\ufe0f\u200da", "a"),
    ],
)
def test_a_joiner_stays_only_where_it_joins(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize("text", ["", " ", "\u202e\u200b", "\u200d\ufe0f", "\u3164\u2800\u115f", "\u0301 \u0301", "\0"])
def test_what_has_nothing_visible_is_empty(text: str) -> None:
    assert one_line(text) == ""


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ab \u200c\u200d\ufe0f\u094d\u202e❤" + WALES))))
def test_a_line_is_one_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert line == one_line(line) == " ".join(line.split())
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b")
