"""Two at the same moment: one wins, the other is shown the winner's row. `make faults` does fifty rounds."""

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.domain.applications.models import Application
from app.domain.audit.models import AuditEntry
from app.domain.postings.models import Posting
from tests.factories import Board
from tests.web.people import Cast
from tests.web.world import World

ROUNDS = 5


def together(*acts: Callable[[], TestResponse]) -> list[TestResponse]:
    """Do these at once, each in a thread."""
    gate, answers = threading.Barrier(len(acts)), {}

    def run(number: int, act: Callable[[], TestResponse]) -> None:
        gate.wait(30)
        answers[number] = act()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [answers[number] for number in range(len(acts))]


def test_two_admins_on_one_toggle(app: Flask, board: Board) -> None:
    world = World(app)
    second = board.admin("second@example.org")
    clients = [world.clients["admin"], board.sign_in(second.email)]
    tokens = [world.token(client) for client in clients]
    posting = board.posting()
    for turn in range(ROUNDS):
        with board.reading() as session:
            version = session.get_one(Posting, posting.id).version
        path = f"/admin/postings/{posting.id}/{('freeze', 'unfreeze')[turn % 2]}"

        def act(number: int, path: str = path, version: int = version) -> TestResponse:
            fields = {"version": str(version), "reason": "Because.", "csrf_token": tokens[number]}
            return clients[number].post(path, data=fields, headers={"HX-Request": "true"})

        answers = together(lambda act=act: act(0), lambda act=act: act(1))  # type: ignore[misc]
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        loser = next(answer for answer in answers if answer.status_code == 409).get_data(as_text=True)
        with board.reading() as session:
            fresh = session.get_one(Posting, posting.id).version
        assert f'data-posting="{posting.id}"' in loser
        assert f'value="{fresh}"' in loser
    with board.reading() as session:
        logged = session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.subject_id == posting.id,
                                                                        AuditEntry.subject_type == "posting"))
    assert logged == ROUNDS


def test_two_recruiters_on_one_card(app: Flask, board: Board) -> None:
    cast = Cast(board)
    board.member(cast.company.id, "second@example.org")
    cards = [cast.apply(cast.posting.id, f"racer{turn}@example.org").id for turn in range(ROUNDS)]
    clients = [cast.as_("recruiter"), cast.as_("second")]
    tokens = [board.csrf(client, "/employer") for client in clients]
    ways = ("in_review", "interview")
    for card in cards:

        def act(number: int, card: int = card) -> TestResponse:
            fields = {"to": ways[number], "version": "1", "notify": "no", "csrf_token": tokens[number]}
            path = f"/employer/applications/{card}/move"
            return clients[number].post(path, data=fields, headers={"HX-Request": "true"})

        answers = together(lambda act=act: act(0), lambda act=act: act(1))  # type: ignore[misc]
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
        loser = answers[1 - won].get_data(as_text=True)
        with board.reading() as session:
            fresh = session.get_one(Application, card)
            assert (fresh.stage, fresh.version) == (ways[won], 2)
        assert f'data-application="{card}"' in loser
        assert f'hx-target="#cards-{ways[won]}"' in loser
        assert 'name="version" value="2"' in loser
    with board.reading() as session:
        moves = select(func.count(AuditEntry.id)).where(
            AuditEntry.subject_type == "application", AuditEntry.subject_id.in_(cards),
            AuditEntry.action == "application.move",
        )
        assert session.scalar(moves) == ROUNDS
