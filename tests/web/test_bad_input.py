"""Every parameter of every route meets what no form of ours sends: an answer with a sentence, and nothing changed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.core.db import db
from tests.web.world import World, fill, methods, plain

NOT_TEXT = ("%00", "a%00b", "%FF", "%C0%AF", "%ED%A0%80")
"""NUL and bytes that are no UTF-8, percent-encoded: 400 wherever they stand. Each parameter meets half of them."""
CORE = (str(10**23), "-1", "nan", "x" * 10_000, "", "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%F0%9F%92%A9")
"""What every parameter meets."""
REST = (
    str(2**63), "0", "1e309", "1.5", "9" * 10_000, "%20", "null", "[]", "%7B%22a%22%3A1%7D", "true",
    "%27%20OR%201%3D1%20--", "%25%5F%5C", "%EF%BC%91", "%D9%A3", "%E2%80%AE%E2%81%A6", "%EF%BF%BE",
    "..%2F..%2Fetc%2Fpasswd", "a%0D%0ASet-Cookie%3A%20b", "%7B%7B7*7%7D%7D", "2026-13-45", "%2F%2Fevil.example",
    "javascript%3A1", "(((((", "%22", "-", "*", "OR",
)
"""What the parameters of a route meet in turn: each a fourth of it."""
APART = ("INTO stored_files", "UPDATE user_sessions SET last_seen_at", "INTO posting_views")
"""What a refused request may write: the file it keeps for its form, and that somebody was here."""
MOST_TOLD = 40
"""A broken page would fill the report, and take its time."""
SCRIPT = b'"><script>alert(1)'
REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 410, 413, 415, 422})
ANSWERS = REFUSALS | {200, 301, 302, 303}

LISTING = (
    "q", "category", "type", "workplace", "country", "place", "radius_km", "salary_min", "currency", "posted_within",
    "experience", "company", "sort", "after",
)
TABLE = ("q", "after")
QUERIES: dict[str, tuple[str, ...]] = {
    "/": ("q",),
    "/admin": ("q",),
    "/admin/audit": ("after", "actor", "action", "kind", "subject", "since", "until"),
    "/admin/audit.csv": ("actor", "since"),
    "/admin/categories/<category_id>/merge": ("into",),
    "/admin/companies/<company_id>": ("q",),
    "/admin/companies/<company_id>/merge": ("q", "into"),
    "/admin/users/<user_id>": ("q",),
    "/admin/categories": ("after",),
    "/admin/companies": (*TABLE, "show", "sort"),
    "/admin/health": ("q",),
    "/admin/imports": ("after",),
    "/admin/imports/<run_id>": ("after",),
    "/admin/mail": ("after", "status"),
    "/admin/mail/<mail_id>": ("q",),
    "/admin/postings": (*TABLE, "status", "sort", "category", "company", "id"),
    "/admin/reports": ("after",),
    "/admin/flagged": ("after",),
    "/admin/flagged/<application_id>": ("q",),
    "/admin/reviews": ("after",),
    "/admin/settings": ("q",),
    "/admin/users": (*TABLE, "show", "sort"),
    "/applications": ("sent",),
    "/applications/<token>": ("q",),
    "/companies": ("after",),
    "/companies/<slug>": ("after",),
    "/companies/<slug>/logo/<name>.png": ("q",),
    "/employer": ("company",),
    "/employer/applications/<application_id>": ("view", "q", "stage", "rating", "answered", "sort"),
    "/employer/applications/<application_id>/panel": ("view", "q", "stage", "sort"),
    "/employer/company": ("company",),
    "/employer/postings": ("company", "q", "status", "sort", "after"),
    "/employer/postings/<posting_id>": ("q",),
    "/employer/postings/new": ("company",),
    "/employer/postings/pay": ("category", "salary_currency", "type"),
    "/employer/team": ("company",),
    "/employer/webhooks": ("company",),
    "/employer/webhooks/<webhook_id>": ("after",),
    "/employer/statistics": ("company", "period"),
    "/invitations/<token>": ("q",),
    "/employer/postings/<posting_id>/applicants": ("view", "q", "stage", "rating", "answered", "sort", "after"),
    "/employer/postings/<posting_id>/applicants.csv": ("q", "stage", "rating", "answered", "sort"),
    "/employer/postings/<posting_id>/applicants/cards": ("q", "stage", "column", "after", "sort"),
    "/employer/postings/<posting_id>/applicants/rows": ("q", "stage", "after", "sort"),
    "/employer/stages": ("company",),
    "/files/<public_id>/pages/<number>": ("q",),
    "/files/<public_id>": ("q",),
    "/metrics": ("q",),
    "/healthz": ("q",),
    "/jobs": LISTING,
    "/jobs/<posting_id>": ("q",),
    "/jobs/<posting_id>/-/apply": ("resume_token",),
    "/jobs/<posting_id>/-/out": ("next",),
    "/jobs/<posting_id>/-/panel": ("q",),
    "/jobs/<posting_id>/-/receipt": ("q",),
    "/jobs/<posting_id>/-/report": ("q",),
    "/jobs/<posting_id>/-/reported": ("q",),
    "/jobs/<posting_id>/<slug>": ("q", "applied"),
    "/jobs/<posting_id>/<slug>.json": ("q",),
    "/jobs.atom": LISTING,
    "/jobs.rss": LISTING,
    "/jobs.json": LISTING,
    "/feeds/indeed.xml": ("q",),
    "/robots.txt": ("q",),
    "/sitemap.xml": ("q",),
    "/sitemap-pages.xml": ("q",),
    "/sitemap-<part>.xml": ("q",),
    "/api/openapi.json": ("q",),
    "/api/docs": ("q",),
    "/api/graphiql": ("q",),
    "/api/v1/postings": (*LISTING, "limit"),
    "/api/v1/postings/<posting_id>": ("q",),
    "/api/v1/categories": ("q",),
    "/api/v1/companies": ("after",),
    "/api/v1/me": ("q",),
    "/api/v1/tokens": ("after",),
    "/api/v1/webhooks": ("after",),
    "/api/v1/webhooks/<webhook_id>": ("after",),
    "/api/v1/webhooks/<webhook_id>/deliveries": ("after",),
    "/api/v1/applications": ("posting", "stage", "after"),
    "/api/v1/applications/<application_id>": ("q",),
    "/jobs/results": LISTING,
    "/jobs/suggest": (*LISTING, "box"),
    "/me": ("company",),
    "/me/applications": ("after", "show"),
    "/me/applications/<application_id>": ("q",),
    "/me/saved": ("after", "sort"),
    "/me/searches": ("q",),
    "/change-email/<token>": ("q",),
    "/forgot-password": ("email",),
    "/me/notifications": ("q",),
    "/me/tokens": ("q",),
    "/me/tokens/new": ("q",),
    "/me/security": ("q",),
    "/me/security/close": ("q",),
    "/me/security/email": ("email",),
    "/me/security/password": ("q",),
    "/me/security/second-factor": ("next", "key"),
    "/reset-password/<token>": ("q",),
    "/unsubscribe/<token>": ("q",),
    "/verify-email/<token>": ("q",),
    "/legal/<page>": ("q",),
    "/readyz": ("q",),
    "/sign-in": ("next", "demo"),
    "/sign-in/code": ("next",),
    "/sign-up": ("next", "role"),
    "/static/<filename>": ("v",),
}
"""What each page reads from its query."""
EDITOR = {
    "title": "Backend Engineer", "description": "Build.", "category": "engineering", "type": "full_time",
    "workplace": "remote", "places": "Berlin, Germany", "remote_countries": "Germany", "salary_min": "60000",
    "salary_max": "80000", "salary_currency": "EUR", "salary_period": "year", "experience": "mid", "openings": "1",
    "question_1": "Why?", "required_1": "1", "kind_1": "text", "then": "submit", "company": "northwind",
}
FORMS: dict[str, dict[str, str]] = {
    "/api/v1/auth/token": {"email": "ada@example.org", "password": "wrong"},
    "/graphql": {"query": "{ categories { slug } }"},
    "/api/v1/auth/refresh": {"refresh_token": "nonsense"},
    "/api/v1/auth/revoke": {"refresh_token": "nonsense"},
    "/api/v1/tokens": {"name": "Mine", "scopes": "account"},
    "/api/v1/webhooks": {"url": "https://hooks.example.org/"},
    "/api/v1/webhooks/<webhook_id>/rotate": {"version": "1"},
    "/api/v1/webhooks/<webhook_id>/test": {},
    "/api/v1/webhooks/<webhook_id>/deliveries/<delivery_id>/replay": {},
    "/api/v1/postings": {"title": "Backend Engineer"},
    "/api/v1/categories": {"name": "Weaving"},
    "/api/v1/postings/<posting_id>/applications": {"name": "Ada Lovelace", "email": "ada@example.org"},
    "/api/v1/applications/<application_id>/transitions": {"to": "in_review", "version": "1"},
    "/api/v1/postings/<posting_id>/transitions": {"to": "paused", "version": "1"},
    "/admin/postings/<posting_id>/category": {"version": "1", "category": "engineering", "next": "/admin/postings"},
    "/admin/postings/bulk": {"action": "freeze", "reason": "", "chosen": "1:1", "next": "/admin/postings"},
    "/admin/flagged/<application_id>/give-back": {"version": "1", "next": "/admin/flagged"},
    "/admin/mail/<mail_id>/cancel": {"next": "/admin/mail"},
    "/admin/mail/<mail_id>/retry": {"next": "/admin/mail"},
    "/admin/categories": {"name": "Baking", "slug": "baking"},
    "/admin/imports/sources": {
        "url": "https://feeds.example.org/jobs.xml", "every_hours": "24", "format": "rss", "company": "northwind",
        "publish": "1",
    },
    "/admin/imports/sources/<source_id>/<source_action>": {},
    "/admin/categories/<category_id>/<category_action>": {"version": "1", "name": "Baking", "slug": "baking"},
    "/admin/categories/<category_id>/merge": {"version": "1", "into": "1", "into_version": "1", "slug": "engineering"},
    "/admin/companies/<company_id>/<company_action>": {"version": "1", "reason": "", "next": "/admin/companies"},
    "/admin/companies/<company_id>/merge": {"version": "1", "into": "1", "into_version": "1", "confirmed": "0"},
    "/admin/users/<user_id>/<user_action>": {"version": "1", "reason": "Because.", "next": "/admin/users"},
    "/admin/users/<user_id>/memberships/<belonging_id>/end": {"reason": "Because."},
    "/admin/postings/<posting_id>/<action>": {"version": "1", "reason": "Because.", "next": "/admin/postings"},
    "/admin/reports/<posting_id>/<action>": {
        "version": "1", "seen": "1", "reason": "Because.", "next": "/admin/reports",
    },
    "/admin/settings": {
        "version": "0", "site_name": "Nexus", "default_currency": "EUR", "posting_days": "60", "imprint": "Us.",
        "privacy": "", "terms": "",
    },
    "/applications": {"email": "ada@example.org"},
    "/applications/<token>/claim": {},
    "/applications/<token>/decline": {"version": "1"},
    "/applications/<token>/proposals/<proposal_id>/<word>": {},
    "/applications/<token>/withdraw": {"version": "1"},
    "/demo/sign-in": {"email": "seeker@nexus.example"},
    "/employer/applications/<application_id>/move": {
        "to": "in_review", "version": "1", "reason": "Because.", "notify": "no", "stage_id": "", "next": "/employer",
    },
    "/employer/applications/<application_id>/undo": {"version": "1", "next": "/employer"},
    "/employer/applications/<application_id>/rating": {"score": "3", "next": "/employer"},
    "/employer/applications/<application_id>/notes": {"body": "Call her.", "next": "/employer"},
    "/employer/applications/<application_id>/notes/<note_id>": {
        "version": "1", "body": "Call her.", "act": "edit", "next": "/employer",
    },
    "/employer/postings/<posting_id>/applicants/move": {
        "pick": "1:1", "to": "in_review", "reason": "Because.", "notify": "no", "stage_id": "", "next": "/employer",
    },
    "/employer/postings/<posting_id>/applicants/undo": {"pick": "1:1", "next": "/employer"},
    "/employer/stages": {"name": "Trial day", "stage": "interview", "company": "northwind"},
    "/employer/stages/<stage_id>": {"version": "1", "act": "rename", "name": "Call", "company": "northwind"},
    "/employer/company": {
        "version": "1", "company": "northwind", "name": "Northwind", "website": "https://northwind.example",
        "description": "We trade.",
    },
    "/employer/company/logo": {"company": "northwind", "version": "1"},
    "/employer/first-steps": {"company": "northwind", "item": "logo"},
    "/employer/postings/<posting_id>": EDITOR | {"version": "1"},
    "/employer/postings/<posting_id>/move": {"version": "1", "to": "paused", "reason": "", "next": "/employer"},
    "/employer/postings/<posting_id>/repost": {"version": "1"},
    "/employer/postings/<posting_id>/undo": {"version": "1", "next": "/employer/postings"},
    "/employer/postings/new": EDITOR,
    "/employer/team/invitations": {"company": "northwind", "email": "new@example.org", "role": "recruiter"},
    "/employer/team/invitations/<invitation_id>/resend": {"company": "northwind", "version": "1"},
    "/employer/team/invitations/<invitation_id>/revoke": {"company": "northwind"},
    "/employer/webhooks": {"company": "northwind", "url": "https://hooks.example.org/", "events": "posting.closed"},
    "/employer/webhooks/<webhook_id>": {"version": "1", "url": "https://hooks.example.org/", "events": "test"},
    "/employer/webhooks/<webhook_id>/turn": {"version": "1", "on": "0"},
    "/employer/webhooks/<webhook_id>/rotate": {"version": "1"},
    "/employer/webhooks/<webhook_id>/test": {},
    "/employer/webhooks/<webhook_id>/replay": {},
    "/employer/webhooks/<webhook_id>/deliveries/<delivery_id>/replay": {},
    "/employer/webhooks/<webhook_id>/remove": {"sure": "1"},
    "/employer/team/leave": {"company": "northwind"},
    "/employer/team/members/<membership_id>/remove": {"company": "northwind", "version": "99"},
    "/employer/team/members/<membership_id>/role": {"company": "northwind", "version": "99", "role": "owner"},
    "/employer/postings/autosave": EDITOR | {"version": "1", "posting": ""},
    "/employer/postings/questions": {"question_1": "Why?", "ask": "remove-1"},
    "/employer/postings/preview": {"description": "Build."},
    "/invitations/<token>": {},
    "/jobs/<posting_id>/applications": {
        "name": "Ada Lovelace", "email": "ada@example.org", "cover_letter": "I build.", "resume_token": "",
        "idempotency_key": "", "answers-1": "Yes.",
    },
    "/jobs/<posting_id>/report": {"reason": "scam", "words": "They ask for money."},
    "/jobs/<posting_id>/save": {"next": "/jobs"},
    "/jobs/<posting_id>/unsave": {"next": "/jobs"},
    "/me/applications/<application_id>/decline": {"version": "1"},
    "/me/applications/<application_id>/withdraw": {"version": "1"},
    "/me/proposals/<proposal_id>/<word>": {"next": "/me/applications"},
    "/change-email/<token>": {"answer": "yes"},
    "/forgot-password": {"email": "ada@example.org"},
    "/me/notifications": {"new_applicant": "daily", "posting_expiring": "off"},
    "/employer/team/tokens/<token_id>/revoke": {"company": "northwind"},
    "/me/searches": {"q": "engineer"},
    "/me/searches/<search_id>/remove": {},
    "/me/tokens/<token_id>/revoke": {},
    "/me/tokens/new": {
        "key": "once", "name": "Import", "scopes": "account", "company": "", "days": "30", "current_password": "wrong",
    },
    "/me/security/close": {"current_password": "wrong", "otp": "123456"},
    "/me/security/email": {"email": "new@example.org", "current_password": "wrong"},
    "/me/security/email/cancel": {},
    "/me/security/password": {"current_password": "wrong", "password": "four unrelated words here"},
    "/me/security/second-factor": {"key": "nonsense", "current_password": "wrong", "otp": "123456", "next": "/me"},
    "/me/security/second-factor/codes": {"current_password": "wrong", "otp": "123456"},
    "/me/security/second-factor/remove": {"current_password": "wrong", "otp": "123456"},
    "/me/security/sessions/<session_id>/revoke": {},
    "/me/security/sessions/revoke": {},
    "/me/security/verify": {},
    "/reset-password/<token>": {"password": "four unrelated words here"},
    "/sign-in": {"email": "ada@example.org", "password": "wrong", "next": "/jobs"},
    "/sign-in/code": {"otp": "123456", "next": "/jobs"},
    "/unsubscribe/<token>": {"List-Unsubscribe": "One-Click"},
    "/verify-email/<token>": {},
    "/sign-out": {},
    "/sign-up": {
        "role": "employer", "name": "", "email": "ada@example.org", "password": "four unrelated words here",
        "company_name": "Northwind", "next": "/jobs",
    },
}
"""What each form sends; fit but for what keeps it from being taken too often."""
FILES = {"/jobs/<posting_id>/applications": "resume", "/employer/company/logo": "logo"}
"""The file field of forms that take one."""
FIXED = {
    "word": "dismiss", "session_id": 10**15, "token": "nonsense", "name": "0" * 16,
    "number": 1, "part": 0, "token_id": 1, "search_id": 1, "page": "imprint", "run_id": 1, "action": "freeze",
    "filename": "css/nexus.css",
    "user_action": "suspend", "company_action": "trust", "category_action": "rename",
    "source_action": "pause",
}
OPEN_TO_ALL = frozenset({
    "/graphql",
    "/api/v1/auth/token", "/api/v1/auth/refresh", "/api/v1/auth/revoke", "/api/v1/postings/<posting_id>/applications",
})  # fmt: skip
"""Bodies that the programming interface takes from anybody."""
ENDS_THE_SESSION = frozenset({"/sign-out"})


class Wires:
    """Sends requests as somebody and notes what is wrong with the answers."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.world = World(app)
        self.made = self.world.rows()
        self.values = vars(self.made) | FIXED
        self.wrong: list[str] = []
        self.changed = 0

    def send(self, role: str, method: str, path: str, *, want: frozenset[int] | set[int] = ANSWERS, **how: Any) -> None:
        """One request; its answer is one of `want`, never a 5xx, says something, and a refusal changed nothing."""
        before = self.changed
        raw = unquote_to_bytes(path.partition("?")[0]).decode("latin-1")  # the test client would mend broken bytes
        answer = self.world.clients[role].open(path, method=method, environ_overrides={"PATH_INFO": raw}, **how)
        problem = self._problem(answer, want, self.changed - before)
        if problem:
            sent = str(how.get("data", ""))[-90:]
            self.wrong.append(f"{role}: {method} {path[:110]} …{sent}: {problem}")
            assert len(self.wrong) < MOST_TOLD, "\n".join(self.wrong)

    @staticmethod
    def _problem(answer: TestResponse, want: frozenset[int] | set[int], changes: int) -> str:
        status, body = answer.status_code, answer.get_data()
        if status not in want:
            return f"answered {status}"
        if status in REFUSALS and changes:
            return f"{status}, yet something was written"
        if status in REFUSALS and not body and "HX-Redirect" not in answer.headers:
            return f"{status} without a sentence"
        return "the script came back alive" if SCRIPT in body else ""

    def post(self, role: str, path: str, body: bytes | str, content_type: str, want: Any = ANSWERS) -> None:
        """A body of any kind, with the token where scripts put it."""
        self.send(
            role, "POST", path, data=body, content_type=content_type, want=want,
            headers={"X-CSRFToken": self.world.tokens[role]},
        )

    def routes(self, method: str) -> Iterator[tuple[Rule, str]]:
        for rule in self.app.url_map.iter_rules():
            if method in methods(rule):
                yield rule, plain(rule)


