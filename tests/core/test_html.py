import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.html import clean_html, plain_text, render_markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" data:text/html,x">x</a>',
    "<p onclick=alert(1)>x</p>",
    '<p class="x" id="y" style="a" data-z hx-get="/">x</p>',
    "<iframe src=x></iframe>",
    "<style>p{}</style>",
    "<form action=/x><input name=y></form>",
    "<math><mi//xlink:href=x>",
    "<!--<p>-->",
    "<h1 hx-on:click='x'>t</h1>",
]
PIECES = ["<p>", "</p>", "<b", ">", "<a href='", "javascript:", "https://", "'", "x", "&lt;", "<li>", "<svg>", "-->"]
ALLOWED = re.compile(
    r"</?(?:p|br|hr|ul|ol|li|strong|b|em|i|u|s|code|pre|blockquote|h[3-6]|table|thead|tbody|tr|th|td|dl|dt|dd|sub|sup)>"
    r"|<a(?: href=\"(?:https?:|mailto:)[^\"<>]*\")? rel=\"nofollow noopener noreferrer\">|</a>"
)


def only_allowed(html):
    return "<" not in ALLOWED.sub("", html)


@pytest.mark.parametrize("dirty", HOSTILE)
def test_hostile_markup_is_cut_down(dirty):
    assert only_allowed(clean_html(f"<div>{dirty} kept</div>"))
    assert only_allowed(render_markdown(dirty))


def test_scripts_go_with_what_is_in_them():
    assert clean_html("<p>a<script>alert(1)</script></p>") == "<p>a</p>"


def test_links_keep_safe_schemes_and_gain_rel():
    assert clean_html('<a href="https://x.org/?a=1&b=2">x</a>') == (
        '<a href="https://x.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer">x</a>'
    )
    assert "href" not in clean_html('<a href="/relative">x</a>')


def test_headings_begin_below_the_page_s_own():
    assert clean_html("<h1>a</h1><h2>b</h2>") == "<h3>a</h3><h4>b</h4>"
    assert clean_html("<h4>a</h4><h6>b</h6>") == "<h3>a</h3><h5>b</h5>"


def test_unclosed_paragraphs_and_divisions_become_paragraphs():
    assert clean_html("<p>a<p>b") == "<p>a</p><p>b</p>"
    assert clean_html("<div>a</div><p>&nbsp;</p>") == "<p>a</p>"


def test_html_in_markdown_is_shown_as_written():
    assert render_markdown("# T\n\n- <b>x</b>") == "<h3>T</h3>\n<ul>\n<li>&lt;b&gt;x&lt;/b&gt;</li>\n</ul>"


def test_words_of_html_a_line_for_each_block():
    assert plain_text("<p>A &amp; <b>b</b></p><ul><li>c</li><li>d</li></ul>") == "A & b\nc\nd"


@given(st.text(max_size=300))
def test_anything_becomes_safe_html(text):
    for shown in (clean_html(text), render_markdown(text)):
        assert only_allowed(shown)
        assert "\x00" not in shown


@given(st.lists(st.sampled_from(PIECES)))
def test_broken_markup_becomes_safe_html(pieces):
    assert only_allowed(clean_html("".join(pieces)))


def test_no_attribute_is_left_but_the_address_of_a_link():
    shown = clean_html('<p title="a" lang="b">x <a href="https://example.org" title="c" lang="d">y</a></p>')
    assert shown == '<p>x <a href="https://example.org" rel="nofollow noopener noreferrer">y</a></p>'
