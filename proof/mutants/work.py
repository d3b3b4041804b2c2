"""One mutant's run of the tests, in a process forked from one that has imported the libraries already."""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proof.mutants.cover import SQLITE_ONLY
from proof.mutants.find import Mutant
from proof.mutants.plugin import Chosen
from proof.mutants.tree import Tree


def warm(tree: Path) -> None:
    """Import every library that the application and its tests import, but nothing of theirs."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, app, app.web, tests.conftest, tests.web.world\nprint(*sys.modules)"],
        cwd=tree, check=True, capture_output=True, text=True,
    )
    for name in told.stdout.split():
        if name.partition(".")[0] not in ("app", "tests", "config", "wsgi", "migrations", "proof", "__main__"):
            try:
                importlib.import_module(name)
            except Exception:
                continue


@dataclass(slots=True)
class Run:
    """A mutant at work in one tree."""

    mutant: Mutant
    tree: Tree
    pid: int
    began: float
    until: float
    told: Path
    served: bool = False
    """Whether it runs in a process of the tree's server, which keeps the time itself."""

    def ended(self) -> bool:
        """Whether its process is over; past its time it is stopped."""
        if self.served:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                log = self.told.with_suffix(".server")
                raise RuntimeError(f"the tests cannot be served:\n{log.read_text()[-3000:]}")
            return self.told.exists()
        if time.monotonic() > self.until:
            self.stop()
            self.told.write_text(json.dumps({"failed": "(the tests did not end)", "ran": 1}))
            return True
        return os.waitpid(self.pid, os.WNOHANG)[0] != 0

    def stop(self) -> None:
        """End the process and what it started."""
        if self.served:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        os.waitpid(self.pid, 0)

    def verdict(self) -> tuple[str, int]:
        """(the test that failed, empty where none did; how many ran). Raises RuntimeError where pytest itself broke."""
        if not self.told.exists():
            log = self.told.with_suffix(".log")
            raise RuntimeError(f"the tests did not run on {self.mutant}:\n{log.read_text()[-3000:]}")
        told = json.loads(self.told.read_text())
        return told["failed"], told["ran"]

    def too_deep(self) -> bool:
        """Whether this mutant cannot be made in memory and needs a run of its own."""
        return self.served and "slow" in json.loads(self.told.read_text())


def start(
    mutant: Mutant, tree: Tree, order: Sequence[str], seconds: float, engines: Sequence[str], postgres: str
) -> Run:
    """Make the mutant and run these tests against it until one fails."""
    tree.mutate(mutant.edits)
    told = tree.folder.parent / f"{tree.folder.name}.json"
    told.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        _child(mutant, tree.folder, order, engines, postgres, told)
    now = time.monotonic()
    return Run(mutant, tree, pid, now, now + 60 + 6 * seconds, told)


class Server:
    """A run of pytest in this tree, which tries one mutant after another (`proof.mutants.serve`)."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        read, self.wire = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.wire)
            _serve(tree.folder, read)
        os.close(read)

    def start(self, mutant: Mutant, order: Sequence[str], seconds: float) -> Run:
        """Make the mutant and run these tests against it until one fails."""
        while not self.tree.folder.with_suffix(".ready").exists():  # it must import the tree without any mutant
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                log = self.tree.folder.with_suffix(".server")
                raise RuntimeError(f"the tests cannot be served:\n{log.read_text()[-3000:]}")
            time.sleep(0.05)
        told = self.tree.folder.parent / f"{self.tree.folder.name}.json"
        told.unlink(missing_ok=True)
        edit = mutant.edits[0]
        source = (self.tree.folder / edit.file).read_text()
        self.tree.mutate(mutant.edits)
        asked = {
            "edits": len(mutant.edits), "file": edit.file, "before": edit.before, "text": edit.text, "source": source,
            "route": mutant.route, "where": mutant.where, "order": list(order), "seconds": 60 + 6 * seconds,
            "told": str(told),
        }
        os.write(self.wire, (json.dumps(asked) + "\n").encode())
        now = time.monotonic()
        return Run(mutant, self.tree, self.pid, now, now, told, served=True)

    def stop(self) -> None:
        """End it and what it started."""
        os.close(self.wire)
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _serve(folder: Path, wire: int) -> None:
    from proof.mutants import serve

    try:
        _settle(folder, "server", SQLITE_ONLY)
        plugin: Any = serve.Server(folder, wire)
        pytest.main(
            ["-q", "--no-cov", "-p", "no:randomly", "-W", "ignore::pytest.PytestAssertRewriteWarning",
             "--ignore=tests/browser", "--ignore=tests/proof", f"--basetemp={folder.parent / ('tmp-' + folder.name)}"],
            plugins=[plugin],
        )
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def _settle(folder: Path, log: str, postgres: str) -> None:
    """A process of its own, in this tree, that writes into a log beside it."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    quiet = os.open(folder.parent / f"{folder.name}.{log}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    os.environ |= {
        "NEXUS_REQUIRE": "", "NEXUS_DATA": "", "PYTHONDONTWRITEBYTECODE": "1", "NEXUS_ROUTE": "",
        "TEST_DATABASE_URL": postgres,
    }


def _child(
    mutant: Mutant, folder: Path, order: Sequence[str], engines: Sequence[str], postgres: str, told: Path
) -> None:
    try:
        _settle(folder, "log", postgres if "postgresql" in engines else SQLITE_ONLY)
        os.environ["NEXUS_ROUTE"] = mutant.route
        chosen: Any = Chosen(order, engines=engines)
        files = list(dict.fromkeys(test.partition("::")[0] for test in order))
        pytest.main(
            ["-x", "-q", "--no-cov", "-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:cacheprovider",
             f"--basetemp={folder.parent / ('tmp-' + folder.name)}", *files],
            plugins=[chosen],
        )
        told.write_text(json.dumps({"failed": chosen.failed, "ran": chosen.ran}))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)