def reader(route: str) -> str:
    """Whom a page is for: nobody in particular where everybody may."""
    doors = {"/admin": "admin", "/employer": "owner", "/me": "seeker", "/files": "seeker"}
    return next((role for door, role in doors.items() if route.startswith(door)), "anonymous")


def who(route: str) -> tuple[str, ...]:
    """Those who send a route its forms: a stranger, and somebody it is for."""
    role = reader(route)
    return ("anonymous", "seeker" if role == "anonymous" else role)


def unfit(role: str, route: str, turn: int) -> tuple[str, ...]:
    """What is no text at all, percent-encoded, for the parameter whose turn it is."""
    return NOT_TEXT[turn % 2 :: 2] if inside(role, route) else (NOT_TEXT[turn % len(NOT_TEXT)],)


def odd(role: str, route: str, turn: int) -> tuple[str, ...]:
    """Text that fits nowhere, percent-encoded, for the parameter whose turn it is."""
    return CORE + REST[turn % 4 :: 4] if inside(role, route) else (CORE[turn % len(CORE)],)


def inside(role: str, route: str) -> bool:
    """Whether the route reads what this person sends; anybody else is sent away before that."""
    if route.startswith("/api/v1/") and route not in OPEN_TO_ALL:
        return False  # what a browser brings by itself is not looked at there
    return role == who(route)[-1] or reader(route) == "anonymous"


