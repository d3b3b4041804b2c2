"""Which tests run which lines: only these can notice what is gone from them."""

import difflib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import coverage

SQLITE_ONLY = "postgresql://127.0.0.1:1/none"
"""An address at which no PostgreSQL answers."""

LEFT_OUT = ("tests/browser", "tests/proof")

@dataclass(frozen=True, slots=True)
class Cover:
    """Tests by file and line, the seconds each took, those that fail without any mutant, and those SQLite skips."""

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]
    failed: list[str]
    skipped: list[str]

    def of(self, file: str, lines: Iterable[int]) -> set[str]:
        """The tests that run one of these lines."""
        held = self.lines.get(file, {})
        return {test for line in lines for test in held.get(line, ())} - set(self.failed)

    def of_folder(self, folder: str) -> set[str]:
        """The tests that run any function of these files."""
        return {
            test for file, held in self.lines.items() if file.startswith(folder) for tests in held.values()
            for test in tests
        } - set(self.failed)


def measure(tree: Path, keep: Path, digest: str, jobs: int) -> Cover:
    """Run the tests once on SQLite and remember what each ran.

    Later only the tests in changed files run again; lines that moved keep their tests.
    """
    now = {path.relative_to(tree).as_posix(): path.read_text() for top in ("app", "tests")
           for path in sorted((tree / top).rglob("*.py"))}
    held = json.loads(keep.read_text()) if keep.exists() else None
    if held is None or "skipped" not in held:
        print("Running the tests once, to see which of them run which lines …", flush=True)
        cover = _run(tree, jobs, ["tests"])
    else:
        lines = {file: {int(n): tests for n, tests in each.items()} for file, each in held["lines"].items()}
        cover = Cover(lines, held["seconds"], held["failed"], held["skipped"])
        if held["digest"] == digest:
            return cover
        changed = {file for file, text in now.items() if held["sources"].get(file) != text}
        cover = _moved(cover, held["sources"], now)
        gone = {test.partition("::")[0] for test in cover.seconds} - now.keys()
        cover = _joined(cover, Cover({}, {}, [], []), sorted(gone))
        again = sorted(file for file in changed if file.rpartition("/")[2].startswith("test_"))
        again = [file for file in again if not file.startswith(LEFT_OUT)]
        if again:
            print(f"Running {len(again)} changed files of tests, to see which lines they run …", flush=True)
            cover = _joined(cover, _run(tree, jobs, again), again)
    keep.parent.mkdir(exist_ok=True)
    keep.write_text(json.dumps({
        "digest": digest, "lines": cover.lines, "seconds": cover.seconds, "failed": cover.failed,
        "skipped": cover.skipped, "sources": now,
    }))
    return cover


def _run(tree: Path, jobs: int, what: list[str]) -> Cover:
    told, data = tree.parent / "times.json", tree.parent / "coverage"
    environment = os.environ | {
        "TEST_DATABASE_URL": SQLITE_ONLY, "NEXUS_DATA": "", "NEXUS_REQUIRE": "", "NEXUS_TIMES": str(told),
        "COVERAGE_FILE": str(data),
    }
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), "--dist", "worksteal",
         *(f"--ignore={folder}" for folder in LEFT_OUT), "--cov=app", "--cov-context=test", "--cov-report=",
         "-p", "proof.mutants.plugin", f"--basetemp={tree.parent / 'tmp-cover'}", *what],
        cwd=tree, env=environment, check=False,
    )
    times = json.loads(told.read_text())
    return Cover(_contexts(data, tree), times["seconds"], times["failed"], times["skipped"])


def _moved(cover: Cover, was: dict[str, str], now: dict[str, str]) -> Cover:
    """The tests of each line where it stands now; a new line has those of the lines around it."""
    lines: dict[str, dict[int, list[str]]] = {}
    for file, text in now.items():
        held = cover.lines.get(file, {})
        if not held or was.get(file) == text:
            lines[file] = held
            continue
        lines[file] = moved = {}
        match = difflib.SequenceMatcher(None, was[file].splitlines(), text.splitlines(), autojunk=False)
        for kind, begin, end, first, last in match.get_opcodes():
            if kind == "equal":
                moved |= {first + n - begin: held[n] for n in range(begin + 1, end + 1) if n in held}
                continue
            near = {test for n in range(max(1, begin - 1), end + 3) for test in held.get(n, ())}
            moved |= {n: sorted(near) for n in range(first + 1, last + 1) if near}
    return Cover({file: each for file, each in lines.items() if each}, cover.seconds, cover.failed, cover.skipped)


def _joined(old: Cover, new: Cover, files: list[str]) -> Cover:
    """`old` with everything about the tests in these files as `new` has it."""
    def kept(test: str) -> bool:
        return test.partition("::")[0] not in files

    lines = {
        file: {
            line: sorted({*filter(kept, old.lines.get(file, {}).get(line, ())), *new.lines.get(file, {}).get(line, ())})
            for line in {*old.lines.get(file, {}), *new.lines.get(file, {})}
        }
        for file in {*old.lines, *new.lines}
    }
    seconds = {test: took for test, took in old.seconds.items() if kept(test)} | new.seconds
    failed, skipped = [*filter(kept, old.failed), *new.failed], [*filter(kept, old.skipped), *new.skipped]
    return Cover(lines, seconds, failed, skipped)


def _contexts(path: Path, tree: Path) -> dict[str, dict[int, list[str]]]:
    data = coverage.CoverageData(str(path))
    data.read()
    lines: dict[str, dict[int, list[str]]] = {}
    for file in filter(lambda name: name.endswith(".py"), data.measured_files()):
        held = {
            line: sorted({context.rpartition("|")[0] for context in contexts if "|" in context})
            for line, contexts in data.contexts_by_lineno(file).items()
        }
        lines[Path(file).relative_to(tree).as_posix()] = {line: tests for line, tests in held.items() if tests}
    return lines
