import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import LARGEST, YEARLY_FACTOR, format_range
from app.domain.imports.pay import read_pay


def words(raw, country=None, salary=None):
    pay = read_pay(salary, raw, country)
    return pay and format_range(pay.low, pay.high, pay.currency, pay.period).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("raw", "country", "read"),
    [
        ("$61K-$125K (Glassdoor est.)", None, "$61k – $125k a year"),
        ("Employer Provided Salary:$110K-$130K", None, "$110k – $130k a year"),
        ("26000 - 33000/annum 26K-33K", "GB", "£26k – £33k a year"),
        ("₹10,00,000 - ₹12,50,000 a year", None, "₹1,000,000 – ₹1,250,000 a year"),
        ("5-8 LPA", "IN", "₹500k – ₹800k a year"),
        ("od 3\xa0100 PLN", "PL", "PLN 3,100 a month"),
        ("do 3\xa0100 PLN", "PL", "up to PLN 3,100 a month"),
        ("od 22,5 PLN", "PL", "PLN 22.50 an hour"),
        ("23,00-26,50 zł brutto / godz.", "PL", "PLN 23.00 – PLN 26.50 an hour"),
        (
            "umowa o pracę7 000-11 500 zł brutto / mies.kontrakt B2B9 100-14 000 zł netto",
            "PL",
            "PLN 7,000 – PLN 11,500 a month",
        ),
        ("kontrakt B2B9 100-14 000 zł netto (+ VAT) / mies.", "PL", "PLN 9,100 – PLN 14,000 a month"),
        ("14-18", "US", "$14 – $18 an hour"),
        ("09-Dec", "US", "$9 – $12 an hour"),
        ("Oct-14", "US", "$10 – $14 an hour"),
        ("$2,000 - $2,400 Bi-weekly", "US", "$1,000 – $1,200 a week"),
        ("$110-140k + equity", None, "$110k – $140k a year"),
        ("£24-30,000", "GB", "£24k – £30k a year"),
        ("$6-8K / month", None, "$6,000 – $8,000 a month"),
        ("$100k - $150k+, 0.3% - 2.0% equity, 401k", None, "$100k – $150k a year"),
        ("De 500€ à 1700€ par mois", "FR", "€500 – €1,700 a month"),
        ("12 € par heure", "FR", "€12 an hour"),
        ("2.500 - 3.000 EUR per maand", "NL", "€2,500 – €3,000 a month"),
        ("1.500 € - 2.000 € / Monat", "DE", "€1,500 – €2,000 a month"),
        ("CHF 100'000 - 120'000", "CH", "CHF 100k – CHF 120k a year"),
        ("$120k", "CA", "CA$120k a year"),
        ("43684.0000 - 69460.0000 Per Year", "US", "$43,684 – $69,460 a year"),
    ],
)
def test_pay_as_feeds_write_it(raw, country, read):
    assert words(raw, country) == read


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("Competitive", "US"),
        ("twenty thousand a year", "US"),
        ("", "US"),
        ("0.0 - 0.0 Bi-weekly", "US"),
        ("1234-12345", "US"),
        ("1000-2000", "US"),
        ("75-115", "US"),
        ("45 - 60 zł brutto/mies.", "PL"),
        ("> $70, 0.1 - 1% equity", "US"),
        ("4-6k", "GB"),
        ("12-18", None),
        ("Starting from $100", "AM"),
        ("80,000 ETB Fixed", "ET"),
        ("7200-1380000", "US"),
        ("9" * 400, "US"),
    ],
)
def test_what_is_unclear_stays_unread(raw, country):
    assert words(raw, country) is None


def test_words_win_over_numbers_somebody_worked_out():
    salary = {"min": 14659.0, "max": 14659.0, "currency": "GBP", "period": "YEAR"}
    assert words("7.39 to 7.88 per hour", "GB", salary) == "£7.39 – £7.88 an hour"
    assert words("25,000 to 28,00 per year", "GB", salary) == "£14,659 a year"


@pytest.mark.parametrize(
    ("salary", "read"),
    [
        ({"min": 95, "max": 118, "currency": "USD", "period": "HOUR"}, "$95 – $118 an hour"),
        ({"min": 1000, "max": None, "currency": "USD", "period": "BIWEEK"}, "$500 a week"),
        ({"min": 20, "max": "30.5", "currency": "USD", "period": "Per Hour"}, "$20.00 – $30.50 an hour"),
        ({"min": 102800, "max": 137000, "currency": "CAD", "period": "1 YEAR"}, "CA$102.8k – CA$137k a year"),
        ({"min": 3000, "max": 4000, "currency": "EUR", "period": "per-month-salary"}, "€3,000 – €4,000 a month"),
        ({"min": 0.0, "max": 0.0, "currency": "USD", "period": "YEAR"}, None),
        ({"min": 5000, "max": 5000, "currency": "ETB", "period": "FIXED"}, None),
        ({"min": 228.0, "max": 228.0, "currency": "EUR", "period": "YEAR"}, None),
        ({"min": 90000, "max": 60000, "currency": "EUR", "period": "YEAR"}, None),
        ({"min": 50000, "max": 60000, "currency": "XXQ", "period": "YEAR"}, None),
        ({"min": True, "max": "x", "currency": 3, "period": []}, None),
        ({"min": float("nan"), "max": float("inf"), "currency": "EUR", "period": "YEAR"}, None),
    ],
)
def test_pay_in_numbers(salary, read):
    assert words(None, None, salary) == read


anything = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
)
SCRAPS = ["$", "€", "k", "K", " ", "-", "to", "1", "12", "000", ",", ".", "%", "PLN", "lakh", "/", "hour", "Dec", "od"]
scraps = st.lists(st.sampled_from(SCRAPS)).map("".join)


@given(
    st.none() | st.dictionaries(st.sampled_from(["min", "max", "currency", "period"]), anything),
    st.none() | scraps | st.text(max_size=100),
    st.sampled_from([None, "US", "PL", "ZZ", ""]),
)
def test_whatever_comes_is_read_or_left(salary, raw, country):
    pay = read_pay(salary, raw, country)
    if pay:
        assert 0 < pay.high * YEARLY_FACTOR[pay.period] <= LARGEST
        assert pay.low is None or 0 < pay.low <= pay.high