@pytest.fixture
def wires(app: Flask) -> Iterator[Wires]:
    made = Wires(app)
    with watching(made):
        yield made
    assert not made.wrong, "\n".join(made.wrong[:60])


@contextmanager
def watching(wires: Wires) -> Iterator[None]:
    """Counts the transactions that wrote something and were committed."""
    dirty: set[int] = set()

    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        apart = any(words in statement for words in APART)
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and not apart:
            dirty.add(id(connection))

    def committed(connection: Any) -> None:
        wires.changed += id(connection) in dirty
        dirty.discard(id(connection))

    def undone(connection: Any) -> None:
        dirty.discard(id(connection))

    with wires.app.app_context():
        engine = db.engine
    listeners = (("before_cursor_execute", note), ("commit", committed), ("rollback", undone))
    for name, act in listeners:
        event.listen(engine, name, act)
    try:
        yield
    finally:
        for name, act in listeners:
            event.remove(engine, name, act)


def test_every_route_is_walked(app: Flask) -> None:
    named = {"GET": set(QUERIES), "POST": set(FORMS)}
    for method, table in named.items():
        routes = {plain(rule) for rule in app.url_map.iter_rules() if method in methods(rule)}
        assert routes - table == set(), f"say what {method} of these takes"
        assert table - routes == set(), "routes that are gone"


