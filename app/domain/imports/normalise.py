"""A row of the normalised schema becomes what a posting needs. Pure: no database, no clock."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from app.domain.imports import words
from app.domain.imports.dates import read_date
from app.domain.imports.fields_of_work import field_of_work
from app.domain.imports.likeness import content_hash, signature
from app.domain.imports.pay import Pay, read_pay
from app.domain.imports.text import FORMATS, read_description, read_line
from app.domain.imports.titles import read_title
from app.domain.postings import gazetteer
from app.domain.postings.models import WORLDWIDE, EmploymentType, Experience, Workplace

_FEWEST_LETTERS = 20
_LONGEST_URL = 2_000
_LONGEST_NAME = 160
_LONGEST_RAW = 2_000
_LONGEST_ID = 150
_COUNTRY_OF = {
    "GBP": "GB", "PLN": "PL", "INR": "IN", "ETB": "ET", "BRL": "BR", "CZK": "CZ", "SEK": "SE", "NOK": "NO", "DKK": "DK",
    "HUF": "HU", "RON": "RO", "MXN": "MX", "CAD": "CA", "NZD": "NZ", "SGD": "SG", "JPY": "JP",
}
_COUNTRY_SPEAKING = {"pl": "PL", "cs": "CZ", "hu": "HU", "ro": "RO", "tr": "TR", "ja": "JP", "ko": "KR"}
_not_in_urls = re.compile(r"[\s\x00-\x1f\x7f\"<>\\\ud800-\udfff]")
_nobody = re.compile(
    r"(?:private client|confidential|anonymous|undisclosed|unknown|n/?a|none|null|not named|-+)$|refreshed \w+ \d",
    re.IGNORECASE,
)
_language = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,4})?")


class RowError(Exception):
    """A row that cannot be taken; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class NormalisedPosting:
    """What an import knows of a posting. Instants are aware, in UTC; amounts of `pay` in minor units."""

    source: str
    source_id: str | None
    title: str
    company: str | None
    html: str
    text: str
    type: EmploymentType | None
    workplace: Workplace
    experience: Experience | None
    category: str
    places: tuple[gazetteer.Place, ...]
    place_label: str
    eligible: tuple[str, ...]
    """Countries a remote posting accepts: ISO 3166-1 alpha-2, or `WORLDWIDE`."""
    pay: Pay | None
    published_at: datetime
    expires_at: datetime
    valid_through: date | None
    """What the source says; the other dates may come from the time of import."""
    language: str | None
    openings: int
    url: str | None
    content_hash: str
    signature: bytes | None

    @property
    def fingerprint(self) -> str:
        """Hash of all that comes from the source and none of the time of import: equal means unchanged."""
        facts = [
            self.title, self.company, self.html, self.type, self.workplace, self.experience, self.category,
            [place.slug for place in self.places], self.place_label, self.eligible,
            self.pay and [self.pay.low, self.pay.high, self.pay.currency, self.pay.period],
            self.valid_through and self.valid_through.isoformat(), self.language, self.url,
        ]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()


