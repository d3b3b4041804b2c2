"""Acting on one row of a table: one request, one row back, whatever came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.accounts.queries import names
from app.domain.audit import queries as audit
from app.web.forms import version_given, way_back
from app.web.htmx import is_htmx, toast


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that may be done to a row: its word in the address, on the button, and when it is done."""

    word: str
    label: str
    done: str
    asks: bool = False
    """Whether it wants a reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of people or companies as its table shows it."""

    kind: str
    path: str
    id: int
    version: int
    name: str
    line: str
    badges: list[tuple[str, str]]
    facts: list[Any]
    acts: list[Act]


def last_actor(kind: str, id_: int) -> str:
    """Who acted on this row last, and how, in a sentence; empty where nobody did."""
    entry = audit.latest(reading(), (kind, id_))
    if entry is None:
        return ""
    known = names(reading(), [entry.actor_id])
    who = known.get(entry.actor_id, "Somebody") if entry.actor_id else "The board itself"
    return f"{who} did: {entry.action.split('.', 1)[-1].replace('_', ' ')}."


def perform(
    act: Act, heading: str, columns: tuple[str, ...], row: Callable[[], Row],
    work: Callable[[Session, int, str], object],
) -> Response | tuple[str, int]:
    """Do `work` with the version and the reason of the form; answer with the row, drawn fresh."""
    try:
        with transaction() as session:
            work(session, version_given(request.form), request.form.get("reason", ""))
    except Conflict as error:
        fresh = row()
        sentence = f"{error.message} {last_actor(fresh.kind, fresh.id)}".strip()
        return _refused(act, 409, fresh, sentence, heading, columns)
    except Invalid as error:
        return _refused(act, 422, row(), error.fields.get("reason") or error.message, heading, columns)
    fresh = row()
    told = f"{act.done}: {fresh.name}"
    if is_htmx():
        return f"{_drawn(fresh)}{toast(told)}", 200
    flash(told)
    return redirect(way_back(fresh.path.rsplit("/", 1)[0]), 303)


def _drawn(row: Row, ask: Act | None = None, problem: str = "", reason: str = "") -> str:
    here = way_back(row.path.rsplit("/", 1)[0])
    return render_template("admin/_acted_row.html", row=row, ask=ask, problem=problem, reason=reason, here=here)


def _refused(
    act: Act, status: int, row: Row, sentence: str, heading: str, columns: tuple[str, ...]
) -> tuple[str, int]:
    """The row as it is now with what was typed: to be sent again where the act is still possible, else to be copied."""
    reason = request.form.get("reason", "")
    ask = act if act.asks and act in row.acts else None
    if is_htmx():
        return f"{_drawn(row, ask, sentence, reason)}{'' if ask else toast(sentence, 'error')}", status
    page = render_template(
        "admin/acted_refused.html", row=row, ask=ask, problem=sentence, reason=reason, heading=heading,
        columns=columns, here=way_back(row.path.rsplit("/", 1)[0]),
    )
    return page, status