def test_in_the_path(wires: Wires) -> None:
    for method in ("GET", "POST"):
        for rule, route in wires.routes(method):
            room = route.split("/")[1]
            for turn, name in enumerate(sorted(rule.arguments - {"filename"})):
                for role in who(route):
                    data = {"csrf_token": wires.world.tokens[role]} | FORMS.get(route, {}) if method == "POST" else None
                    for value in unfit(role, route, turn):
                        path = fill(rule, wires.values | dict.fromkeys((name, f"{room}_{name}"), value))
                        wires.send(role, method, path, want={400}, data=data)
                    for value in odd(role, route, turn):
                        path = fill(rule, wires.values | dict.fromkeys((name, f"{room}_{name}"), value))
                        wires.send(role, method, path, want=ANSWERS | {308}, data=data)


def test_in_the_query(wires: Wires) -> None:
    for rule, route in wires.routes("GET"):
        path = fill(rule, wires.values)
        head = {"HX-Request": "true"} if route == "/jobs/results" else {}
        for turn, argument in enumerate(QUERIES[route]):
            role = reader(route)
            for value in unfit(role, route, turn):
                wires.send(role, "GET", f"{path}?{argument}={value}", want={400}, headers=head)
            for value in odd(role, route, turn):
                wires.send(role, "GET", f"{path}?{argument}={value}", headers=head)
            wires.send(role, "GET", f"{path}?" + "&".join([f"{argument}={value}" for value in CORE]), headers=head)
            wires.send(role, "GET", f"{path}?{argument}[]=1&{argument}[a]=2&{argument}", headers=head)
        wires.send("anonymous", "GET", f"{path}?%FF=1", want={400})
        wires.send("anonymous", "GET", f"{path}?" + "&".join(f"a{number}={number}" for number in range(10_000)))


