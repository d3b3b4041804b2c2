"""`make load`: a hundred people for five minutes, then more and more of them until it hurts."""

import argparse
import http.client
import json
import os
import random
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from proof.applying import OPEN
from proof.board import PASSWORD, ROOT, Board, board, children, engines, memory, tidy
from proof.client import Answer, Browser
from proof.machine import described
from proof.resume import pdf

PAGE, KNOWN = ROOT / "docs" / "load.md", ROOT / "instance" / "load.json"
KINDS = {"browse and search": 60, "postings": 25, "desks": 10, "apply": 5}
"""What a hundred requests are."""
THINKING = (1.0, 3.0)
"""Seconds between what came and what is asked next."""
SLOW = 2.0
"""Seconds that 95 of 100 answers may take before it hurts."""
HEAD = """# Under load

`make load` serves a board of its own by gunicorn, on each engine, to a hundred people for five minutes: 60 % of what
they ask is browsing and search (pages and fragments, every filter), 25 % postings, 10 % desks (an employer, a
recruiter and an admin, signed in, looking and moving), 5 % applications with a PDF of 200 kB. Each thinks for one to
three seconds between an answer and the next question. Then people are added until the knee: 95 of 100 answers take
more than two seconds, or an error comes. `USERS=`, `SECONDS=` and `NEXUS_DATA=` (real postings beside the demo board)
change it.
"""


