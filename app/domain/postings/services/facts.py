"""What an employer states of a posting: words as they came through a door, read once for every door."""

import enum
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeVar

from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.html import plain_text, render_markdown
from app.core.lines import one_line
from app.core.money import Period, is_currency, to_major, to_minor, yearly
from app.domain.postings import gazetteer
from app.domain.postings.models import (
    WORLDWIDE,
    EmploymentType,
    Experience,
    Place,
    Posting,
    Question,
    QuestionKind,
    Workplace,
)
from app.domain.postings.queries import category_by_slug
from app.domain.postings.services.stating import set_pay, set_places
from app.domain.postings.words import country_name

MOST_PLACES = 10
MOST_COUNTRIES = 60
MOST_QUESTIONS = 5
LONGEST_DESCRIPTION = 30_000
LONGEST_TYPED = 2_000
"""Of an answer that waits as it was typed."""
UNTITLED = "Untitled draft"
"""What a draft is called before anybody named the job."""

_AMOUNT = re.compile(r"(\d{1,3}(?:[ ,'’\xa0]\d{3})+|\d{1,12})(\.\d{1,2})?")
_WORLD = {"001", "world", "worldwide", "anywhere", "everywhere"}

Kind = TypeVar("Kind", bound=enum.StrEnum)


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """Something to ask applicants. `kind` is `text` or `yes_no`."""

    prompt: str
    required: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Facts:
    """A posting in words: amounts in major units, `category` a slug, places and countries as people write them."""

    title: str = ""
    description: str = ""
    category: str = ""
    type: str = ""
    workplace: str = "on_site"
    places: tuple[str, ...] = ()
    remote_countries: tuple[str, ...] = ()
    salary_min: str = ""
    salary_max: str = ""
    salary_currency: str = ""
    salary_period: str = ""
    experience: str = ""
    openings: str = "1"
    questions: tuple[QuestionFacts, ...] = ()

    @cached_property
    def description_md(self) -> str:
        """The description as it is kept."""
        return self.description.replace("\r\n", "\n").strip()[:LONGEST_DESCRIPTION]

    @cached_property
    def description_html(self) -> str:
        """The description as it is shown."""
        return render_markdown(self.description_md)

    def drawn(self) -> Self:
        """These facts, their text drawn: a long one takes seconds, too many for the inside of a transaction."""
        _ = self.description_html
        return self


def facts_of(posting: Posting) -> Facts:
    """What is stated of a posting, in the words `Facts` would be read from again."""
    return Facts(
        title=posting.title,
        description=posting.description_md,
        category=posting.category.slug if posting.category else "",
        type=posting.type or "",
        workplace=posting.workplace,
        places=tuple(_place_words(row.place) for row in posting.places),
        remote_countries=tuple(sorted(country_name(row.country) for row in posting.countries if row.eligible)),
        salary_min=_amount_words(posting.salary_min, posting.salary_currency),
        salary_max=_amount_words(posting.salary_max, posting.salary_currency),
        salary_currency=posting.salary_currency or "",
        salary_period=posting.salary_period or "",
        experience=posting.experience or "",
        openings=str(posting.openings),
        questions=tuple(QuestionFacts(q.prompt, q.required, q.kind) for q in posting.questions),
    )


def state(session: Session, posting: Posting, facts: Facts) -> None:
    """Write `facts` into a posting. Raises Invalid naming every field that cannot be taken."""
    _Reader(session, posting).read(facts)


def state_as_typed(session: Session, posting: Posting, facts: Facts) -> dict[str, str]:
    """Write what can be taken of `facts` into a posting; answers the fields that cannot, in the words they came in."""
    return _Reader(session, posting).take(facts)


def require_complete(posting: Posting) -> None:
    """Raise Invalid naming what is missing before a posting written here may be published."""
    missing = {
        "title": "" if posting.title else "Give the job a title.",
        "description": "" if posting.description_text else "Say what the work is.",
        "category": "" if posting.category_id else "Choose the field of work.",
        "type": "" if posting.type else "Choose the type of employment.",
    }
    if posting.workplace is Workplace.REMOTE:
        if not any(row.eligible for row in posting.countries):
            missing["remote_countries"] = "Name the countries people may work from, or “Worldwide”."
    elif not posting.places:
        missing["places"] = "Name the place of work."
    if posting.type is not EmploymentType.VOLUNTEER and posting.source is None:
        for name in ("salary_min", "salary_max"):
            if getattr(posting, name) is None:
                missing[name] = "State the pay range. Only volunteer work may go without."
    missing = {name: sentence for name, sentence in missing.items() if sentence}
    for name in _unfinished(posting):
        missing.setdefault(name, "This answer cannot be taken yet. Open the draft and finish it.")
    if missing:
        raise Invalid("Some facts are missing before this can be published.", missing)