def test_in_a_form(wires: Wires) -> None:
    for rule, route in wires.routes("POST"):
        path = fill(rule, wires.values)
        for role in who(route):
            if route in ENDS_THE_SESSION and role != "anonymous":
                continue
            refused = {400} if role != "anonymous" and inside(role, route) else REFUSALS | {303}
            for turn, name in enumerate((*FORMS[route], "csrf_token")):
                fit = "&".join(f"{key}={quote(value)}" for key, value in FORMS[route].items() if key != name)
                for value in unfit(role, route, turn):
                    wires.post(role, path, f"{fit}&{name}={value}", "application/x-www-form-urlencoded", refused)
                for value in odd(role, route, turn):
                    wires.post(role, path, f"{fit}&{name}={value}", "application/x-www-form-urlencoded")
                if inside(role, route):
                    wires.post(role, path, f"{fit}&{name}=1&{name}=2", "application/x-www-form-urlencoded")
                    wires.post(role, path, fit, "application/x-www-form-urlencoded")


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
    return head + value + b"\r\n"


def test_in_a_form_of_parts(wires: Wires) -> None:
    kind = "multipart/form-data; boundary=b"
    for rule, route in wires.routes("POST"):
        path, role = fill(rule, wires.values), who(route)[-1]
        if route in ENDS_THE_SESSION:
            continue
        for name in FORMS[route]:
            fit = b"".join(part(key, value.encode()) for key, value in FORMS[route].items() if key != name)
            for value in (b"a\0b", b"\xff"):
                refused = {400} if inside(role, route) else REFUSALS
                wires.post(role, path, fit + part(name, value) + b"--b--\r\n", kind, refused)
            for value in (b"x" * 10_000, "１٣💩‮".encode()):
                wires.post(role, path, fit + part(name, value) + b"--b--\r\n", kind)
            sent_as_file = part(name, b"text", '; filename="a.txt"')
            wires.post(role, path, fit + sent_as_file + b"--b--\r\n", kind)
        refused = {400} if inside(role, route) else REFUSALS
        for nameless in (b"", b'; name=""', b"; filename=a.txt", b'; name=""; filename=a.txt'):
            body = b"--b\r\nContent-Disposition: form-data" + nameless + b"\r\n\r\nx\r\n--b--\r\n"
            wires.post(role, path, body, kind, refused)
        files = FILES.get(route, "file")
        for filename in ("../../etc/passwd", "a" * 10_000, "", "\r\nSet-Cookie: a", "a.pdf.exe", "CON"):
            body = part(files, b"%PDF-1.7", f'; filename="{filename}"') + b"--b--\r\n"
            wires.post(role, path, body, kind)
        wires.post(role, path, part(files, b"x", '; filename="a\0b.pdf"') + b"--b--\r\n", kind)