def _words(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return read_line(value, _LONGEST_RAW) if isinstance(value, str) else ""


def _required(row: dict[str, Any], name: str, called: str) -> str:
    value = row.get(name)
    if value is None or value == "":
        raise RowError(f"The row has no {called}.")
    if not isinstance(value, str):
        raise RowError(f"The {called} is not text.")
    return value


def _id(row: dict[str, Any]) -> str | None:
    value = row.get("source_id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = read_line(str(value), 10_000)
    return (text if len(text) <= _LONGEST_ID else hashlib.sha256(text.encode()).hexdigest()) or None


def identity(row: dict[str, Any]) -> tuple[str, str] | None:
    """(source, its id there) of a row that is refused for something else; None where it shows none."""
    said, id_ = row.get("source"), _id(row)
    source = read_line(said, 60) if isinstance(said, str) else ""
    return (source, id_) if source and id_ else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _openings(row: dict[str, Any]) -> int:
    extra = row.get("extra")
    said = str(extra.get("vacancies")) if isinstance(extra, dict) else ""
    return int(said) if re.fullmatch("[1-9][0-9]{0,3}", said) else 1


def _url(value: Any) -> str | None:
    """An address people may be sent to: http or https, whole, without blanks."""
    if not isinstance(value, str) or not 8 <= len(value) <= _LONGEST_URL or _not_in_urls.search(value):
        return None
    try:
        parts = urlsplit(value)
        whole = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        return value if whole and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def _company(row: dict[str, Any]) -> str | None:
    name = _words(row, "company")
    for opening, closing in ("()", "[]"):
        if name.count(opening) > name.count(closing):
            name = name[: name.rindex(opening)].strip(" -–|,")
    name = read_line(name, _LONGEST_NAME)
    return None if not name or _nobody.match(name) else name


def _country_hint(row: dict[str, Any], language: str | None) -> str | None:
    """The country a row is about, by what its source names apart from the location."""
    parts = row.get("location_parts")
    named = (parts.get("country_code") or parts.get("country")) if isinstance(parts, dict) else None
    if isinstance(named, str) and (code := gazetteer.country_code(named)):
        return code
    salary = row.get("salary")
    currency = salary.get("currency") if isinstance(salary, dict) else None
    by_currency = _COUNTRY_OF.get(currency) if isinstance(currency, str) else None
    return by_currency or _COUNTRY_SPEAKING.get(language or "")


def _countries(places: Iterable[gazetteer.Place]) -> list[str]:
    return list(dict.fromkeys(place.country for place in places))


def _eligible(found: gazetteer.Resolved, workplace: Workplace) -> tuple[str, ...]:
    """Countries remote work is open to: those named, else those of its places."""
    if workplace is not Workplace.REMOTE:
        return ()
    if found.worldwide:
        return (WORLDWIDE,)
    return tuple(sorted(found.eligible or _countries(found.places)))


def _dates(row: dict[str, Any], now: datetime, as_new: bool, posting_days: int) -> tuple[datetime, datetime]:
    """(publication, end): the source's dates, also an end that is past; what it does not say counts from `now`."""
    usual_end = now + timedelta(days=posting_days)
    if as_new:
        return now, usual_end
    posted, valid = read_date(row.get("date_posted")), read_date(row.get("valid_through"))
    published = min(_midnight(posted), now) if posted else now
    if not valid:
        return published, usual_end
    end = _midnight(valid) + timedelta(days=1)
    if posted is None:
        published = min(published, end - timedelta(days=1))
    return published, end


def _checked_text(row: dict[str, Any]) -> tuple[str, str]:
    raw = _required(row, "description", "description")
    written_as = row.get("description_format", "text")
    if not isinstance(written_as, str) or written_as not in FORMATS:
        raise RowError(f"The description is in an unknown format, {str(written_as)[:40]!r}.")
    html, text = read_description(raw, written_as)
    if sum(map(str.isalnum, text)) < _FEWEST_LETTERS:
        raise RowError(f"The description says nothing: fewer than {_FEWEST_LETTERS} letters are left of it.")
    return html, text


def _pay(row: dict[str, Any], hint: str | None, countries: list[str]) -> Pay | None:
    country = countries[0] if len(countries) == 1 else hint
    salary, raw = row.get("salary"), row.get("salary_raw")
    return read_pay(salary if isinstance(salary, dict) else None, raw if isinstance(raw, str) else None, country)


def _label(found: gazetteer.Resolved, location: str, workplace: Workplace) -> str:
    """What the source wrote of the place, where no place was found in it."""
    if found.places or workplace is Workplace.REMOTE:
        return ""
    return read_line(location, 120)


def normalise(row: dict[str, Any], now: datetime, as_new: bool, posting_days: int) -> NormalisedPosting:
    """One row as a posting. `now` is the instant of import; `as_new` posts it then, whatever the row's dates.

    `posting_days` is how long it stays where the source names no end. Raises RowError with the reason.
    """
    source = read_line(_required(row, "source", "source"), 60)
    company = _company(row)
    title = read_title(_required(row, "title", "title"), company or "")
    if not any(map(str.isalnum, title)):
        raise RowError("The title has no letters.")
    html, text = _checked_text(row)
    language = row.get("language") if isinstance(row.get("language"), str) else None
    language = language if language and len(language) <= 8 and _language.fullmatch(language) else None
    location = row.get("location") if isinstance(row.get("location"), str) else ""
    location = location or ""
    hint = _country_hint(row, language)
    found = gazetteer.resolve(location, hint)
    flag = row.get("remote") if isinstance(row.get("remote"), bool) else None
    raw_type = _words(row, "employment_type_raw")
    said = (raw_type, _words(row, "workplace_raw"), title)
    workplace = words.workplace(flag, *said, remote=found.remote, hybrid=found.hybrid)
    eligible = _eligible(found, workplace)
    named = row.get("employment_type")
    published_at, expires_at = _dates(row, now, as_new, posting_days)
    return NormalisedPosting(
        source=source,
        source_id=_id(row),
        title=title,
        company=company,
        html=html,
        text=text,
        type=words.employment_type(named if isinstance(named, list) else [], raw_type, title),
        workplace=workplace,
        experience=words.experience(_words(row, "experience_raw"), title),
        category=field_of_work(title, _words(row, "category_raw"), _words(row, "industry_raw"), text),
        places=found.places,
        place_label=_label(found, location, workplace),
        eligible=eligible,
        pay=_pay(row, hint, _countries(found.places) or [code for code in eligible if code != WORLDWIDE]),
        published_at=published_at,
        expires_at=expires_at,
        valid_through=None if as_new else read_date(row.get("valid_through")),
        language=language,
        openings=_openings(row),
        url=_url(row.get("url")),
        content_hash=content_hash(title, company or "", text),
        signature=signature(text),
    )
