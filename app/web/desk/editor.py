"""The editor of a posting: facts, text with live preview, questions, and the moves from there."""

from dataclasses import dataclass, fields, replace

from flask import Response as Fragment
from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.html import render_markdown
from app.core.money import Period, format_range
from app.domain.applications.queries import tallies
from app.domain.companies.policies import Permission
from app.domain.postings.models import EmploymentType, Experience, Posting, PostingStatus, Workplace
from app.domain.postings.queries import categories, for_member, typical_pay
from app.domain.postings.services import (
    Facts,
    QuestionFacts,
    as_typed,
    autosave,
    begin,
    create_draft,
    edit,
    submit,
)
from app.domain.postings.services.facts import LONGEST_DESCRIPTION, MOST_QUESTIONS
from app.domain.postings.transitions import DRAFTED, REPOSTABLE, SHOWN, status_at
from app.web.context import board
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.desk.postings import KINDS, LABELS, moves_of, who_changed
from app.web.forms import Problems, version_given, whole_number
from app.web.htmx import answer, go, is_htmx, partial
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


ASKS = ("up", "down", "remove")
"""What the buttons beside a question do."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What the editor says about pay, beside the fields."""

    needed: bool
    typical: str = ""
    number: int = 0


def questions_given() -> tuple[QuestionFacts, ...]:
    """The form's questions in their order, empty ones too."""
    form = request.form
    return tuple(
        QuestionFacts(form[f"question_{n}"], f"required_{n}" in form, form.get(f"kind_{n}", "text"))
        for n in range(1, MOST_QUESTIONS + 1) if f"question_{n}" in form
    )


def rearranged(questions: tuple[QuestionFacts, ...], ask: str) -> tuple[QuestionFacts, ...]:
    """The questions after one of the buttons beside them: `add`, `up-2`, `down-1`, `remove-3`."""
    act, _, place = ask.partition("-")
    rows = list(questions)
    if act == "add":
        return (*rows, QuestionFacts(""))[:MOST_QUESTIONS]
    at = (whole_number(place, digits=1) or 0) - 1
    if act not in ASKS or not 0 <= at < len(rows):
        return questions
    row = rows.pop(at)
    if act != "remove":
        rows.insert(max(at - 1, 0) if act == "up" else at + 1, row)
    return tuple(rows)


def pay_hint(category: str, currency: str, kind: str) -> Hint:
    """Why pay is asked for, and what live jobs of this kind pay where enough of them say so."""
    found = typical_pay(reading(), category, currency.strip().upper()[:3], clock.now()) if category else None
    needed = kind != EmploymentType.VOLUNTEER
    if found is None:
        return Hint(needed)
    words = format_range(found.low, found.high, currency.strip().upper(), Period.YEAR)
    return Hint(needed, words, found.number)


