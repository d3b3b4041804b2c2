from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Period
from app.domain.imports.normalise import RowError, normalise
from app.domain.imports.pay import Pay
from app.domain.postings.models import WORLDWIDE, EmploymentType, Experience, Workplace
from tests.domain.imports.rows import row

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def read(as_new=False, **facts):
    return normalise(row(**facts), NOW, as_new, 60)


def test_a_whole_row():
    posting = read(title="Senior Bridge Builder", experience_raw="Senior", extra={"vacancies": "3"})
    assert (posting.source, posting.source_id, posting.title) == ("bridges", "b-1", "Senior Bridge Builder")
    assert (posting.type, posting.experience) == (EmploymentType.FULL_TIME, Experience.SENIOR)
    assert (posting.category, posting.workplace, posting.openings) == ("construction", Workplace.ON_SITE, 3)
    assert [place.slug for place in posting.places] == ["berlin-de"]
    assert posting.pay == Pay(4_000_000, 5_000_000, "EUR", Period.YEAR)
    assert posting.html.startswith("<p>You plan")
    assert posting.url == "https://bridges.example/1"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"source": None}, "The row has no source."),
        ({"title": ""}, "The row has no title."),
        ({"title": 5}, "The title is not text."),
        ({"title": "…"}, "The title has no letters."),
        ({"description": None}, "The row has no description."),
        ({"description": "<p>OR</p>", "description_format": "html"},
         "The description says nothing: fewer than 20 letters are left of it."),
        ({"description_format": "pdf"}, "The description is in an unknown format, 'pdf'."),
        ({"description_format": []}, "The description is in an unknown format, '[]'."),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_says_why(facts, reason):
    with pytest.raises(RowError) as refused:
        read(**facts)
    assert str(refused.value) == reason


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("posted", "valid", "published", "ends"),
    [
        (None, None, NOW, NOW + timedelta(days=60)),
        ("2026-05-01", None, day("2026-05-01"), NOW + timedelta(days=60)),
        ("2026-05-01", "2026-05-20", day("2026-05-01"), day("2026-05-21")),
        ("2016-04-01", "2016-04-30", day("2016-04-01"), day("2016-05-01")),
        (None, "2016-04-30", day("2016-04-30"), day("2016-05-01")),
        ("2026-09-01", None, NOW, NOW + timedelta(days=60)),
        ("2026-05-01", "2026-03-01", day("2026-05-01"), day("2026-03-02")),
        ("0001-01-01", "yesterday", NOW, NOW + timedelta(days=60)),
    ],
)
def test_dates_are_the_source_s_where_they_make_sense(posted, valid, published, ends):
    posting = read(date_posted=posted, valid_through=valid)
    assert (posting.published_at, posting.expires_at) == (published, ends)


def test_as_new_means_posted_now_whatever_the_row_says():
    posting = read(as_new=True, date_posted="2016-04-01", valid_through="2016-04-30")
    assert (posting.published_at, posting.expires_at) == (NOW, NOW + timedelta(days=60))


@pytest.mark.parametrize(
    ("location", "remote", "eligible"),
    [("Remote (US only)", None, ("US",)), ("Anywhere in the World", True, (WORLDWIDE,)),
     ("Berlin, Germany", True, ("DE",)), ("Berlin, Germany", None, ()), ("Remote", None, ())],
)  # fmt: skip
def test_who_may_do_remote_work(location, remote, eligible):
    assert read(location=location, remote=remote).eligible == eligible


def test_what_is_no_place_is_shown_as_written():
    posting = read(location="Beside the old mill")
    assert posting.places == () and posting.place_label == "Beside the old mill"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://x.org/", "//x.org/a", "https://", "https://x.org/a b", "https://u:p@x.org/", "http://[::1",
     "https://x.org/" + "a" * 2000, 7, None],
)  # fmt: skip
def test_only_whole_web_addresses_are_kept(url):
    assert read(url=url).url is None


@pytest.mark.parametrize("name", ["Private Client", "N/A", "Refreshed April 22, 2026", "", None, 3])
def test_a_nameless_employer_stays_nameless(name):
    assert read(company=name).company is None


def test_a_company_loses_an_unclosed_bracket():
    assert read(company="Acme (Oslo, Norway").company == "Acme"


def test_the_fingerprint_is_of_what_the_source_says():
    one = normalise(row(), NOW, True, 60)
    assert one.fingerprint == normalise(row(), NOW + timedelta(days=3), True, 60).fingerprint
    assert one.fingerprint != normalise(row(salary_raw="€41k - €50k"), NOW, True, 60).fingerprint
    assert one.content_hash == normalise(row(salary_raw="€41k - €50k"), NOW, True, 60).content_hash


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
NAMES = [*row(), "location_parts", "remote", "salary", "date_posted", "valid_through", "extra", "experience_raw"]


@given(st.dictionaries(st.sampled_from(NAMES), anything), st.booleans())
def test_any_row_is_taken_or_refused_with_a_sentence(facts, as_new):
    try:
        posting = normalise({**row(), **facts}, NOW, as_new, 60)
    except RowError as refused:
        assert str(refused).endswith(".")
        return
    assert 1 <= len(posting.title) <= 200 and len(posting.source) <= 60
    assert posting.source_id is None or 1 <= len(posting.source_id) <= 150
    assert posting.published_at < posting.expires_at
    assert posting.published_at <= NOW
