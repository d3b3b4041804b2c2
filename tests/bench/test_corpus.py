"""The postings that the bench makes: no text twice, each time the same, their tokens the product's own."""

import subprocess
import sys
from dataclasses import replace
from itertools import islice

from app.domain.search.layout import document
from bench.data.corpus import LONGEST, SHORTEST, Corpus
from bench.data.real import Real
from bench.data.sentences import sentences
from bench.data.tokens import Analyser
from bench.where import NOW, ROOT

BODY = (
    "We look for a front-end engineer (C++, node.js). {n} years of experience are welcome. Café {n}, Łódź, résumés."
    "\nApply by e-mail {n}; the salary is 401(k) and 東京 is near. {n} people work here, women and men at machines."
    " O'Neill's team {n} is good at what it does, and says so. Work {n} begins at nine and ends at five, or earlier."
)


def real(number: int) -> Real:
    return Real(
        f"source {number % 3}", f"Senior Nurse's aide no. {number}", f"Company {number}" if number % 4 else None, "",
        BODY.format(n=number), "full_time", "on_site", None, "health", ("berlin-de",) if number % 2 else (),
        "Berlin, Germany", (), (1_000_00, 2_000_00, "EUR", "year") if number % 2 else None, "en", 1, None,
    )


ROWS = [real(number) for number in range(30)]


def test_no_text_comes_twice_and_each_time_the_same_come() -> None:
    once, again = (list(Corpus(ROWS, 400)) for _ in range(2))
    texts = [draft.real.text for draft in once]
    assert len(set(texts)) == 400 and once == again
    assert all(SHORTEST <= len(text) <= LONGEST for text in texts)
    assert [draft.id for draft in once] == list(range(1, 401))


def test_most_are_live_and_stand_in_every_span_of_a_postings_life() -> None:
    drafts = list(Corpus(ROWS, 600))
    live = [d for d in drafts if d.fate == "live" and d.published_at <= NOW < d.expires_at]
    assert 540 < len(live) < 595
    days = {(NOW - draft.published_at).days // 10 for draft in live}
    assert days == set(range(6))


def test_where_there_are_enough_real_ones_they_stay_as_they_are() -> None:
    drafts = list(Corpus(ROWS, 20))
    assert {draft.real.text for draft in drafts} < {row.text for row in ROWS}
    assert all(not draft.sentences for draft in drafts)


def test_tokens_of_made_texts_are_those_of_the_product() -> None:
    analyser = Analyser()
    for draft in islice(Corpus(ROWS, 400), 60):
        lines = (draft.real.company or "", draft.real.place_label, "Health")
        assert analyser.document(draft.real.title, lines, draft.sentences) == document(
            draft.real.title, lines, draft.real.text
        )


def test_tokens_are_the_products_where_it_forgets_some() -> None:
    parts = tuple(f"again and again {number}" for number in range(150))
    text = "\n".join(parts)
    assert Analyser().document("Again", (), parts) == document("Again", (), text)


def test_sentences_are_cut_at_white_space_only() -> None:
    text = "One two. Three-four five!\n" + "word " * 200
    assert "".join(" ".join(sentences(text)).split()) == "".join(text.split())


def test_a_company_more_or_less_changes_nothing_of_the_others() -> None:
    rows = [*ROWS, replace(ROWS[0], company="Zebra")]
    assert Corpus(ROWS, 0).companies().items() <= Corpus(rows, 0).companies().items()


def test_the_peers_do_not_know_the_product() -> None:
    code = (
        "import sys; from bench import fill, probe, systems; from bench.peers import floor, jobs, naive, djangoboard;"
        " sys.exit(any(name.partition('.')[0] == 'app' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
