"""A company's statistics, drawn as charts."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from flask import render_template, request

from app.core import clock
from app.core.db import reading
from app.domain.applications import statistics
from app.domain.applications.models import Stage
from app.domain.applications.statistics import Span, Stretch
from app.domain.companies.policies import Permission
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.desk.rates import made_of, rate
from app.web.forms import Problems
from app.web.policy import allow

SHOWN = 10
READ = Permission.POSTINGS_POSTING_READ
STEPS = {
    Stage.SUBMITTED: "Applied", Stage.IN_REVIEW: "In review", Stage.INTERVIEW: "Interview", Stage.OFFER: "Offer",
    Stage.HIRED: "Hired",
}


class Period(enum.StrEnum):
    """What the page looks back on."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


SPANS = {Period.MONTH: (30, 1), Period.QUARTER: (13, 7), Period.YEAR: (52, 7)}
"""Each period's number of spans, and their days."""
LABELS = {Period.MONTH: "30 days", Period.QUARTER: "13 weeks", Period.YEAR: "52 weeks"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its height is of a hundred."""

    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from the oldest to the newest; `most` is what the tallest stands for."""

    name: str
    bars: list[Bar]
    total: int
    most: int


@bp.get("/employer/statistics")
@allow(READ)
def company_statistics() -> str:
    """What came of the company's postings in the period of the address."""
    here, session, problems = chosen(READ), reading(), Problems()
    period = _period(problems)
    number, step = SPANS[period]
    stretch = Stretch(clock.now().date(), number, step)
    found = statistics.spans(session, here.company_id, stretch)
    charts = [
        _chart("Views", found, step, lambda span: span.views),
        _chart("Applications", found, step, lambda span: span.applications),
    ]
    views, applications = (chart.total for chart in charts)
    return render_template(
        "desk/statistics.html", here=here, period=period, labels=LABELS, problems=problems, spans=found, step=step,
        charts=charts, rate=rate, made_of=made_of, views=views, applications=applications,
        wait=statistics.usual_wait(session, here.company_id, stretch),
        ladder=[(STEPS[rung.stage], rung.people) for rung in statistics.ladder(session, here.company_id, stretch)],
        looked=statistics.most_looked_at(session, here.company_id, stretch, SHOWN),
    )


def _period(problems: Problems) -> Period:
    given = request.args.get("period") or Period.MONTH
    try:
        return Period(given)
    except ValueError:
        problems["period"] = "This period is not known and was ignored."
        return Period.MONTH


def _chart(name: str, spans: list[Span], step: int, figure: Callable[[Span], int]) -> Chart:
    figures = [figure(span) for span in spans]
    most = max(figures)
    titles = (f"{_days(span.first, step)}: {number:,}" for span, number in zip(spans, figures, strict=True))
    bars = [Bar(100 * number / most if most else 0, title) for number, title in zip(figures, titles, strict=True)]
    return Chart(name, bars, sum(figures), most)


def _days(first: date, step: int) -> str:
    """A day, or the days of a week."""
    days = dict.fromkeys((first, first + timedelta(days=step - 1)))
    return " – ".join(format_date(day, "d MMM", locale="en") for day in days)
