"""Facts of a posting as people read them."""

from app.core.countries import territories
from app.core.money import Period, format_range
from app.domain.postings.models import WORLDWIDE, Posting, Workplace
from app.domain.postings.queries import Sent


def every_country() -> list[str]:
    """The alpha-2 codes of all countries, as CLDR knows them."""
    return sorted(territories())


def country_name(code: str) -> str:
    """A country's name in English; `WORLDWIDE` is "Worldwide"."""
    return "Worldwide" if code == WORLDWIDE else territories().get(code, code)


def pay(posting: Posting | Sent) -> str | None:
    """The pay as stated: "€78k – €96k a year"; None where it is not."""
    if posting.salary_max is None or posting.salary_currency is None or posting.salary_period is None:
        return None
    return format_range(posting.salary_min, posting.salary_max, posting.salary_currency, posting.salary_period)


def yearly_pay(posting: Posting) -> str | None:
    """What the pay comes to in a year, where it is stated for another period."""
    if posting.salary_year_max is None or posting.salary_currency is None or posting.salary_period is Period.YEAR:
        return None
    return format_range(posting.salary_year_min, posting.salary_year_max, posting.salary_currency, Period.YEAR)


def accepted(posting: Posting) -> list[str]:
    """Names of the countries from which a remote posting may be worked, in alphabetical order."""
    if posting.workplace is not Workplace.REMOTE:
        return []
    return sorted(country_name(row.country) for row in posting.countries if row.eligible)
