import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.html import clean_html
from app.domain.imports.text import FORMATS, mend, read_description, read_line

UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff]")


@pytest.mark.parametrize(
    ("written_as", "raw", "html"),
    [
        (
            "text",
            "We build bridges.\n\nYou will:\n- draw\n- count\nCome.",
            "<p>We build bridges.</p>\n<h3>You will</h3>\n<ul>\n<li>draw</li>\n<li>count</li>\n</ul>\n<p>Come.</p>",
        ),
        ("text", "Fish & chips < 5", "<p>Fish &amp; chips &lt; 5</p>"),
        ("text", "Ends here.\n<p>Apply <a href='https://x.org'>there</a></p>", "<p>Ends here.</p>\n<p>Apply there</p>"),
        ("text-entities", "R&amp;D&nbsp;people &amp;amp; more&#8217;s", "<p>R&amp;D people &amp; more’s</p>"),
        (
            "text-flattened",
            "We offer: • fruit • peace • time",
            "<h3>We offer</h3>\n<ul>\n<li>fruit</li>\n<li>peace</li>\n<li>time</li>\n</ul>",
        ),
        ("html", "<div><p>One<p>Two</div><script>x</script>", "<p>One</p><p>Two</p>"),
        ("html-hn", "Acme | Welder<p>We weld.<p>Write to us", "<p>Acme | Welder</p><p>We weld.</p><p>Write to us</p>"),
        (
            "html-escaped",
            "&lt;p&gt;Fish &amp;amp; chips&lt;/p&gt;&lt;p&gt;Cut &lt;a hre",
            "<p>Fish &amp; chips</p><p>Cut </p>",
        ),
        ("python-list-repr", "['Who we are', ' ', 'We say \"hi\".']", '<p>Who we are</p>\n<p>We say "hi".</p>'),
        ("python-list-repr", "['Cut off', 'in the mid", "<p>Cut off</p>\n<p>in the mid</p>"),
        ("markdown", "# Us\n\n* one\n* two", "<h3>Us</h3>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
    ],
)
def test_every_format_becomes_clean_html(written_as, raw, html):
    assert read_description(raw, written_as)[0] == html


def test_words_go_with_the_html():
    assert read_description("Tasks:\n- weld & rest", "text")[1] == "Tasks\nweld & rest"


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        ("clientâ€™s rÃ©sumÃ©", "client’s résumé"),
        ("â\x80\x9ccleanâ\x80\x9d", "“clean”"),
        ("€¢ one", "• one"),
        ("a\u00a0b\u200bc\x00d\ufeffe", "a bcde"),
        ("Koch – „MENÜ“ bei JOSÉ’S", "Koch – „MENÜ“ bei JOSÉ’S"),
        ("Ð’Ð°Ñ€Ñ‰Ð°Ð²Ð°, cÅ“ur", "Варщава, cœur"),
        ("<U+041E><U+043F>", "Оп"),
        ("Âge d'or, Ãlvaro", "Âge d'or, Ãlvaro"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("مرحبا بكم", "مرحبا بكم"),
    ],
)
def test_damage_is_mended_and_sound_text_left(raw, mended):
    assert mend(raw) == mended


def test_lines_broken_at_a_width_are_joined():
    raw = (
        "The officer will be responsible for the design, the making\n"
        "and the testing of small bridges in the north of the land\n"
        "and will work closely with those who paint them in spring.\n"
        "The pay depends on the length of the bridge that was built\n"
        "within the first year of service."
    )
    assert read_description(raw, "text")[0].count("<p>") == 1


def test_a_wall_of_text_becomes_paragraphs():
    html, _ = read_description("This sentence has exactly some length to it. " * 60, "text-flattened")
    assert 4 <= html.count("<p>") <= 8


def test_a_line_is_cut_at_a_word():
    assert read_line("  <b>Senior</b>  welder &amp; painter of bridges ", 24) == "Senior welder & painter…"
    assert read_line("Rev\u202eiewer of &#x202e; bridges\u3164", 24) == "Reviewer of bridges"


@given(st.text(max_size=400), st.sampled_from(sorted(FORMATS)))
def test_any_text_becomes_clean_html(raw, written_as):
    html, text = read_description(raw, written_as)
    assert clean_html(html).replace("\n", "") == html.replace("\n", "") or "<" in text
    assert not UNSEEN.search(html + text)
    assert not re.search(
        r"<(?!/?(?:p|h[3-6]|ul|ol|li|br|a|b|i|u|s|em|strong|code|pre|blockquote|hr|table|t\w+|d[ltd]|su[bp])\b)", html
    )