class Traffic:
    """People at work on a board, and what they were answered."""

    def __init__(self, made: Board) -> None:
        self.made = made
        self.took: dict[str, list[float]] = defaultdict(list)
        self.bad: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        rows = made.data.rows("SELECT id, slug FROM postings WHERE status = 'published' ORDER BY id DESC LIMIT 2000")
        self.postings = [f"/jobs/{number}/{slug}" for number, slug in rows]
        self.open = [number for (number,) in made.data.rows(OPEN)]
        self.words = ["engineer", "nurse", "data analyst", "berlin", '"project manager"', "design -senior", "python*"]
        self.filters = [
            "workplace=remote", "type=full_time", "type=part_time&type=contract", "country=DE", "country=US",
            "experience=senior", "posted_within=7", "salary_min=50000&currency=EUR", "place=Berlin&radius_km=50",
            "category=engineering", "sort=salary&currency=EUR", "category=health&workplace=on_site",
        ]
        self._applied = 0

    def add(self, number: int) -> None:
        """So many people more."""
        for _ in range(number):
            thread = threading.Thread(target=self._person, args=(len(self._threads),), daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def taken(self) -> tuple[dict[str, list[float]], Counter[str]]:
        """What was measured since the last time."""
        with self._lock:
            took, bad = self.took, self.bad
            self.took, self.bad = defaultdict(list), Counter()
        return took, bad

    # ── one person ───────────────────────────────────────────────────────────────────────────────────────────

    def _person(self, number: int) -> None:
        dice = random.Random(number)
        browser = Browser(self.made.port, 60)
        acts = {
            "browse and search": lambda: self._browse(browser, dice), "postings": lambda: self._read(browser, dice),
            "desks": self._desk(dice, number), "apply": lambda: self._apply(dice),
        }
        self._ended.wait(dice.uniform(0, THINKING[1]))
        while not self._ended.is_set():
            kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
            self._measured(kind, acts[kind])
            self._ended.wait(dice.uniform(*THINKING))

    def _measured(self, kind: str, act: Callable[[], list[tuple[float, Answer, set[int]]]]) -> None:
        try:
            done = act()
        except (OSError, http.client.HTTPException, LookupError) as error:
            if not self._ended.is_set():
                with self._lock:
                    self.bad[f"{kind}: {type(error).__name__}"] += 1
            return
        with self._lock:
            for seconds, answer, good in done:
                self.took[kind].append(seconds)
                if answer.status not in good:
                    self.bad[f"{kind}: {answer.status}"] += 1

    def _browse(self, browser: Browser, dice: random.Random) -> list[tuple[float, Answer, set[int]]]:
        said = dice.sample(self.filters, dice.choice((0, 1, 1, 2)))
        if dice.random() < 0.6:
            said.append("q=" + dice.choice(self.words).replace(" ", "+").replace('"', "%22"))
        query = "&".join(said)
        if dice.random() < 0.15:
            return [_timed(lambda: browser.get("/"))]
        if dice.random() < 0.5:
            return [_timed(lambda: browser.get(f"/jobs/results?{query}", htmx=True))]
        first = _timed(lambda: browser.get(f"/jobs?{query}"))
        more = re.search(r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', first[1].text)
        if more is None or dice.random() < 0.7:
            return [first]
        path = (more[1] or more[2]).replace("&amp;", "&").replace("/jobs?", "/jobs/results?")
        return [first, _timed(lambda: browser.get(path, htmx=True))]

    def _read(self, browser: Browser, dice: random.Random) -> list[tuple[float, Answer, set[int]]]:
        path = dice.choice(self.postings)
        return [_timed(lambda: browser.get(path), {200, 410})]

    def _desk(self, dice: random.Random, number: int) -> Callable[[], list[tuple[float, Answer, set[int]]]]:
        who = ("employer@nexus.example", "recruiter@nexus.example", "admin@nexus.example")[number % 3]
        held: list[Browser] = []

        def act() -> list[tuple[float, Answer, set[int]]]:
            if not held:
                browser = Browser(self.made.port, 60)
                browser.sign_in(who, PASSWORD)
                held.append(browser)
            return self._admin(held[0], dice) if "admin" in who else self._employer(held[0], dice)

        return act

    def _employer(self, browser: Browser, dice: random.Random) -> list[tuple[float, Answer, set[int]]]:
        first = _timed(lambda: browser.get(dice.choice(("/employer", "/employer/postings", "/employer/team"))))
        boards = re.findall(r'href="(/employer/postings/\d+/applicants)', first[1].text)
        if not boards:
            return [first]
        second = _timed(lambda: browser.get(dice.choice(boards)))
        cards = re.findall(r'data-application="(\d+)"', second[1].text)
        if not cards or dice.random() < 0.5:
            return [first, second]
        card = dice.choice(cards)
        page = _timed(lambda: browser.get(f"/employer/applications/{card}"))
        version = re.search(r'name="version"[^>]*value="(\d+)"', page[1].text)
        if version is None:
            return [first, second, page]
        fields = {
            "to": dice.choice(("in_review", "interview")), "version": version[1], "notify": "no", "reason": "",
            "csrf_token": page[1].token,
        }
        move = _timed(lambda: browser.post(f"/employer/applications/{card}/move", fields, htmx=True), {200, 409, 422})
        return [first, second, page, move]

    def _admin(self, browser: Browser, dice: random.Random) -> list[tuple[float, Answer, set[int]]]:
        path = dice.choice(("/admin", "/admin/postings", "/admin/reviews", "/admin/audit", "/admin/users"))
        first = _timed(lambda: browser.get(path))
        row = re.search(r'<tr[^>]*data-posting="(\d+)".*?name="version"[^>]*value="(\d+)"', first[1].text, re.S)
        if path != "/admin/postings" or row is None:
            return [first]
        fields = {"version": row[2], "csrf_token": first[1].token, "reason": ""}
        what = dice.choice(("feature", "unfeature"))
        address = f"/admin/postings/{row[1]}/{what}"
        return [first, _timed(lambda: browser.post(address, fields, htmx=True), {200, 409, 422})]

    def _apply(self, dice: random.Random) -> list[tuple[float, Answer, set[int]]]:
        with self._lock:
            self._applied += 1
            number = self._applied
        browser, posting = Browser(self.made.port, 60), dice.choice(self.open)
        form = _timed(lambda: browser.get(f"/jobs/{posting}/-/apply"))
        if form[1].status != 200:
            return [form]
        fields = {
            "name": f"Person {number}", "email": f"load{number}@proof.example", "cover_letter": "I would like to.",
            "csrf_token": form[1].token, "idempotency_key": form[1].key,
        }
        content = pdf(f"load {number}")
        sent = _timed(
            lambda: browser.post(f"/jobs/{posting}/applications", fields, ("resume", "cv.pdf", content)), {303}
        )
        browser.close()
        return [form, sent]


def _timed(act: Callable[[], Answer], good: set[int] | None = None) -> tuple[float, Answer, set[int]]:
    began = time.monotonic()
    answer = act()
    return time.monotonic() - began, answer, good or {200}


def at(took: list[float], share: float) -> float:
    """So many seconds or fewer took this share of them (nearest rank)."""
    return sorted(took)[max(0, round(share * len(took)) - 1)] if took else 0.0


def measured(engine: str, users: int, seconds: int, most: int) -> dict[str, object]:
    """One engine: the hundred, then the knee."""
    with board(engine, "load") as made:
        real = _real(made)
        postings = made.data.number("SELECT count(*) FROM postings")
        server = made.serve()
        pids = lambda: children(server.pid)  # noqa: E731
        traffic = Traffic(made)
        traffic.add(users)
        warm = max(5, seconds // 5)
        time.sleep(warm)
        traffic.taken()
        before, began, workers = memory(pids()), time.monotonic(), pids()
        while time.monotonic() - began < seconds:
            time.sleep(min(15, max(1, seconds / 4)))
            held = sum(map(len, traffic.took.values()))
            at_ = time.monotonic() - began
            print(f"    {engine}: {at_:4.0f} s, {held} answers, bad {dict(traffic.bad)}", flush=True)
        elapsed = time.monotonic() - began
        took, bad = traffic.taken()
        grown, same = memory(pids()) / before - 1, pids() == workers
        whole = [second for each in took.values() for second in each]
        knee = f"below {users} people" if at(whole, 0.95) > SLOW else _knee(engine, traffic, users, most)
        traffic.end()
        print(f"    {engine}: {len(whole) / elapsed:.1f} a second, bad {dict(bad)}; the end of the log:", flush=True)
        if bad:
            print(made.said(), flush=True)
        return {
            "engine": engine, "users": users, "seconds": round(elapsed), "postings": postings, "real": real,
            "rate": round(len(whole) / elapsed, 1), "bad": dict(bad), "memory": round(before / 1e6),
            "grown": round(100 * grown, 1), "workers_stayed": same, "knee": knee,
            "kinds": {
                kind: [len(each), *(round(at(each, share), 3) for share in (0.5, 0.95, 0.99))]
                for kind, each in {**took, "together": whole}.items()
            },
        }


def _real(made: Board) -> int:
    """Real postings beside the demo board, where NEXUS_DATA names them."""
    data = os.environ.get("NEXUS_DATA", "")
    if not data:
        return 0
    before = made.data.number("SELECT count(*) FROM postings")
    print("    importing the real postings …", flush=True)
    made.flask("import", *(str(path) for path in sorted((Path(data) / "postings").glob("*.jsonl.gz"))), "--publish")
    return made.data.number("SELECT count(*) FROM postings") - before


def _knee(engine: str, traffic: Traffic, users: int, most: int) -> str:
    """More people every twenty seconds, until it hurts."""
    step, last = max(1, users // 2), ""
    while users + step <= most:
        users += step
        traffic.add(step)
        time.sleep(5)
        traffic.taken()
        time.sleep(15)
        took, bad = traffic.taken()
        whole = [second for each in took.values() for second in each]
        p95, rate = at(whole, 0.95), len(whole) / 15
        said = f"{users} people: {rate:.0f} answers a second, p95 {p95:.2f} s" + (f", {dict(bad)}" if bad else "")
        print(f"    {engine}: {said}", flush=True)
        if p95 > SLOW or bad:
            return f"{said} (before: {last or 'within bounds'})"
        last = said
    return f"none up to {users} people ({last})" if last else "not looked for"


def page(known: dict[str, dict[str, object]]) -> str:
    """The measurements as a page."""
    parts = [HEAD, described(), ""]
    for engine, held in known.items():
        parts += [
            f"## {engine}", "",
            f"{held['users']} people, {held['seconds']} s, {held['postings']:,} postings ({held['real']:,} real ones)."
            f" **{held['rate']} answers a second, errors: {held['bad'] or 'none'}**; memory of the workers"
            f" {held['memory']} MB, grown by {held['grown']} %.", "",
            "| kind | answers | p50 s | p95 s | p99 s |", "|---|---:|---:|---:|---:|",
        ]
        kinds: dict[str, list[float]] = held["kinds"]  # type: ignore[assignment]
        parts += [f"| {kind} | {' | '.join(map(str, each))} |" for kind, each in sorted(kinds.items())]
        parts += ["", f"The knee: {held['knee']}.", ""]
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--most", type=int, default=600, help="stop looking for the knee at so many people")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], help="only this one")
    asked = parser.parse_args()
    known: dict[str, dict[str, object]] = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    bad = 0
    for engine in [asked.engine] if asked.engine else engines():
        print(f"{engine}: {asked.users} people for {asked.seconds} s", flush=True)
        held = measured(engine, asked.users, asked.seconds, asked.most)
        print(json.dumps(held, indent=1), flush=True)
        bad += bool(held["bad"]) or float(str(held["grown"])) > 10
        if (asked.users, asked.seconds) == (100, 300):
            known[engine] = held
            KNOWN.parent.mkdir(exist_ok=True)
            KNOWN.write_text(json.dumps(known))
            PAGE.write_text(page(known))
            print(f"Written to {PAGE.relative_to(ROOT)}.")
    return 1 if bad else 0


if __name__ == "__main__":
    tidy()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted; what was made is gone. Run it again.")
        sys.exit(130)
