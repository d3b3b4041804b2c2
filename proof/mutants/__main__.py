"""`make mutants`: take every guard away, one at a time; each time a test must fail."""

import argparse
import os
import shutil
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path

import psycopg

from proof.board import tidy
from proof.mutants.cover import Cover, measure
from proof.mutants.find import Mutant, find
from proof.mutants.journal import Entry, Journal
from proof.mutants.tree import Tree, digest, files
from proof.mutants.work import Run, start, warm

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql://root@127.0.0.1:5432/test")
FIRST = {
    "GRANTS": "tests/domain/companies/test_policies.py",
    "route": "tests/web/test_access_matrix.py",
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
    scratch = Path(tempfile.mkdtemp(prefix="nexus-mutants-"))
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


class Bench:
    """Runs mutants side by side, one in each tree."""

    def __init__(self, journal: Journal, cover: Cover, trees: list[Tree]) -> None:
        self.journal, self.cover, self.free = journal, cover, list(trees)
        self.running: list[Run] = []
        self.verdicts: dict[str, Entry] = {}
        self.engines = ("sqlite", "postgresql") if _postgres_answers() else ("sqlite",)
        self.done = self.total = 0

    def run(self, mutants: list[Mutant]) -> dict[str, Entry]:
        """A verdict for every mutant. What survives the tests on SQLite meets them on PostgreSQL too."""
        open_ = [each for each in mutants if not self._known(each)]
        self.total = len(open_)
        print(f"{len(mutants)} guards, {len(mutants) - len(open_)} known from before", flush=True)
        waiting = [(each, False) for each in reversed(open_)]
        again: dict[str, bool] = {}
        try:
            while waiting or self.running:
                while waiting and self.free:
                    mutant, wide = waiting.pop()
                    again[mutant.key] = wide
                    self._start(mutant, wide)
                for run in [each for each in self.running if each.ended()]:
                    by = self._finish(run)
                    if not by and not again[run.mutant.key]:
                        waiting.append((run.mutant, True))
                    else:
                        self._note(run, by)
                time.sleep(0.02)
        finally:
            for run in self.running:
                run.stop()
                _drop(run.pid)
        return self.verdicts

    def _known(self, mutant: Mutant) -> bool:
        entry = self.journal.holds(mutant.key, mutant.file)
        if entry is not None:
            self.verdicts[mutant.key] = entry
        return entry is not None

    def _start(self, mutant: Mutant, wide: bool) -> None:
        order = self._order(mutant, wide)
        engines = self.engines if wide else ("sqlite",)
        seconds = sum(self.cover.seconds.get(test, 0.0) for test in order) * len(engines)
        self.running.append(start(mutant, self.free.pop(), order, seconds, engines, POSTGRES))

    def _order(self, mutant: Mutant, wide: bool) -> list[str]:
        """The tests that can notice, those made for it first, then the quick ones of the same room."""
        tests = self.cover.of(mutant.file, mutant.lines)
        room = mutant.file.removeprefix("app/").rpartition("/")[0]
        if not tests or mutant.where.startswith(("GRANTS", "uq_")) or "models" in mutant.file:
            tests = self.cover.of_folder(f"app/{room}/")
        kind = "route" if mutant.route else "uq_" if mutant.where.startswith("uq_") else mutant.where
        first = FIRST.get(kind, "")
        made = {test for test in self.cover.seconds if first and test.startswith(first)}
        if wide and not self.cover.of(mutant.file, mutant.lines):
            tests = set(self.cover.seconds)

        def rank(test: str) -> tuple[bool, bool, float]:
            return test not in made, f"tests/{room}" not in test, self.cover.seconds.get(test, 0.0)

        return sorted((tests | made) - set(self.cover.failed), key=rank)

    def _finish(self, run: Run) -> str:
        self.running.remove(run)
        run.tree.restore(run.mutant.edits)
        self.free.append(run.tree)
        by, ran = run.verdict()
        if not by and not ran and run.mutant.lines:
            print(f"  (no test runs {run.mutant.file}:{run.mutant.line})", flush=True)
        _drop(run.pid)
        return by

    def _note(self, run: Run, by: str) -> None:
        self.done += 1
        entry = self.journal.write(run.mutant.key, run.mutant.file, by, time.monotonic() - run.began)
        self.verdicts[run.mutant.key] = entry
        said = f"by {by}" if by else "SURVIVED"
        print(f"[{self.done}/{self.total}] {_told(run.mutant)}\n    {said} ({entry.seconds} s)", flush=True)


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
