"""Which tests run which lines: only these can notice what is gone from them."""

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


@dataclass(frozen=True, slots=True)
class Cover:
    """Tests by file and line, the seconds each took, and those that fail without any mutant."""

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]
    failed: list[str]

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
    """Run the tests once on SQLite and remember what each ran; the same tree is measured once."""
    if keep.exists():
        held = json.loads(keep.read_text())
        if held["digest"] == digest:
            lines = {file: {int(n): tests for n, tests in each.items()} for file, each in held["lines"].items()}
            return Cover(lines, held["seconds"], held["failed"])
    print("Running the tests once, to see which of them run which lines …", flush=True)
    told, data = tree.parent / "times.json", tree.parent / "coverage"
    environment = os.environ | {
        "TEST_DATABASE_URL": SQLITE_ONLY, "NEXUS_DATA": "", "NEXUS_REQUIRE": "", "NEXUS_TIMES": str(told),
        "COVERAGE_FILE": str(data),
    }
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), "--ignore=tests/browser", "--ignore=tests/proof",
         "--cov=app", "--cov-context=test", "--cov-report=", "-p", "proof.mutants.plugin",
         f"--basetemp={tree.parent / 'tmp-cover'}"],
        cwd=tree, env=environment, check=False,
    )
    times = json.loads(told.read_text())
    cover = Cover(_contexts(data, tree), times["seconds"], times["failed"])
    keep.parent.mkdir(exist_ok=True)
    keep.write_text(
        json.dumps({"digest": digest, "lines": cover.lines, "seconds": cover.seconds, "failed": cover.failed})
    )
    return cover


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