def test_bodies_that_are_no_form(wires: Wires) -> None:
    kinds = (
        "application/json", "text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=",
        "application/x-www-form-urlencoded; charset=utf-16", "nonsense", "", "multipart/form-data; boundary=\xff",
    )
    bodies = (b'{"version": 1}' + b"[" * 5_000, b"\xff\xfe\0\0", b"--b\r\n")
    for turn, (rule, route) in enumerate(wires.routes("POST")):
        if route in ENDS_THE_SESSION:
            continue
        path, role = fill(rule, wires.values), who(route)[-1]
        wires.post(role, path, bodies[0], kinds[0])
        for other, kind in enumerate(kinds, turn):
            wires.post(role, path, bodies[other % len(bodies)], kind)


def test_bodies_beyond_measure(wires: Wires) -> None:
    many = "&".join(f"a{number}=1" for number in range(10_000))
    parts = b"".join(part(f"a{number}", b"1") for number in range(10_000)) + b"--b--\r\n"
    huge = b"a=" + b"x" * (7 * 1024 * 1024)
    for rule, route in wires.routes("POST"):
        path, role = fill(rule, wires.values), who(route)[-1]
        if route in ENDS_THE_SESSION or not inside(role, route):
            continue
        wires.post(role, path, many, "application/x-www-form-urlencoded", {400, 413})
        wires.post(role, path, parts, "multipart/form-data; boundary=b", {400, 413})
        wires.post(role, path, huge, "application/x-www-form-urlencoded", {413})
        wires.post(role, path, part("a", huge) + b"--b--\r\n", "multipart/form-data; boundary=b", {413})


