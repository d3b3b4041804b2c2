"""`make mutants`: take every guard away, one at a time; each time a test must fail."""

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
import tomllib
from bisect import bisect
from collections import Counter
from itertools import accumulate
from pathlib import Path

import psycopg

from proof.board import tidy
from proof.mutants.cover import Cover, measure
from proof.mutants.find import Mutant, find
from proof.mutants.journal import Entry, Journal
from proof.mutants.tree import Tree, digest, files
from proof.mutants.work import Run, Server, start, warm

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql://root@127.0.0.1:5432/test")
MEMORY = Path("/dev/shm")  # noqa: S108  tests wait for no disk there
FIRST = {
    "GRANTS": "tests/domain/companies/test_policies.py",
    "route": "tests/web/test_access_matrix.py::test_everybody",
    "uq_": "tests/domain/test_uniqueness.py",
}
"""Where the tests are that are made for this kind of guard."""


def main() -> int:
    asked = _arguments()
    names = files(ROOT)
    stamp = digest(ROOT, names)
    mutants = [each for each in find(ROOT) if asked.only in f"{each.kind} {each.file} {each.where} {each.what}"]
    if asked.list:
        for each in mutants:
            print(_told(each))
        return 0
    excused = _excused(mutants, whole=not asked.only)
    journal = Journal(ROOT, ROOT / "instance" / "mutants.jsonl", stamp)
    scratch = Path(tempfile.mkdtemp(prefix="nexus-mutants-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        trees = [Tree(ROOT, scratch / f"tree-{number}", names) for number in range(asked.jobs)]
        cover = measure(trees[0].folder, ROOT / "instance" / "cover.json", stamp, asked.jobs)
        if cover.failed:
            print("These tests fail without any mutant, and are left out:", *cover.failed, sep="\n  ")
        warm(trees[0].folder)
        wanted = [each for each in mutants if each.key not in excused]
        verdicts = Bench(journal, cover, trees).run(wanted)
    except KeyboardInterrupt:
        print("\nInterrupted. Run it again to go on from here.")
        return 130
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return _report(wanted, verdicts, excused, asked.table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--only", default="", help="words of the mutants wanted: a kind, a file, a function")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="only say what would be done")
    parser.add_argument("--table", action="store_true", help="say of every guard which test noticed")
    return parser.parse_args()


QUICK, ALONE, BOTH = range(3)
"""How a mutant is tried: in memory by the likeliest tests, in a run of its own, by all tests on both engines."""
GLANCE = 12.0
"""Seconds of tests that a mutant meets at first. Few pass them; those meet all the others."""


class Bench:
    """Runs mutants side by side, one in each tree."""

    def __init__(self, journal: Journal, cover: Cover, trees: list[Tree]) -> None:
        self.journal, self.cover, self.free = journal, cover, list(trees)
        self.servers: dict[Path, Server] = {}
        self.running: list[Run] = []
        self.verdicts: dict[str, Entry] = {}
        self.noticed: list[tuple[str, str]] = []
        self.engines = ("sqlite", "postgresql") if _postgres_answers() else ("sqlite",)
        self.done = self.total = 0

    def run(self, mutants: list[Mutant]) -> dict[str, Entry]:
        """A verdict for every mutant. What survives the tests on SQLite meets them on PostgreSQL too."""
        open_ = [each for each in mutants if not self._known(each)]
        self.total = len(open_)
        print(f"{len(mutants)} guards, {len(mutants) - len(open_)} known from before", flush=True)
        if open_:
            self.servers = {tree.folder: Server(tree) for tree in self.free}
        waiting = [(each, QUICK) for each in sorted(open_, key=self._costs, reverse=True)]
        again: dict[str, int] = {}
        try:
            while waiting or self.running:
                while waiting and self.free:
                    mutant, step = waiting.pop()
                    again[mutant.key] = step
                    self._start(mutant, step)
                for run in [each for each in self.running if each.ended()]:
                    step = ALONE if run.too_deep() else BOTH
                    by = self._finish(run, ask=step != ALONE)
                    if not by and again[run.mutant.key] < step:
                        waiting.insert(0, (run.mutant, step))  # the quick ones first
                        said = "needs a run of its own" if step == ALONE else "not noticed by the likeliest tests"
                        print(f"    {said}: {_told(run.mutant)}", flush=True)
                    else:
                        self._note(run, by)
                time.sleep(0.02)
        finally:
            for run in self.running:
                run.stop()
                _drop(run.pid)
            for server in self.servers.values():
                server.stop()
        return self.verdicts

    def _known(self, mutant: Mutant) -> bool:
        entry = self.journal.holds(mutant.key, mutant.file)
        if entry is not None:
            self.verdicts[mutant.key] = entry
            self.noticed.append((mutant.file, entry.by))
        return entry is not None

    def _start(self, mutant: Mutant, step: int) -> None:
        order = self._order(mutant, step == BOTH)
        engines = self.engines if step == BOTH else ("sqlite",)
        if step == QUICK:
            order = self._likely(order)
        seconds = sum(self.cover.seconds.get(test, 0.0) for test in order) * len(engines)
        tree = self.free.pop()
        if step == QUICK:
            self.running.append(self.servers[tree.folder].start(mutant, order, seconds))
        else:
            self.running.append(start(mutant, tree, order, seconds, engines, POSTGRES))

    def _likely(self, order: list[str]) -> list[str]:
        """The first of these tests, as many as `GLANCE` allows."""
        spent = list(accumulate(self.cover.seconds.get(test, 0.0) for test in order))
        return order[: max(1, bisect(spent, GLANCE))]

    def _costs(self, mutant: Mutant) -> float:
        """Seconds that all its tests take."""
        if mutant.route:
            return 0.0
        return sum(self.cover.seconds.get(test, 0.0) for test in self._tests(mutant)[0])

    def _order(self, mutant: Mutant, wide: bool) -> list[str]:
        """The tests that can notice, those made for it first, then the quick ones of the same room."""
        near, room = self._tests(mutant)
        tests = near
        kind = "route" if mutant.route else "uq_" if mutant.where.startswith("uq_") else mutant.where
        first = FIRST.get(kind, "")
        made = {test for test in self.cover.seconds if first and test.startswith(first)}
        if wide:
            door = "/".join(room.split("/")[:2])
            tests = tests | {test for test in self.cover.skipped if test.startswith(f"tests/{door}/")}
        if wide and not self.cover.of(mutant.file, mutant.lines):
            tests = set(self.cover.seconds)

        said = words(f"{mutant.file} {mutant.where} {mutant.what}")
        noticed = Counter(by for file, by in self.noticed if file == mutant.file)

        def rank(test: str) -> tuple[bool, bool, float]:
            likely = 1 + 2 * len(said & words(test)) + 3 * min(noticed[test], 3) + (f"tests/{room}" in test)
            return test not in made, test not in near, -likely / (0.2 + self.cover.seconds.get(test, 0.0))

        return sorted((tests | made) - set(self.cover.failed), key=rank)

    def _tests(self, mutant: Mutant) -> tuple[set[str], str]:
        """The tests that run the guard, or where nothing tells, those that run its room; the room."""
        tests = self.cover.of(mutant.file, mutant.lines)
        room = mutant.file.removeprefix("app/").rpartition("/")[0]
        if not tests or mutant.where.startswith(("GRANTS", "uq_")) or "models" in mutant.file:
            tests = self.cover.of_folder(f"app/{room}/")
        return tests, room

    def _finish(self, run: Run, *, ask: bool) -> str:
        self.running.remove(run)
        run.tree.restore(run.mutant.edits)
        self.free.append(run.tree)
        if not ask:
            return ""
        by, ran = run.verdict()
        if not by and not ran and run.mutant.lines:
            print(f"  (no test runs {run.mutant.file}:{run.mutant.line})", flush=True)
        _drop(run.pid)
        return by

    def _note(self, run: Run, by: str) -> None:
        self.done += 1
        entry = self.journal.write(run.mutant.key, run.mutant.file, by, time.monotonic() - run.began)
        self.verdicts[run.mutant.key] = entry
        self.noticed.append((run.mutant.file, by))
        said = f"by {by}" if by else "SURVIVED"
        print(f"[{self.done}/{self.total}] {_told(run.mutant)}\n    {said} ({entry.seconds} s)", flush=True)


def words(text: str) -> set[str]:
    """The beginnings of its words: a test that speaks of what was taken away is likely to notice."""
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())} - {"tests", "domai", "where", "sqlit"}


def _postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def _drop(pid: int) -> None:
    """The database that a stopped process of the tests left."""
    try:
        with psycopg.connect(POSTGRES, connect_timeout=2, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "nexus_test_master_{pid}" WITH (FORCE)')
    except psycopg.Error:
        return


def _told(mutant: Mutant) -> str:
    return f"{mutant.kind}: {mutant.file}:{mutant.line} {mutant.where}: {mutant.what}"


def _excused(mutants: list[Mutant], *, whole: bool) -> dict[str, str]:
    """Reasons of the mutants that change nothing, by key. Raises SystemExit where one names no guard any more."""
    reasons: dict[str, str] = {}
    for each in tomllib.loads(EQUIVALENT.read_text()).get("equivalent", []):
        named = [m for m in mutants if (m.file, m.where, m.what) == (each["file"], each["where"], each["what"])]
        if not named and whole:
            raise SystemExit(f"equivalent.toml names what is gone: {each['file']} {each['where']} {each['what']}")
        reasons |= {mutant.key: each["reason"] for mutant in named}
    return reasons


def _report(mutants: list[Mutant], verdicts: dict[str, Entry], excused: dict[str, str], table: bool) -> int:
    if table:
        for mutant in mutants:
            print(f"{_told(mutant)}\n    {verdicts[mutant.key].by or 'SURVIVED'}")
    survivors = [each for each in mutants if not verdicts[each.key].by]
    kinds, left = Counter(each.kind for each in mutants), Counter(each.kind for each in survivors)
    print(f"\n{'guards':12} {'taken away':>10} {'noticed':>8} {'survived':>9}")
    for kind in sorted(kinds):
        print(f"{kind:12} {kinds[kind]:10} {kinds[kind] - left[kind]:8} {left[kind]:9}")
    print(f"{'together':12} {len(mutants):10} {len(mutants) - len(survivors):8} {len(survivors):9}")
    print(f"{len(excused)} more change nothing, with the reasons in {EQUIVALENT.relative_to(ROOT)}.")
    if survivors:
        print("\nNo test noticed that these were gone:", *map(_told, survivors), sep="\n  ")
    return 1 if survivors else 0


if __name__ == "__main__":
    tidy()
    sys.exit(main())
