"""Applicants: one state for board, table and export; own stages; notes and ratings; several at once; pictures."""

import csv
import io
import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor, Belonging
from app.core.db import transaction
from app.core.errors import Conflict
from app.core.files import UploadStore
from app.domain.accounts.models import User
from app.domain.applications import services
from app.domain.applications.models import Application, ApplicationEvent, ApplicationNote, CompanyStage, Stage
from app.domain.applications.queries import for_member
from app.domain.applications.seeing import told
from app.domain.audit.models import AuditEntry
from app.domain.companies.policies import Permission
from app.domain.mail.models import OutboxMail
from tests.factories import Board
from tests.web.people import Cast

HTMX = {"HX-Request": "true"}
RESUME = (Path(__file__).parents[1] / "browser" / "resume.pdf").read_bytes()


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _text(cast: Cast, role: str, path: str, **headers: str) -> str:
    answer = cast.as_(role).get(path, headers=headers)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def _ids(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'data-application="(\d+)"', page)]


def _stage(board: Board, application_id: int) -> Stage:
    with board.reading() as session:
        return session.get_one(Application, application_id).stage


@pytest.fixture
def people(cast: Cast) -> dict[str, int]:
    at = clock.now() - timedelta(minutes=30)
    names = {"zoe": "Zoe =Cmd", "bea": "Bea Brown", "cyd": "Cyd 50%_off"}
    made = {
        key: cast.apply(cast.posting.id, f"{key}@example.org", name=name, now=at + timedelta(minutes=n)).id
        for n, (key, name) in enumerate(names.items())
    }
    return made | {"ada": cast.application.id}


def test_both_views_and_the_export_find_the_same(cast: Cast, people: dict[str, int]) -> None:
    base = f"/employer/postings/{cast.posting.id}/applicants"
    cast.post("owner", f"/employer/applications/{people['bea']}/rating", score="5")
    cast.post("owner", f"/employer/applications/{people['bea']}/move", to="interview", version="1", notify="no")
    cast.post("owner", f"/employer/applications/{people['zoe']}/move", to="in_review", version="1", notify="now")
    asked = {
        "q=bea": {"bea"}, "q=ZOE": {"zoe"}, "q=50%25_": {"cyd"}, "q=cyd@EXAMPLE": {"cyd"}, "rating=4": {"bea"},
        "rating=none": {"ada", "zoe", "cyd"}, "answered=yes": {"zoe"}, "answered=no": {"ada", "bea", "cyd"},
        "q=dear+you": {"ada", "bea", "cyd", "zoe"}, "q=nobody": set(),
    }
    for query, names in asked.items():
        want = {people[name] for name in names}
        assert set(_ids(_text(cast, "reviewer", f"{base}?{query}"))) == want, query
        assert set(_ids(_text(cast, "reviewer", f"{base}?view=table&{query}"))) == want, query
        assert set(_ids(_text(cast, "reviewer", f"{base}/rows?{query}", **HTMX))) == want, query
        assert _text(cast, "owner", f"{base}.csv?{query}").count("\n") == 1 + len(want), query
    only = _text(cast, "reviewer", f"{base}?view=table&stage=interview&rating=4")
    assert _ids(only) == [people["bea"]]
    assert "stage=interview" in _text(cast, "reviewer", f"{base}?stage=interview").split('id="views"')[1]