def test_a_body_that_lies_about_its_length(wires: Wires) -> None:
    for rule, route in wires.routes("POST"):
        if route in ENDS_THE_SESSION:
            continue
        path, role = fill(rule, wires.values), who(route)[-1]
        for length in ("-1", "nonsense", str(10**23), "99999999"):
            wires.send(
                role, "POST", path, input_stream=io.BytesIO(b"a=1"), content_type="application/x-www-form-urlencoded",
                headers={"X-CSRFToken": wires.world.tokens[role], "Content-Length": length},
            )


def test_headers_nobody_sends(wires: Wires) -> None:
    heads = (
        {"Host": "evil.example"}, {"Host": ""}, {"Accept": "x" * 10_000}, {"Cookie": "nexus=" + "x" * 4_000},
        {"Cookie": "nexus=.eJw.abc.\xff"}, {"Accept-Language": "*;q=nan"}, {"If-None-Match": '"' * 99},
        {"Range": "bytes=5-1"}, {"If-Modified-Since": "yesterday"}, {"X-Request-ID": "a b\u00e9"},
        {"HX-Request": "maybe"}, {"HX-Request": "true"}, {"Accept": "application/json"}, {"Referer": "::::"},
        {"Content-Length": "5"},
    )
    for turn, (rule, route) in enumerate(wires.routes("GET")):
        for head in heads[turn % 3 :: 3]:
            wires.send(who(route)[-1], "GET", fill(rule, wires.values), headers=head, want=ANSWERS | {206, 304, 416})


def test_methods_nobody_offers(wires: Wires) -> None:
    for rule in wires.app.url_map.iter_rules():
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW", "OPTIONS", "HEAD"):
            answer = wires.world.clients["admin"].open(fill(rule, wires.values), method=method)
            assert answer.status_code < 500, (method, rule)
