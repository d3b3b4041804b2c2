"""The editor of a posting: facts, text with live preview, questions, and the moves from there."""

from dataclasses import fields

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.core.html import render_markdown
from app.core.money import Period
from app.domain.applications.queries import tallies
from app.domain.companies.policies import Permission
from app.domain.postings.models import EmploymentType, Experience, Posting, PostingStatus, Workplace
from app.domain.postings.queries import categories, for_member
from app.domain.postings.services import Facts, QuestionFacts, create_draft, edit, facts_of, submit
from app.domain.postings.services.facts import LONGEST_DESCRIPTION, MOST_QUESTIONS
from app.domain.postings.transitions import DRAFTED, REPOSTABLE, SHOWN, status_at
from app.web.context import board
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.desk.postings import KINDS, LABELS, moves_of, who_changed
from app.web.forms import Problems, version_given
from app.web.htmx import go
from app.web.outside import clean
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow

EDIT = Permission.POSTINGS_POSTING_EDIT
EDITABLE = (*DRAFTED, PostingStatus.PENDING, *SHOWN)
WORDS = {
    "title": "Title", "description": "Description", "category": "Field of work", "type": "Type",
    "workplace": "Workplace", "places": "Places", "remote_countries": "Open to people in", "salary_min": "Pay from",
    "salary_max": "Pay to", "salary_currency": "Currency", "salary_period": "Pay is for", "experience": "Experience",
    "openings": "Openings",
}


def given() -> Facts:
    """The form's words as facts; lines become places and countries."""
    form = request.form
    words = {name: form.get(name, "") for name in WORDS if name not in ("places", "remote_countries")}
    questions = tuple(
        QuestionFacts(form.get(f"question_{n}", ""), f"required_{n}" in form, form.get(f"kind_{n}", "text"))
        for n in range(1, MOST_QUESTIONS + 1)
    )
    return Facts(
        **words, places=_lines(form.get("places", "")), remote_countries=_lines(form.get("remote_countries", "")),
        questions=questions,
    ).drawn()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line.strip())


def _choices(kind: type[EmploymentType] | type[Experience] | type[Workplace] | type[Period]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in kind]


def _form(
    facts: Facts, status: int, *, posting: Posting | None = None, here: Belonging | None = None,
    problem: Invalid | None = None, stale: str = "", lost: Facts | None = None,
) -> tuple[str, int]:
    now = clock.now()
    state = status_at(posting, now) if posting else PostingStatus.DRAFT
    _, waiting = tallies(reading(), [posting.id]).get(posting.id, (0, 0)) if posting else (0, 0)
    asked = (*facts.questions, *[QuestionFacts("")] * MOST_QUESTIONS)[:MOST_QUESTIONS]
    page = render_template(
        "desk/editor.html", facts=facts, posting=posting, here=here, status=state, kind=KINDS.get(state, ""),
        action=f"/employer/postings/{posting.id}" if posting else "/employer/postings/new",
        moves=moves_of(posting, now) if posting else (), labels=LABELS, waiting=waiting, editable=state in EDITABLE,
        may_submit=state in DRAFTED, may_repost=state in REPOSTABLE, asked=asked,
        problems=Problems(problem.fields) if problem else Problems(),
        message=problem.message if problem and not problem.fields else "",
        stale=stale, lost=_differences(lost, facts) if lost else {}, preview=clean(facts.description_html),
        categories=[(category.slug, category.name) for category in categories(reading())],
        types=_choices(EmploymentType), workplaces=_choices(Workplace), experiences=_choices(Experience),
        periods=_choices(Period), longest=LONGEST_DESCRIPTION,
    )
    return page, status


def _differences(lost: Facts, fresh: Facts) -> dict[str, str]:
    """What was typed and is not in the fresh form, by the field's label."""
    found = {}
    for field in fields(Facts):
        typed, now = getattr(lost, field.name), getattr(fresh, field.name)
        if field.name in WORDS and typed != now and typed:
            found[WORDS[field.name]] = "\n".join(typed) if isinstance(typed, tuple) else typed
    return found


@bp.get("/employer/postings/new")
@allow(EDIT)
def editor_new() -> tuple[str, int]:
    """An empty editor."""
    return _form(
        Facts(salary_currency=board().default_currency, salary_period=Period.YEAR), 200, here=chosen(EDIT)
    )


@bp.post("/employer/postings/new")
@allow(EDIT)
def editor_create() -> Response | tuple[str, int]:
    """A new draft; with `then=submit` handed in at once, or not made at all."""
    here, facts, actor, now = chosen(EDIT), given(), current_actor(), clock.now()
    try:
        with transaction() as session:
            posting = create_draft(session, here.company_id, facts, actor, now)
            if request.form.get("then") == "submit":
                submit(session, posting, posting.version, actor, now, board().posting_days)
            posting_id, status = posting.id, posting.status
    except Invalid as error:
        return _form(facts, 422, here=here, problem=error)
    flash(_saved(status))
    return go(f"/employer/postings/{posting_id}")


@bp.get("/employer/postings/<id:posting_id>")
@allow(SIGNED_IN)
def editor(posting_id: int) -> tuple[str, int]:
    """The editor of one posting."""
    posting = for_member(reading(), posting_id, current_actor(), EDIT)
    return _form(facts_of(posting), 200, posting=posting)


@bp.post("/employer/postings/<id:posting_id>")
@allow(SIGNED_IN)
def editor_save(posting_id: int) -> Response | tuple[str, int]:
    """Save; with `then=submit` hand in too. A stale form gets the fresh one, and what was typed besides."""
    facts, actor, now = given(), current_actor(), clock.now()
    try:
        with transaction() as session:
            posting = for_member(session, posting_id, actor, EDIT, lock=True)
            edit(session, posting, facts, version_given(request.form), actor, now)
            if request.form.get("then") == "submit":
                submit(session, posting, posting.version, actor, now, board().posting_days)
            status = posting.status
    except Invalid as error:
        posting = for_member(reading(), posting_id, actor, EDIT)
        return _form(facts, 422, posting=posting, problem=error)
    except Conflict as error:
        posting = for_member(reading(), posting_id, actor, EDIT)
        said = f"{error.message} {who_changed(posting_id)}".strip()
        return _form(facts_of(posting), 409, posting=posting, stale=said, lost=facts)
    flash(_saved(status))
    return go(f"/employer/postings/{posting_id}")


def _saved(status: PostingStatus) -> str:
    if status is PostingStatus.PENDING:
        return "Saved. It is with the board for review."
    return "Saved and public." if status is PostingStatus.PUBLISHED else "Saved."


@bp.post("/employer/postings/preview")
@allow(EDIT)
def editor_preview() -> str:
    """The description as readers will see it."""
    text = request.form.get("description", "")[:LONGEST_DESCRIPTION]
    return render_template("desk/_preview.html", preview=clean(render_markdown(text)))
