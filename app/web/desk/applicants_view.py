"""What the applicants' screens share: the state in the address, cards with their legal moves, columns and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import render_template, request
from markupsafe import Markup

from app.core import clock
from app.core.db import reading
from app.core.paging import seal, unseal
from app.domain.applications import roster
from app.domain.applications.models import Application, CompanyStage, Stage
from app.domain.applications.roster import ApplicantCard, ApplicantFilter, Column
from app.domain.applications.transitions import PARTED, Mover, legal
from app.domain.companies.policies import Permission, can
from app.domain.postings.models import Posting
from app.web.context import settings
from app.web.forms import way_back
from app.web.htmx import partial
from app.web.people import current_actor

EACH, PAGE = 20, 50
READ, MOVE = Permission.APPLICATIONS_APPLICATION_READ, Permission.APPLICATIONS_APPLICATION_MOVE
EXPORT, RATE = Permission.APPLICATIONS_APPLICATION_EXPORT, Permission.APPLICATIONS_APPLICATION_RATE
STAGES = Permission.APPLICATIONS_STAGES_EDIT
ALWAYS = (Stage.SUBMITTED, Stage.IN_REVIEW, Stage.INTERVIEW, Stage.OFFER, Stage.HIRED, Stage.REJECTED)
REASONS = (
    ("Others fit better", "Thank you for applying and for the time you took. Other applicants match what this job "
     "needs more closely, so we will not go on with your application."),
    ("Something needed is missing", "Thank you for applying. This job needs experience that we did not find in your "
     "application, so we will not go on with it. You are welcome to apply to another job of ours."),
    ("The job is taken", "Thank you for applying. We have given this job to somebody else. We were glad to read your "
     "application and would like you to apply again when another job fits."),
)
"""Templates of a refusal: (what it is called, what it says); edited before it is sent."""


def words(stage: Stage) -> str:
    """A stage as people read it."""
    return stage.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Seat:
    """A card with where it may go: (value of `to`, label)."""

    card: ApplicantCard
    choices: tuple[tuple[str, str], ...]
    own: str = ""
    """Name of the company's own stage it stands in."""


def base(posting_id: int) -> str:
    """The address of a posting's applicants."""
    return f"/employer/postings/{posting_id}/applicants"


def address(path: str, chosen: ApplicantFilter, **more: str) -> str:
    """`path` with the state of the list, and with `more`."""
    query = urlencode(chosen.arguments | {name: value for name, value in more.items() if value})
    return f"{path}?{query}" if query else path


def chosen_here() -> ApplicantFilter:
    """The state the address of this request carries."""
    return roster.parse(request.args)


def chosen_behind(posting_id: int) -> ApplicantFilter:
    """The state of the list a form was sent from: the query of its `next`."""
    return roster.parse(dict(parse_qsl(urlsplit(way_back(base(posting_id))).query)))


class Seats:
    """Turns cards into seats, for one company, now."""

    def __init__(self, posting: Posting, stages: Sequence[CompanyStage], now: datetime) -> None:
        self.may_move = can(current_actor(), MOVE, posting.company_id)
        self.stages, self.now = stages, now

    def choices(self, stage: Stage, own_id: int | None, moved_at: datetime) -> tuple[tuple[str, str], ...]:
        """Where the actor may move this application now; nowhere without the right."""
        if not self.may_move:
            return ()
        found: list[tuple[str, str]] = []
        to = legal(stage, Mover.EMPLOYER, self.now - moved_at)
        for each in ((stage, *to) if stage in PARTED else to):
            if each is not stage or own_id is not None:
                found.append((each.value, words(each)))
            found += [
                (f"{each.value}:{own.id}", f"{own.name} ({words(each).lower()})")
                for own in self.stages if own.stage is each and own.archived_at is None and own.id != own_id
            ]
        return tuple(found)

    def seat(self, card: ApplicantCard) -> Seat:
        """One card with its choices."""
        own = next((own.name for own in self.stages if own.id == card.company_stage_id), "")
        return Seat(card, self.choices(card.stage, card.company_stage_id, card.moved_at), own)


def seats_of(posting: Posting) -> Seats:
    """For the posting's company, with its stages as they are now."""
    return Seats(posting, roster.own_stages(reading(), posting.company_id), clock.now())


def seats_at(found: Application) -> tuple[Seats, Seat]:
    """For one loaded application."""
    seats = seats_of(found.posting)
    return seats, seats.seat(roster.card_of(found))


def _purpose(posting_id: int, chosen: ApplicantFilter, column: Column | None) -> str:
    state = urlencode(sorted(chosen.but(view="board").arguments.items()))
    return f"applicants:{posting_id}:{column.slug if column else 'all'}:{state}"


def cursor(
    posting_id: int, chosen: ApplicantFilter, column: Column | None, found: Sequence[ApplicantCard], limit: int
) -> str:
    """Where the list goes on, empty at its end. `found` holds one more than `limit` where it does."""
    if len(found) <= limit:
        return ""
    last = found[limit - 1]
    key = roster.frozen(last.key)
    key = key[:200] if isinstance(key, str) and chosen.sort == "name" else key
    return seal(settings().key, _purpose(posting_id, chosen, column), [key, last.id])


def place(posting_id: int, chosen: ApplicantFilter, column: Column | None, text: str) -> tuple[Any, int] | None:
    """Where a cursor was left; None without one. Raises BadCursor."""
    if not text:
        return None
    key, application_id = unseal(settings().key, _purpose(posting_id, chosen, column), text)
    return roster.thawed(chosen.sort, key), application_id


def totals(counts: Mapping[tuple[Stage, int | None], int]) -> dict[Stage, int]:
    """Counts by fixed stage, 0 where nobody stands."""
    found = dict.fromkeys(Stage, 0)
    for (stage, _), number in counts.items():
        found[stage] += number
    return found


def face(seat: Seat, chosen: ApplicantFilter, problem: str = "", given: Mapping[str, str] | None = None) -> str:
    """The card or, in the table, the row of one applicant."""
    name = "desk/_applicant_row.html" if chosen.view == "table" else "desk/_application_card.html"
    return render_template(
        name, seat=seat, problem=problem, given=given or {}, chosen=chosen, address=address, base=base, words=words
    )


def in_place(found: Application, seat: Seat, seats: Seats, chosen: ApplicantFilter, problem: str = "") -> Markup:
    """The one applicant as it stands now, where it belongs on the list the form came from, and the counts."""
    html = face(seat, chosen, problem, request.form if problem else None)
    posting_id = found.posting_id
    if chosen.view == "table":
        return partial(f"#application-{found.id}", html, "outerHTML") + partial(
            "#tally", tally(posting_id, chosen, roster.counts(reading(), posting_id, chosen))
        )
    here = Column(found.stage, found.company_stage_id)
    moved = partial(f"#application-{found.id}", "", "delete") + partial(f"#cards-{here.slug}", html, "afterbegin")
    counts = roster.counts(reading(), posting_id, chosen)
    return moved + Markup("").join(
        partial(f"#count-{column.slug}", str(counts.get((column.stage, column.own_id), 0)))
        for column in roster.columns(list(seats.stages))
    )


def tally(posting_id: int, chosen: ApplicantFilter, counts: Mapping[tuple[Stage, int | None], int]) -> str:
    """The stages as links, each with what choosing it would give."""
    return render_template(
        "desk/_applicants_tally.html", chosen=chosen, totals=totals(counts), base=base, posting_id=posting_id,
        address=address, words=words,
    )