def given() -> Facts:
    """The form's words as facts; lines become places and countries."""
    form = request.form
    words = {name: form.get(name, "") for name in WORDS if name not in ("places", "remote_countries")}
    questions = questions_given()
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
    trusted = posting is not None and posting.company is not None and posting.company.trusted
    page = render_template(
        "desk/editor.html", facts=facts, posting=posting, here=here, status=state, kind=KINDS.get(state, ""),
        action=f"/employer/postings/{posting.id}" if posting else "/employer/postings/new",
        moves=moves_of(posting, now) if posting else (), labels=LABELS, waiting=waiting, editable=state in EDITABLE,
        may_submit=state in DRAFTED, may_repost=state in REPOSTABLE, questions=facts.questions or (QuestionFacts(""),),
        most=MOST_QUESTIONS, reviewed=state in SHOWN and not trusted,
        hint=pay_hint(facts.category, facts.salary_currency, facts.type),
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
    if "ask" in request.form:
        return _form(replace(facts, questions=rearranged(facts.questions, request.form["ask"])), 200, here=here)
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
    return _form(as_typed(posting), 200, posting=posting)


@bp.post("/employer/postings/<id:posting_id>")
@allow(SIGNED_IN)
def editor_save(posting_id: int) -> Response | tuple[str, int]:
    """Save; with `then=submit` hand in too. A stale form gets the fresh one, and what was typed besides."""
    facts, actor, now = given(), current_actor(), clock.now()
    if "ask" in request.form:
        posting = for_member(reading(), posting_id, actor, EDIT)
        asked = replace(facts, questions=rearranged(facts.questions, request.form["ask"]))
        return _form(asked, 200, posting=posting)
    try:
        with transaction() as session:
            posting = for_member(session, posting_id, actor, EDIT, lock=True)
            version = version_given({"version": request.form.get("over") or request.form.get("version", "")})
            edit(session, posting, facts, version, actor, now)
            if request.form.get("then") == "submit":
                submit(session, posting, posting.version, actor, now, board().posting_days)
            status = posting.status
    except Invalid as error:
        posting = for_member(reading(), posting_id, actor, EDIT)
        return _form(facts, 422, posting=posting, problem=error)
    except Conflict as error:
        posting = for_member(reading(), posting_id, actor, EDIT)
        said = f"{error.message} {who_changed(posting_id)}".strip()
        return _form(as_typed(posting), 409, posting=posting, stale=said, lost=facts)
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


@bp.post("/employer/postings/autosave")
@allow(EDIT)
def editor_autosave() -> Fragment:
    """Keep a draft while it is typed: a new one from its first words on, never a posting that is handed in."""
    facts, actor, now, wanted = given(), current_actor(), clock.now(), request.form.get("posting", "")
    posting_id = whole_number(wanted) or 0
    if wanted and not posting_id:
        raise NotFound
    if not posting_id and not _typed_anything(facts):
        return answer("<span data-saved></span>")
    try:
        with transaction() as session:
            if posting_id:
                posting = for_member(session, posting_id, actor, EDIT, lock=True)
                autosave(session, posting, facts, version_given(request.form), actor, now)
            else:
                posting = begin(session, chosen(EDIT).company_id, facts, actor, now)
            saved_id, version = posting.id, posting.version
    except Conflict as error:
        return _not_saved(posting_id, facts, f"{error.message} {who_changed(posting_id)}".strip())
    state = render_template("desk/_editor_state.html", posting_id=saved_id, version=version)
    parts, path = [partial("#editor-state", state)], f"/employer/postings/{saved_id}"
    if not posting_id:
        actions = render_template("desk/_editor_actions.html", may_submit=True, target=path)
        parts.append(partial("#editor-actions", actions))
    done = answer(render_template("desk/_saved.html", at=now), *parts)
    if not posting_id:
        done.headers["HX-Replace-Url"] = path
    return done


def _not_saved(posting_id: int, facts: Facts, message: str) -> Fragment:
    """Nothing was overwritten: what the colleague wrote stands beside what is in the form."""
    posting = for_member(reading(), posting_id, current_actor(), EDIT)
    stale = render_template(
        "desk/_stale.html", message=message, posting=posting, theirs=_differences(as_typed(posting), facts)
    )
    return answer("Not saved.", partial("#editor-stale", stale), status=409)


def _typed_anything(facts: Facts) -> bool:
    words = (facts.title, facts.description, facts.salary_min, facts.salary_max, facts.category, facts.type)
    asked = any(question.prompt.strip() for question in facts.questions)
    return asked or any(word.strip() for word in (*words, *facts.places, *facts.remote_countries))


@bp.post("/employer/postings/questions")
@allow(EDIT)
def editor_questions() -> str:
    """The questions after one of the buttons beside them; nothing is saved by it."""
    asked = rearranged(questions_given(), request.form.get("ask", ""))
    return render_template("desk/_questions.html", questions=asked, most=MOST_QUESTIONS, problems=Problems())


@bp.get("/employer/postings/pay")
@allow(EDIT)
def editor_pay() -> Response | str:
    """What to say about pay for this kind of work; opened directly it leads to the editor."""
    if not is_htmx():
        return redirect("/employer/postings/new", 302)
    args = request.args
    hint = pay_hint(args.get("category", ""), args.get("salary_currency", ""), args.get("type", ""))
    return render_template("desk/_pay_hint.html", hint=hint)
