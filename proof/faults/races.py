"""Two at once: one wins, the other sees what the winner did, and the log holds what was done and nothing else."""

import re
import threading
from collections import Counter
from collections.abc import Callable

from proof.applying import Applicants
from proof.board import PASSWORD, Board, board, engines
from proof.client import Answer, Browser
from proof.faults.plan import Finding, Size, Told, fault, say

ROUNDS = 50


@fault("races", "two admins on one toggle, two recruiters on one card, fifty sendings of one application")
def races(size: Size) -> Told:
    """One winner each round; the loser's answer is 409 with the winner's row; audit rows equal successes."""
    found = []
    for engine in engines():
        with board(engine, "races") as made:
            made.serve()
            rounds = size.of(ROUNDS, 5)
            found += [_toggle(engine, made, rounds), _card(engine, made, rounds), _again(engine, made, size.of(50, 8))]
    return found


def together(*acts: Callable[[], Answer]) -> list[Answer]:
    """Do these at the same moment, each in a thread of its own."""
    gate, answers = threading.Barrier(len(acts)), {}

    def run(number: int, act: Callable[[], Answer]) -> None:
        gate.wait(30)
        answers[number] = act()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(acts))]


def _signed_in(made: Board, email: str) -> tuple[Browser, str]:
    browser = Browser(made.port)
    browser.sign_in(email, PASSWORD)
    token = re.search(r'X-CSRFToken[^A-Za-z]+([^"&\']+)', browser.get("/jobs").text)
    return browser, token[1] if token else browser.get("/me/security").token


def _toggle(engine: str, made: Board, rounds: int) -> Finding:
    made.flask("create-user", "second.admin@nexus.example", "--role", "admin", "--password-stdin", said=PASSWORD)
    ada, grace = _signed_in(made, "admin@nexus.example"), _signed_in(made, "second.admin@nexus.example")
    posting = made.data.number("SELECT max(id) FROM postings WHERE status = 'published' AND frozen_at IS NULL")
    before, seen, wrong = _entries(made, "posting", posting), Counter[str](), Counter[str]()
    for turn in range(rounds):
        action = ("freeze", "unfreeze")[turn % 2]
        version = made.data.number("SELECT version FROM postings WHERE id = ?", posting)

        def act(who: tuple[Browser, str], what: str = action, at: int = version) -> Answer:
            fields = {"version": str(at), "reason": "Because.", "csrf_token": who[1]}
            return who[0].post(f"/admin/postings/{posting}/{what}", fields, htmx=True)

        answers = together(lambda: act(ada), lambda: act(grace))
        fresh = made.data.number("SELECT version FROM postings WHERE id = ?", posting)
        _judge(answers, f'data-posting="{posting}"', f'value="{fresh}"', seen, wrong)
        if turn % 10 == 9:
            say(f"{engine}: {turn + 1} rounds of two admins: {dict(seen)}")
    logged = _entries(made, "posting", posting) - before
    return _finding(f"{engine}, two admins", rounds, seen, wrong, logged)


def _card(engine: str, made: Board, rounds: int) -> Finding:
    one, two = _signed_in(made, "employer@nexus.example"), _signed_in(made, "recruiter@nexus.example")
    people = Applicants(made, rounds, together=4, size=2_000, name="racer")
    company = (
        "SELECT company_id FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE u.email = 'employer@nexus.example'"
    )
    people.postings = [
        posting for (posting,) in made.data.rows(
            "SELECT id FROM postings p WHERE status = 'published' AND frozen_at IS NULL AND apply_url IS NULL"  # noqa: S608
            f" AND company_id = ({company}) AND NOT EXISTS"
            " (SELECT 1 FROM posting_questions q WHERE q.posting_id = p.id AND q.required)"
        )
    ]
    people.begin()
    people.join(300)
    cards = made.data.rows("SELECT id, version FROM applications WHERE email LIKE 'racer%' ORDER BY id")
    seen, wrong, logged = Counter[str](), Counter[str](), 0
    for number, (card, version) in enumerate(cards):
        def act(who: tuple[Browser, str], to: str, card: int = card, version: int = version) -> Answer:
            fields = {"to": to, "version": str(version), "reason": "Because.", "notify": "no", "csrf_token": who[1]}
            return who[0].post(f"/employer/applications/{card}/move", fields, htmx=True)

        answers = together(lambda: act(one, "in_review"), lambda: act(two, "interview"))
        fresh = made.data.number("SELECT version FROM applications WHERE id = ?", card)
        _judge(answers, f'data-application="{card}"', f'value="{fresh}"', seen, wrong)
        logged += _entries(made, "application", card)
        if number % 10 == 9:
            say(f"{engine}: {number + 1} rounds of two recruiters: {dict(seen)}")
    return _finding(f"{engine}, two recruiters", rounds, seen, wrong, logged)


def _again(engine: str, made: Board, number: int) -> Finding:
    """One form of one person, sent so often at once."""
    posting = Applicants(made, 0).postings[0]
    browser = Browser(made.port)
    form = browser.get(f"/jobs/{posting}/-/apply")
    fields = {
        "name": "Twice Sent", "email": "twice@proof.example", "cover_letter": "", "csrf_token": form.token,
        "idempotency_key": form.key,
    }

    def send() -> Answer:
        other = Browser(made.port, 60)
        other.cookies = dict(browser.cookies)
        return other.post(f"/jobs/{posting}/applications", fields, ("resume", "resume.txt", b"The same words."))

    answers = Counter(answer.status for answer in together(*[send] * number))
    rows = made.data.number("SELECT count(*) FROM applications WHERE email = 'twice@proof.example'")
    proposals = made.data.number("SELECT count(*) FROM application_proposals")
    files = made.data.number("SELECT count(*) FROM stored_files WHERE size = 15")
    return Finding(
        f"{engine}, {number} at once", "one application, everybody told the same",
        f"{rows} application, {proposals} proposals, {files} file; answers {dict(answers)}",
        rows == 1 and not proposals and set(answers) == {303},
    )


def _judge(answers: list[Answer], row: str, version: str, seen: Counter[str], wrong: Counter[str]) -> None:
    statuses = sorted(answer.status for answer in answers)
    seen[" and ".join(map(str, statuses))] += 1
    loser = next((answer for answer in answers if answer.status == 409), None)
    if statuses != [200, 409] or loser is None:
        wrong["answers"] += 1
    elif row not in loser.text or version not in loser.text:
        wrong["the loser did not see the winner's row"] += 1


def _entries(made: Board, kind: str, number: int) -> int:
    return made.data.number(
        "SELECT count(*) FROM audit_entries WHERE subject_type = ? AND subject_id = ?", kind, number
    )


def _finding(where: str, rounds: int, seen: Counter[str], wrong: Counter[str], logged: int) -> Finding:
    return Finding(
        where, f"{rounds} rounds, one winner each, the loser 409 with the winner's row, {rounds} audit rows",
        f"{', '.join(f'{number}×{answers}' for answers, number in seen.items())}; {logged} audit rows"
        + (f"; {dict(wrong)}" if wrong else ""),
        not wrong and logged == rounds == sum(seen.values()),
    )
