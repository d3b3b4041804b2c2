"""What feeds call employment types, levels of experience and places of work, in our terms."""

import re
from collections.abc import Sequence
from typing import TypeVar

from app.domain.postings.models import EmploymentType, Experience, Workplace

T = TypeVar("T")

_SCHEMA_ORG = {
    "INTERN": EmploymentType.INTERNSHIP, "VOLUNTEER": EmploymentType.VOLUNTEER, "FULL_TIME": EmploymentType.FULL_TIME,
    "PART_TIME": EmploymentType.PART_TIME, "CONTRACTOR": EmploymentType.CONTRACT,
    "TEMPORARY": EmploymentType.TEMPORARY, "PER_DIEM": EmploymentType.PER_DIEM, "OTHER": EmploymentType.OTHER,
}
"""In order of what counts where a source names several."""

_TYPES = (
    (
        EmploymentType.INTERNSHIP,
        r"\bintern(?:s|ship)?\b|\bstaż|praktyk|praktik|estágio|werkstudent|working student",
    ),
    (
        EmploymentType.VOLUNTEER,
        r"\bvolunt|wolontari",
    ),
    (
        EmploymentType.FULL_TIME,
        "full.?time|vollzeit|pełny etat|umowa o pracę|heltid|voltijds|tempo integral",
    ),
    (
        EmploymentType.PART_TIME,
        "part.?time|teilzeit|część etatu|niepełny etat|deltid|deeltijd|meio período",
    ),
    (
        EmploymentType.CONTRACT,
        r"contract(?:or|ual)?\b|freelance|\bb2b\b|umowa zleceni|kontrakt",
    ),
    (
        EmploymentType.TEMPORARY,
        "temporar|seasonal|fixed.?term|tymczasow|czas określony|befristet",
    ),
    (
        EmploymentType.PER_DIEM,
        "per.?diem|intermittent",
    ),
    (
        EmploymentType.FULL_TIME,
        r"permanent|\bstała|career",
    ),
)
_TITLE_TYPES = (
    (
        EmploymentType.INTERNSHIP,
        r"\bintern(?:s|ship)?\b|\bstażyst|praktykant|praktikum|praktikant|estagi|werkstudent",
    ),
    (
        EmploymentType.VOLUNTEER,
        r"\bvolunteer|wolontariusz",
    ),
    (
        EmploymentType.PART_TIME,
        "part.?time|teilzeit",
    ),
    (
        EmploymentType.CONTRACT,
        r"\(contract\)|[-–,] contract\b|freelance|\bb2b\b",
    ),
    (
        EmploymentType.TEMPORARY,
        r"\btemporary\b|\bseasonal\b|fixed.?term",
    ),
    (
        EmploymentType.FULL_TIME,
        "full.?time|vollzeit|pełny etat",
    ),
)
_LEVELS = (
    (
        Experience.ENTRY,
        r"entry|junior|\bjr\b|intern(?:s|ship)?\b|trainee|graduate|fresher|associate$|asystent|staż|praktyk"
        "|fizyczny|apprentice|młodsz|werkstudent|working student|estagi|júnior|no experience|beginner",
    ),
    (
        Experience.SENIOR,
        r"senior|\bsr\b|\bsr\.|expert|starsz|ekspert|sênior|experienced professional|mid-senior",
    ),
    (
        Experience.LEAD,
        r"\blead\b|principal|director|head of|\bvp\b|vice president|\bchief|manager$|management|executive$"
        r"|kierownik|dyrektor|menedżer|koordynator|team leader|\bc[et]o\b",
    ),
    (
        Experience.MID,
        r"\bmid\b|mid.?level|middle|intermediate|regular|specjalista|\bpleno\b|professional$",
    ),
)
_TITLE_LEVELS = (
    (
        Experience.LEAD,
        r"\blead\b|principal|director|head of|\bvp\b|vice president|\bchief\b|team leader|dyrektor|\bc[et]o\b",
    ),
    (
        Experience.SENIOR,
        r"\bsenior\b|\bsr\b|starsz[ya]|\bsênior|ekspert|\bexpert\b",
    ),
    (
        Experience.ENTRY,
        r"\bjunior\b|\bjr\b|entry.?level|trainee|\bgraduate\b|młodsz[ya]|\bintern(?:s|ship)?\b|stażyst|praktykant"
        r"|apprentice|working student|werkstudent|no experience|\bjúnior",
    ),
    (
        Experience.MID,
        r"\bmid.?level\b|\bmid\b|\bpleno\b|\bregular\b",
    ),
)

_remote = re.compile(r"\bremote|home.?office|telework|work from home|\bwfh\b|zdaln|anywhere|worldwide")
_hybrid = re.compile(r"hybrid|hybryd|híbrid")
_on_site = re.compile(r"on.?site|in.?office|no remote|not remote|stacjonarn")


def _first(rows: Sequence[tuple[T, str]], words: str) -> T | None:
    return next((value for value, pattern in rows if re.search(pattern, words)), None)


def employment_type(named: Sequence[str], raw: str, title: str) -> EmploymentType | None:
    """The employment type a feed names in schema.org's terms (`named`), else in its own words, else in the title."""
    for term, ours in _SCHEMA_ORG.items():
        if term in named:
            return ours
    return _first(_TYPES, raw.casefold()) or _first(_TITLE_TYPES, title.casefold())


def experience(raw: str, title: str) -> Experience | None:
    """The level a title states, else the one its source names."""
    return _first(_TITLE_LEVELS, title.casefold()) or _first(_LEVELS, raw.casefold())


def workplace(flag: bool | None, *words: str, remote: bool, hybrid: bool) -> Workplace:
    """Where the work is done: by the source's flag, by what its location says (`remote`, `hybrid`), by other words."""
    text = " ".join(words).casefold()
    if hybrid or _hybrid.search(text):
        return Workplace.HYBRID
    if flag or remote or (flag is None and _remote.search(text) and not _on_site.search(text)):
        return Workplace.REMOTE
    return Workplace.ON_SITE