@pytest.mark.parametrize("view", ["board", "table"])
def test_every_order_goes_on_without_gap(cast: Cast, view: str) -> None:
    at = clock.now()
    for n in range(54):
        cast.apply(cast.posting.id, f"p{n}@example.org", name=f"Person {n % 7}", now=at - timedelta(seconds=n // 4))
    base = f"/employer/postings/{cast.posting.id}/applicants"
    for sort in ("moved", "newest", "name", "rating", "stage"):
        page = _text(cast, "owner", f"{base}?view={view}&sort={sort}")
        shown = _ids(page)
        while more := re.search(r'(?:hx-get|rel="next" href)="([^"]*after=[^"]+)"', page):
            page = _text(cast, "owner", more[1].replace("&amp;", "&"), **(HTMX if view == "board" else {}))
            shown += _ids(page)
        assert len(shown) == len(set(shown)) == 55, sort


def test_a_fragment_brings_what_stands_around_and_the_pages_address(cast: Cast) -> None:
    base = f"/employer/postings/{cast.posting.id}/applicants"
    answer = cast.as_("owner").get(f"{base}/rows?q=ada&sort=name", headers=HTMX)
    page = answer.get_data(as_text=True)
    assert answer.headers["HX-Push-Url"] == f"{base}?view=table&q=ada&sort=name"
    for target in ("#chips", "#count", "#views", "#tally"):
        assert f'hx-target="{target}"' in page
    plain = cast.as_("owner").get(f"{base}/rows?q=ada")
    assert (plain.status_code, plain.headers["Location"]) == (302, f"{base}?view=table&q=ada")


def test_nonsense_in_the_state_is_told_and_left_out(cast: Cast) -> None:
    page = _text(cast, "owner", f"/employer/postings/{cast.posting.id}/applicants?rating=9&sort=x&answered=maybe")
    assert page.count("There is no such choice") == 3
    assert len(_ids(page)) == 1


def test_the_export_is_safe_complete_and_recorded(board: Board, cast: Cast) -> None:
    cast.apply(cast.posting.id, "eve@example.org", name="=HYPERLINK(1)")
    cast.apply(cast.posting.id, "mal@example.org", name="@SUM, \"a\"")
    path = f"/employer/postings/{cast.posting.id}/applicants.csv"
    answer = cast.as_("recruiter").get(path)
    assert answer.mimetype == "text/csv"
    assert "no-store" in answer.headers["Cache-Control"]
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert {row[0] for row in rows[1:]} == {"Ada Lovelace", "'=HYPERLINK(1)", "'@SUM, \"a\""}
    assert cast.as_("reviewer").get(path).status_code == 403
    for role in ("gone", "rival", "other"):
        assert cast.as_(role).get(path).status_code == 404
    with board.reading() as session:
        assert session.scalar(select(func.count()).where(AuditEntry.action == "applicants.export")) == 1


def _own(board: Board, cast: Cast, name: str = "Phone screen", onto: str = "in_review") -> int:
    assert cast.post("recruiter", "/employer/stages", name=name, stage=onto).status == 303
    with board.reading() as session:
        return session.scalars(select(CompanyStage.id).where(CompanyStage.name == name)).one()


def test_own_stages_are_columns_that_applicants_never_see(board: Board, cast: Cast) -> None:
    own, other = _own(board, cast), _own(board, cast, "Test task")
    one = f"/employer/applications/{cast.application.id}"
    moved = cast.post("owner", f"{one}/move", HTMX, to="in_review", stage_id=str(own), version="1", notify="now")
    assert moved.status == 200
    assert f'hx-target="#cards-in_review-{own}"' in moved.text
    board_page = _text(cast, "owner", f"/employer/postings/{cast.posting.id}/applicants")
    column = board_page.split(f'id="cards-in_review-{own}"', 1)[1].split("</section>", 1)[0]
    assert _ids(column) == [cast.application.id]
    assert cast.post("owner", f"{one}/move", to=f"in_review:{other}", version="2").status == 303
    with board.reading() as session:
        assert session.scalar(select(func.count()).where(OutboxMail.template == "application-moved")) == 1
        found = session.get_one(Application, cast.application.id)
        assert [step.name for step in told(found, clock.now()).steps] == ["received", "in review"]
    assert "Test task" in _text(cast, "reviewer", one)
    assert "Test task" not in _text(cast, "seeker", f"/me/applications/{cast.application.id}")
    assert cast.post("owner", f"{one}/undo", version="3").status == 303
    with board.reading() as session:
        assert session.get_one(Application, cast.application.id).company_stage_id == own


def test_an_archived_stage_keeps_its_people_and_takes_nobody_in(board: Board, cast: Cast) -> None:
    own, grace = _own(board, cast), cast.apply(cast.posting.id, "grace@example.org").id
    path = "/employer/applications/{}/move"
    sent = {"to": "in_review", "stage_id": str(own), "version": "1", "notify": "no"}
    assert cast.post("owner", path.format(cast.application.id), **sent).status == 303
    assert cast.post("owner", f"/employer/stages/{own}", act="archive", version="1").status == 303
    assert cast.post("owner", path.format(grace), **sent).status == 422
    assert "Phone screen" in _text(cast, "owner", f"/employer/postings/{cast.posting.id}/applicants")
    assert cast.post("owner", f"/employer/stages/{own}", act="rename", name="X", version="1").status == 409
    assert cast.post("owner", f"/employer/stages/{own}", act="restore", version="2").status == 303
    assert cast.post("owner", path.format(grace), **sent).status == 303


def test_own_stages_are_named_once_ordered_and_the_companys_own(board: Board, cast: Cast) -> None:
    first, second = _own(board, cast, "Call"), _own(board, cast, "Task")
    assert cast.post("owner", "/employer/stages", name="CALL", stage="interview").status == 422
    assert cast.post("owner", "/employer/stages", name="Offer talk", stage="offer").status == 422
    assert cast.post("owner", "/employer/stages", name=" ", stage="interview").status == 422
    assert cast.post("owner", f"/employer/stages/{second}", act="up", version="1").status == 303
    page = _text(cast, "owner", "/employer/stages")
    assert page.index('value="Task"') < page.index('value="Call"')
    assert cast.post("rival", f"/employer/stages/{first}", act="archive", version="1").status == 404
    move = f"/employer/applications/{cast.application.id}/move"
    rivals = cast.post("rival", "/employer/stages", name="Theirs", stage="in_review")
    assert rivals.status == 303
    with board.reading() as session:
        theirs = session.scalars(select(CompanyStage.id).where(CompanyStage.name == "Theirs")).one()
    for bad in (str(theirs), "x", "9" * 30):
        assert cast.post("owner", move, to="in_review", stage_id=bad, version="1").status == 422
    assert cast.post("owner", move, to="interview", stage_id=str(first), version="1").status == 422


def test_notes_are_for_colleagues_and_their_author_alone_changes_them(board: Board, cast: Cast) -> None:
    path = f"/employer/applications/{cast.application.id}"
    for _ in range(2):
        assert cast.post("reviewer", f"{path}/notes", body="Strong <b>maths</b>").status == 303
    with board.reading() as session:
        note = session.scalars(select(ApplicationNote)).one()
    assert "Strong &lt;b&gt;maths" in _text(cast, "owner", path)
    assert "maths" not in _text(cast, "seeker", f"/me/applications/{cast.application.id}")
    one = f"{path}/notes/{note.id}"
    assert cast.post("owner", one, body="No", version="1").status == 403
    for role in ("rival", "gone", "seeker"):
        assert cast.post(role, one, body="No", version="1").status == 404
    assert cast.post("reviewer", one, body="Very strong", version="1").status == 303
    stale = cast.post("reviewer", one, HTMX, body="Weak", version="1")
    assert (stale.status, "Very strong" in stale.text) == (409, True)
    empty = cast.post("reviewer", f"{path}/notes", HTMX, body="  ")
    assert (empty.status, "Write something first" in empty.text) == (422, True)
    assert cast.post("reviewer", one, act="delete", version="2").status == 303
    with board.reading() as session:
        assert session.scalar(select(func.count()).select_from(ApplicationNote)) == 0


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_note_that_is_refused_keeps_its_words(board: Board, cast: Cast, headers: dict[str, str]) -> None:
    path = f"/employer/applications/{cast.application.id}/notes"
    long = "<b>" + "x" * 10_000
    refused = cast.post("reviewer", path, headers, body=long)
    assert (refused.status, f"required>\n&lt;b&gt;{'x' * 10_000}</textarea>" in refused.text) == (422, True)
    cast.post("reviewer", path, body="Strong")
    with board.reading() as session:
        one = f"{path}/{session.scalars(select(ApplicationNote.id)).one()}"
    refused = cast.post("reviewer", one, headers, body=long, version="1")
    assert (refused.status, f"\n&lt;b&gt;{'x' * 10_000}</textarea>" in refused.text) == (422, True)
    assert cast.post("reviewer", one, body="Very strong", version="1").status == 303
    stale = cast.post("reviewer", one, headers, body="Rather <b>weak", version="1")
    assert (stale.status, "elsewhere since" in stale.text) == (409, True)
    assert '<p class="note-body">Very strong</p>' in stale.text
    assert "<details open>" in stale.text and "\nRather &lt;b&gt;weak</textarea>" in stale.text
    fresh = stale.text.split(f'action="{one}"', 1)[1].split('name="version" value="', 1)[1].split('"', 1)[0]
    gone = cast.post("reviewer", one, headers, body="Strong", version="1", act="delete")
    assert (gone.status, "\nVery strong</textarea>" in gone.text) == (409, True), "deleting, nothing was typed"
    again = cast.post("reviewer", one, headers, body="Rather <b>weak", version=fresh)
    assert again.status == (200 if headers else 303)


def test_a_stage_keeps_the_name_it_was_refused_for(board: Board, cast: Cast) -> None:
    cast.post("owner", "/employer/stages", name="Call", stage="interview")
    with board.reading() as session:
        one = f"/employer/stages/{session.scalars(select(CompanyStage.id)).one()}"
    refused = cast.post("owner", one, act="rename", name="<b>" + "x" * 61, version="1")
    assert (refused.status, f'value="&lt;b&gt;{"x" * 61}"' in refused.text) == (422, True)
    assert cast.post("owner", one, act="rename", name="First call", version="1").status == 303
    stale = cast.post("owner", one, act="rename", name="A <b>call", version="1")
    assert (stale.status, 'value="A &lt;b&gt;call"' in stale.text) == (409, True)
    moved = cast.post("owner", one, act="archive", name="Call", version="1")
    assert (moved.status, 'name="name" value="First call"' in moved.text) == (409, True)


def test_one_rating_a_colleague_and_no_new_version(board: Board, cast: Cast) -> None:
    path = f"/employer/applications/{cast.application.id}"
    for role, score in (("owner", "1"), ("owner", "4"), ("reviewer", "5")):
        assert cast.post(role, f"{path}/rating", score=score).status == 303
    with board.reading() as session:
        found = session.get_one(Application, cast.application.id)
        assert (found.rating, found.version) == (450, 1)
    assert "4.5 of 5, by 2" in _text(cast, "recruiter", path)
    assert cast.post("owner", f"{path}/rating", HTMX, score="6").status == 422
    cast.post("owner", f"{path}/rating", score="0")
    cast.post("reviewer", f"{path}/rating", score="0")
    with board.reading() as session:
        assert session.get_one(Application, cast.application.id).rating is None


def _pick(*cards: tuple[int, int]) -> list[str]:
    return [f"{number}:{version}" for number, version in cards]


def test_several_are_moved_each_on_its_own_version(board: Board, cast: Cast) -> None:
    others = [cast.apply(cast.posting.id, f"p{n}@example.org", name=f"Person {n}").id for n in range(2)]
    path = f"/employer/postings/{cast.posting.id}/applicants"
    cast.post("recruiter", f"/employer/applications/{others[0]}/move", to="interview", version="1", notify="no")
    picks = _pick((cast.application.id, 1), (others[0], 1), (others[1], 1))
    done = cast.post("owner", f"{path}/move", HTMX, pick=picks, to="rejected", reason="Filled.", notify="now")
    assert done.status == 200
    assert "2 applicants moved" in done.text
    assert "Person 0 was moved by somebody meanwhile and is interview now" in done.text
    assert [_stage(board, n) for n in (cast.application.id, *others)] == [
        Stage.REJECTED, Stage.INTERVIEW, Stage.REJECTED
    ]
    back = cast.post("owner", f"{path}/undo", HTMX, pick=_pick((cast.application.id, 2), (others[1], 2)))
    assert "2 applicants back where they were" in back.text
    assert _stage(board, others[1]) is Stage.SUBMITTED
    many = [f"{n}:1" for n in range(1, 300)]
    for fields in ({"pick": _pick((others[1], 3)), "to": "rejected"}, {"to": "in_review"},
                   {"pick": "x", "to": "in_review"}, {"pick": many, "to": "in_review"}):
        assert cast.post("owner", f"{path}/move", HTMX, **fields).status == 422, fields
    assert cast.post("reviewer", f"{path}/move", pick=picks, to="in_review").status == 403
    assert cast.post("rival", f"{path}/move", pick=picks, to="in_review").status == 404


def test_several_of_another_posting_stay(board: Board, cast: Cast) -> None:
    other = board.posting(cast.company.id)
    path = f"/employer/postings/{other.id}/applicants/move"
    assert cast.post("owner", path, HTMX, pick=_pick((cast.application.id, 1)), to="in_review").status == 422
    assert _stage(board, cast.application.id) is Stage.SUBMITTED


def test_what_was_just_moved_can_be_taken_back_without_a_script(board: Board, cast: Cast) -> None:
    path = f"/employer/postings/{cast.posting.id}/applicants"
    moved = cast.post("owner", f"{path}/move", pick=_pick((cast.application.id, 1)), to="in_review", notify="no")
    assert moved.status == 303
    assert f'name="pick" value="{cast.application.id}:2"' in _text(cast, "owner", path).split('id="applicants"')[0]
    assert "You moved" not in _text(cast, "recruiter", path)
    with clock.stopped(clock.now() + timedelta(seconds=11)):
        assert "You moved" not in _text(cast, "owner", path)


def test_the_history_says_who_why_and_whether_it_was_mailed(cast: Cast) -> None:
    path = f"/employer/applications/{cast.application.id}"
    cast.post("owner", f"{path}/move", to="in_review", version="1", notify="no")
    cast.post("owner", f"{path}/move", to="rejected", version="2", reason="Too far away.", notify="later")
    history = _text(cast, "reviewer", path).split('id="history"')[1]
    for said in ("Owner", "Not mailed", "Mail waits to be sent", "Too far away.", "stood here"):
        assert said in history


def test_the_next_applicant_follows_the_order_of_the_list(cast: Cast, people: dict[str, int]) -> None:
    order = ["ada", "bea", "cyd", "zoe"]
    for at, name in enumerate(order):
        page = _text(cast, "owner", f"/employer/applications/{people[name]}?sort=name&q=example")
        before = re.search(r'href="/employer/applications/(\d+)\?q=example&amp;sort=name"[^>]*rel="prev"', page)
        after = re.search(r'href="/employer/applications/(\d+)\?q=example&amp;sort=name"[^>]*rel="next"', page)
        assert (int(before[1]) if before else None) == (people[order[at - 1]] if at else None)
        assert (int(after[1]) if after else None) == (people[order[at + 1]] if at < 3 else None)


def test_pages_of_a_resume_are_pictures_for_whom_it_is_for(board: Board, cast: Cast) -> None:
    store = UploadStore(board.app.extensions["nexus-settings"].upload_dir)
    with board.writing() as session:
        resume = session.get_one(Application, cast.application.id).resume
        assert resume is not None
        resume.key = store.put(RESUME)
    path = f"/files/{cast.application.file}/pages/1"
    page = _text(cast, "reviewer", f"/employer/applications/{cast.application.id}")
    assert f'src="{path}"' in page
    assert 'alt="Page 1 of the résumé"' in page
    assert "Wind turbine technician" in page
    for role in ("owner", "reviewer", "seeker"):
        answer = cast.as_(role).get(path)
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert "no-store" in answer.headers["Cache-Control"]
    for role in ("gone", "rival", "other"):
        assert cast.as_(role).get(path).status_code == 404
    assert cast.as_("anonymous").get(path).status_code == 303
    assert cast.as_("owner").get(path[:-1] + "2").status_code == 404


def test_what_cannot_be_shown_can_be_downloaded(cast: Cast) -> None:
    assert "cannot be shown here" in _text(cast, "owner", f"/employer/applications/{cast.application.id}")


def _racer(board: Board, cast: Cast, role: str) -> Actor:
    with board.reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == f"{role}@example.org")).one()
    return Actor(
        user_id=user_id, how="session",
        memberships=(Belonging(cast.company.id, cast.company.slug, "Northwind", "recruiter"),),
    )


