"""The audit log: filtered, each act with the way to what it was done to, and as a table for elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, render_template, stream_with_context

from app.core.db import reading
from app.domain.accounts.queries import names
from app.domain.audit import queries as audit
from app.domain.audit.models import AuditEntry
from app.domain.companies.policies import Permission
from app.web.admin import blueprint as bp
from app.web.admin.tables import PAGE, View, day_of, view
from app.web.policy import allow
from app.web.spreadsheet import csv_line

KINDS = ("application", "board", "category", "company", "posting", "report", "source", "user")
ACTIONS = {
    "": "Every act", "posting.": "On postings", "company.": "On companies", "user.": "On people",
    "category.": "On fields of work", "board.": "On the board", "application.": "On applications",
    "source.": "On feeds",
}
BATCH = 500
MOST = 100_000
_WAYS = {
    "posting": "/admin/postings?id={}", "company": "/admin/companies/{}", "user": "/admin/users/{}",
    "category": "/admin/categories#category-{}", "board": "/admin/settings", "report": "/admin/reports",
    "source": "/admin/imports#source-{}",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as people read it."""

    act: str
    on: str
    way: str
    who: str
    who_way: str
    change: str
    reason: str
    at: datetime


def entries_of(found: Iterable[AuditEntry]) -> list[Entry]:
    """Acts in words, with the names people have now."""
    found = list(found)
    known = names(reading(), [entry.actor_id for entry in found])
    return [
        Entry(
            act=entry.action.replace("_", " ").replace(".", ": ", 1),
            on=f"{entry.subject_type} {entry.subject_id}",
            way=_WAYS.get(entry.subject_type, "").format(entry.subject_id),
            who="The board" if entry.actor_id is None else known.get(entry.actor_id) or "Closed account",
            who_way=f"/admin/users/{entry.actor_id}" if entry.actor_id in known else "",
            change=" → ".join(filter(None, (entry.before, entry.after))), reason=entry.reason or "", at=entry.at,
        )
        for entry in found
    ]


def _asked() -> tuple[View, audit.Asked]:
    shown = view(
        "/admin/audit", numbers=("actor", "subject"), dates=("since", "until"), action=ACTIONS, kind=KINDS
    )
    until = day_of(shown.get("until"))
    return shown, audit.Asked(
        actor=int(shown.get("actor")) if shown.get("actor") else None, action=shown.get("action"),
        kind=shown.get("kind"), subject=int(shown.get("subject")) if shown.get("subject") else None,
        since=day_of(shown.get("since")), until=until + timedelta(days=1) if until else None,
    )


@bp.get("/admin/audit")
@allow(Permission.ADMIN_AUDIT_READ)
def audit_log() -> str:
    """Who did what, newest first, as the address asks."""
    shown, asked = _asked()
    left = shown.left()
    found, next_url = shown.split(
        audit.page(reading(), left[0] if left else None, PAGE, asked), lambda entry: [entry.id]
    )
    export = shown.url().replace("/admin/audit", "/admin/audit.csv", 1)
    return render_template(
        "admin/audit.html", view=shown, entries=entries_of(found), next_url=next_url, kinds=KINDS, actions=ACTIONS,
        export=export,
    )


def _lines(asked: audit.Asked) -> Iterator[str]:
    yield csv_line(("When", "Act", "On", "By", "Change", "Reason"))
    before: int | None = None
    for _ in range(MOST // BATCH):
        found = audit.page(reading(), before, BATCH, asked)[:BATCH]
        for entry in entries_of(found):
            cells = (entry.at.isoformat(), entry.act, entry.on, entry.who, entry.change, entry.reason)
            yield csv_line(cells)
        if len(found) < BATCH:
            return
        before = found[-1].id


@bp.get("/admin/audit.csv")
@allow(Permission.ADMIN_AUDIT_READ)
def audit_export() -> Response:
    """The same acts as a table for a spreadsheet."""
    _, asked = _asked()
    answer = Response(stream_with_context(_lines(asked)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer
