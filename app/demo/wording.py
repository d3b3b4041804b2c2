"""Postings of invented employers, put together from the sentences in data/*.toml."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from app.core.money import YEARLY_FACTOR, Period
from app.demo.countries import COUNTRIES, EUROPE, NORTH_AMERICA
from app.domain.postings.services import Facts, QuestionFacts

DATA = Path(__file__).parent / "data"

_STEPS = (
    ("Junior", "entry", 0.72), ("", "mid", 1.0), ("", "mid", 1.0), ("Senior", "senior", 1.28), ("Lead", "lead", 1.5),
)
_PLAIN = (("", "mid", 1.0), ("", "entry", 0.94), ("", "", 1.0))
_INTERN_SHARE, _INTERN_LEAST = 0.4, 0.75
_SPREAD = 0.06


@cache
def table(name: str) -> dict[str, Any]:
    """One of the demo's tables of words."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Employer:
    """An invented company: its field of work and the country it is at home in."""

    name: str
    field: str
    country: str
    about: str


def employers(rng: Random) -> list[Employer]:
    """Every invented company of the tables."""
    return [
        Employer(name, field, country, rng.choice(words["about"]))
        for field, words in table("fields").items()
        for name, country in words["companies"]
    ]


class Author:
    """Writes postings of one employer; the same numbers give the same words."""

    def __init__(self, rng: Random, employer: Employer) -> None:
        self.rng = rng
        self.employer = employer
        self.field = table("fields")[employer.field]
        self.country = COUNTRIES[employer.country]
        self._used: set[str] = set()

    def posting(self) -> Facts:
        """A posting whose title this employer has not used before, where there is another."""
        role, base, title, experience, factor = self._role()
        type_ = self._type(experience)
        if type_ == "internship":
            title, experience, factor = f"{base} Intern", "entry", _INTERN_SHARE
        workplace = self._workplace()
        places, countries = self._where(workplace)
        period = self._period(role, type_)
        low, high = self._pay(role, factor, period)
        return Facts(
            title=title, description=self._description(role, title, workplace, places), category=self.employer.field,
            type=type_, workplace=workplace, places=places, remote_countries=countries, salary_min=low,
            salary_max=high, salary_currency=self.country.currency, salary_period=period, experience=experience,
            openings=str(self.rng.choices((1, 2, 3, 5), (76, 14, 7, 3))[0]), questions=self._questions(),
        )

    def _role(self) -> tuple[dict[str, Any], str, str, str, float]:
        for _ in range(12):
            role = self.rng.choice(self.field["roles"])
            base = self.rng.choice(role["titles"])
            step, experience, factor = self.rng.choice(_STEPS if role["steps"] else _PLAIN)
            title = f"{step} {base}".strip()
            if title not in self._used:
                break
        self._used.add(title)
        return role, base, title, experience, factor

    def _type(self, experience: str) -> str:
        if experience in ("senior", "lead"):
            return self.rng.choices(("full_time", "part_time", "contract"), (86, 8, 6))[0]
        kinds = ("full_time", "part_time", "contract", "temporary", "internship", "per_diem")
        return self.rng.choices(kinds, (70, 12, 6, 4, 7, 1))[0]

    def _workplace(self) -> str:
        return self.rng.choices(("on_site", "hybrid", "remote"), self.field["where"])[0]

    def _where(self, workplace: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if workplace != "remote":
            number = 2 if self.rng.random() < 0.08 and len(self.country.cities) > 1 else 1
            return tuple(self.rng.sample(self.country.cities, number)), ()
        home = self.employer.country
        near = EUROPE if home in EUROPE else NORTH_AMERICA if home in NORTH_AMERICA else (home,)
        return (), self.rng.choice(((home,), near, near, ("Worldwide",)))

    def _period(self, role: dict[str, Any], type_: str) -> Period:
        if self.country.by_hour and (role.get("hourly") or type_ in ("contract", "temporary", "per_diem")):
            return Period.HOUR
        return Period.MONTH if type_ == "internship" else self.country.custom

    def _pay(self, role: dict[str, Any], factor: float, period: Period) -> tuple[str, str]:
        luck = 1 + self.rng.uniform(-_SPREAD, _SPREAD)
        low, high = (thousands * 1000 * factor * luck * self.country.level for thousands in role["pay"])
        low = max(low, self.country.least * (_INTERN_LEAST if factor == _INTERN_SHARE else 1))
        high = max(high, low * 1.12)
        return _rounded(low / YEARLY_FACTOR[period], period), _rounded(high / YEARLY_FACTOR[period], period)

    def _questions(self) -> tuple[QuestionFacts, ...]:
        if self.rng.random() > 0.3:
            return ()
        prompts = self.rng.sample(table("phrases")["questions"], self.rng.choice((1, 2)))
        return tuple(
            QuestionFacts(prompt, required=number == 0, kind="yes_no" if prompt.startswith("Are you") else "text")
            for number, prompt in enumerate(prompts)
        )

    def _description(self, role: dict[str, Any], title: str, workplace: str, places: Sequence[str]) -> str:
        phrases = table("phrases")
        opening = self.rng.choice(phrases["opening"]).format(
            title=title, place=_placed(workplace, places), company=self.employer.name
        )
        duties = self._some(role["duties"], 3) + self._some(self.field["duties"], self.rng.choice((2, 3)))
        needs = self._some(role["needs"], 2) + self._some(self.field["needs"], self.rng.choice((2, 3)))
        benefits = [line.format(leave=self.country.leave) for line in self._some(phrases["benefits"], 4)]
        one, other = self.rng.sample(self.field["plus"], 2)
        return "\n\n".join(
            (
                f"{opening} {self.employer.about}",
                f"### What you will do\n\n{_bullets(duties)}",
                f"### What you bring\n\n{_bullets(needs)}",
                f"Good to have, and not needed: {one}, or {other}. {self.rng.choice(phrases['welcome'])}",
                f"### What you get\n\n{_bullets(benefits)}",
                f"### How we decide\n\n{self.rng.choice(phrases['process'])}",
            )
        )

    def _some(self, lines: Sequence[str], number: int) -> list[str]:
        return self.rng.sample(lines, min(number, len(lines)))


def _rounded(amount: float, period: Period) -> str:
    if period is Period.HOUR and amount < 100:
        return f"{round(amount * 4) / 4:.2f}"
    step = max(1, 10 ** (len(str(int(amount))) - 2) // 2)
    return str(round(amount / step) * step)


def _placed(workplace: str, places: Sequence[str]) -> str:
    towns = " or ".join(place.split(",")[0] for place in places)
    if workplace == "remote":
        return "to work from wherever you live"
    return f"in {towns} and at home" if workplace == "hybrid" else f"in {towns}"


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