def _unfinished(posting: Posting) -> list[str]:
    """Fields that wait as they were typed, without those that only matter together with another."""
    if posting.half_typed is None:
        return []
    idle = {"salary_currency", "salary_period"}
    if posting.workplace is not Workplace.REMOTE:
        idle.add("remote_countries")
    return [name for name in posting.half_typed.typed if name not in idle]


def _amount_words(minor: int | None, currency: str | None) -> str:
    if minor is None or currency is None:
        return ""
    amount = to_major(minor, currency)
    return str(int(amount)) if amount == int(amount) else str(amount)


def _place_words(place: Place) -> str:
    known = gazetteer.by_slug(place.slug)
    if known is None:
        return place.slug
    words = gazetteer.label(known)
    again = gazetteer.search(words)
    return words if again is not None and again.slug == place.slug else place.slug


def _typed(words: str | tuple[str, ...]) -> str:
    return ("\n".join(words) if isinstance(words, tuple) else words)[:LONGEST_TYPED]


class _Reader:
    """Reads facts into one posting, gathering every problem before it complains."""

    def __init__(self, session: Session, posting: Posting) -> None:
        self.session = session
        self.posting = posting
        self.problems: dict[str, str] = {}

    def read(self, facts: Facts) -> None:
        """Take everything or complain of all that is wrong."""
        places, eligible = self._state(facts)
        if self.problems:
            raise Invalid("Some answers need another look.", self.problems)
        self._put(places, eligible)

    def take(self, facts: Facts) -> dict[str, str]:
        """Take what can be taken; answers the rest as it was typed."""
        self._put(*self._state(facts))
        self.posting.title = self.posting.title or UNTITLED
        wrong = set(self.problems) - {"category", "type", "workplace", "experience", "description", "questions"}
        pay = ("salary_min", "salary_max", "salary_currency", "salary_period")
        if wrong.intersection(pay):
            set_pay(self.posting, None, None, None, None)
        if self.posting.salary_max is None:
            wrong.update(name for name in pay if getattr(facts, name))
        if self.posting.workplace is not Workplace.REMOTE and facts.remote_countries:
            wrong.add("remote_countries")
        return {name: _typed(getattr(facts, name)) for name in sorted(wrong)}

    def _state(self, facts: Facts) -> tuple[list[gazetteer.Place], list[str]]:
        posting = self.posting
        posting.title = self._title(facts.title)
        self._describe(facts)
        posting.category_id = self._category(facts.category)
        posting.type = self._choice(EmploymentType, facts.type, "type")
        posting.workplace = self._choice(Workplace, facts.workplace, "workplace") or Workplace.ON_SITE
        posting.experience = self._choice(Experience, facts.experience, "experience")
        posting.openings = self._openings(facts.openings)
        self._pay(facts)
        places, eligible = self._places(facts.places), self._countries(facts.remote_countries)
        self._ask(facts.questions)
        return places, eligible

    def _put(self, places: list[gazetteer.Place], eligible: list[str]) -> None:
        remote = self.posting.workplace is Workplace.REMOTE
        set_places(self.session, self.posting, places, eligible if remote else [])

    def _title(self, text: str) -> str:
        title = one_line(text)
        if not title:
            self.problems["title"] = "Give the job a title."
        elif len(title) > 200:
            self.problems["title"] = "Use 200 characters at the most."
        return title[:200]

    def _describe(self, facts: Facts) -> None:
        posting = self.posting
        if posting.source and not posting.description_md and not facts.description_md:
            return  # an import's text has no Markdown: an untouched form keeps it
        posting.description_md, posting.description_html = facts.description_md, facts.description_html
        if len(facts.description) > LONGEST_DESCRIPTION:
            self.problems["description"] = f"Use {LONGEST_DESCRIPTION:,} characters at the most."
        posting.description_text = plain_text(posting.description_html)

    def _category(self, slug: str) -> int | None:
        if not slug:
            return None
        found = category_by_slug(self.session, slug)
        if found is None:
            self.problems["category"] = "Choose a field of work from the list."
            return None
        self.posting.category = found
        return found.id

    def _choice(self, kind: type[Kind], text: str, name: str) -> Kind | None:
        try:
            return kind(text) if text else None
        except ValueError:
            self.problems[name] = "Choose one of: " + ", ".join(member.replace("_", " ") for member in kind) + "."
            return None

    def _openings(self, text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= 4 and int(text) >= 1:
            return int(text)
        self.problems["openings"] = "Write a whole number from 1 to 9,999."
        return 1

    def _pay(self, facts: Facts) -> None:
        if not facts.salary_min.strip() and not facts.salary_max.strip():
            set_pay(self.posting, None, None, None, None)
            return
        currency = facts.salary_currency.strip().upper()
        if not is_currency(currency):
            self.problems["salary_currency"] = "Write the currency's three letters, for example EUR or USD."
            return
        period = self._choice(Period, facts.salary_period, "salary_period")
        if period is None:
            self.problems.setdefault("salary_period", "Say what the pay is for: an hour, a day, … a year.")
            return
        low = self._amount(facts.salary_min, currency, period, "salary_min")
        high = self._amount(facts.salary_max, currency, period, "salary_max")
        if high is None:
            self.problems.setdefault("salary_max", "Write the most it pays too.")
        elif low is not None and low > high:
            self.problems["salary_max"] = "The most is less than the least."
        else:
            set_pay(self.posting, low, high, currency, period)

    def _amount(self, text: str, currency: str, period: Period, name: str) -> int | None:
        if not text.strip():
            return None
        match = _AMOUNT.fullmatch(text.strip())
        if match is None:
            self.problems[name] = "Write an amount in digits, for example 52000 or 18.50."
            return None
        try:
            minor = to_minor(re.sub(r"\D", "", match[1]) + (match[2] or ""), currency)
            yearly(minor, period)
        except ValueError:
            self.problems[name] = "This amount is too large."
            return None
        if minor == 0:
            self.problems[name] = "Write more than nothing, or leave the pay empty."
        return minor

    def _places(self, texts: tuple[str, ...]) -> list[gazetteer.Place]:
        words = [line for line in map(one_line, texts) if line]
        if len(words) > MOST_PLACES:
            self.problems["places"] = f"Name {MOST_PLACES} places at the most."
            return []
        found: list[gazetteer.Place] = []
        for word in words:
            place = gazetteer.search(word)
            if place is None:
                self.problems["places"] = f"“{word[:80]}” is not a place we know. Write the nearest town and country."
            else:
                found.append(place)
        return found

    def _countries(self, texts: tuple[str, ...]) -> list[str]:
        words = [line for line in map(one_line, texts) if line]
        if len(words) > MOST_COUNTRIES:
            self.problems["remote_countries"] = f"Name {MOST_COUNTRIES} countries at the most, or “Worldwide”."
            return []
        codes = []
        for word in words:
            code = WORLDWIDE if word.casefold() in _WORLD else gazetteer.country_code(word)
            if code is None:
                self.problems["remote_countries"] = f"“{word[:80]}” is not a country we know. Or write “Worldwide”."
            else:
                codes.append(code)
        return codes

    def _ask(self, questions: tuple[QuestionFacts, ...]) -> None:
        """Rows keep their ids where the number of questions allows: a form being filled in still fits."""
        asked = [(q, one_line(q.prompt)) for q in questions if one_line(q.prompt)]
        if len(asked) > MOST_QUESTIONS:
            self.problems["questions"] = f"Ask {MOST_QUESTIONS} questions at the most."
            return
        rows = self.posting.questions
        rows[len(asked):] = []
        for position, (question, prompt) in enumerate(asked):
            if len(prompt) > 300:
                self.problems["questions"] = "Ask each question in 300 characters at the most."
            if position == len(rows):
                rows.append(Question(position=position))
            row = rows[position]
            row.prompt, row.required, row.position = prompt[:300], question.required, position
            row.kind = self._choice(QuestionKind, question.kind, "questions") or QuestionKind.TEXT