def test_two_recruiters_on_one_card_one_winner_each_round(board: Board, cast: Cast) -> None:
    """Two threads, both having seen the same version."""
    racers = [_racer(board, cast, role) for role in ("owner", "recruiter")]
    goals = {
        Stage.SUBMITTED: ("in_review", "interview"), Stage.IN_REVIEW: ("interview", "rejected"),
        Stage.INTERVIEW: ("offer", "rejected"), Stage.OFFER: ("hired", "spam"),
    }
    while (here := _stage(board, cast.application.id)) in goals:
        with board.reading() as session:
            version = session.get_one(Application, cast.application.id).version
        ready, results = threading.Barrier(2), []

        def run(
            actor: Actor, stage: str, version: int = version, ready: threading.Barrier = ready,
            results: list[Any] = results,
        ) -> None:
            ready.wait()
            try:
                with board.app.app_context(), transaction() as session:
                    found = for_member(
                        session, cast.application.id, actor, Permission.APPLICATIONS_APPLICATION_MOVE, lock=True
                    )
                    services.move(session, found, stage, version, actor, "Because.", "no", clock.now())
                results.append(stage)
            except Conflict:
                results.append(None)

        threads = [threading.Thread(target=run, args=pair) for pair in zip(racers, goals[here], strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = [stage for stage in results if stage]
        assert len(won) == 1
        assert _stage(board, cast.application.id) == won[0]
    with board.reading() as session:
        steps = session.scalar(select(func.count()).where(ApplicationEvent.before.is_not(None)))
        logged = session.scalar(select(func.count()).where(AuditEntry.action == "application.move"))
        assert steps == logged
