"""What the runs of pytest tell the mutants: how long a test took, which failed first, which are wanted."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest


def sqlite_name(nodeid: str) -> str:
    """A test's name as on SQLite, whichever engine it ran on."""
    return nodeid.replace("[postgresql", "[sqlite").replace("-postgresql", "-sqlite")


class Chosen:
    """Runs these tests in this order; remembers the first that failed."""

    def __init__(self, order: Sequence[str], *, engines: Sequence[str]) -> None:
        self.place = {name: number for number, name in enumerate(order)}
        self.engines = engines
        self.failed = ""
        self.ran = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        wanted = [item for item in items if sqlite_name(item.nodeid) in self.place and self._runs(item.nodeid)]
        items[:] = sorted(wanted, key=lambda item: self.place[sqlite_name(item.nodeid)])

    def _runs(self, nodeid: str) -> bool:
        return "postgresql" not in nodeid or "postgresql" in self.engines

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed = f"{report.nodeid or 'collection'} (could not be imported)"

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call":
            self.ran += 1
        if report.failed and not self.failed:
            self.failed = report.nodeid


class Timed:
    """Writes how long every test took and whether it passed, for the map of what covers what."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.skipped:
            self.skipped.append(report.nodeid)
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed and report.nodeid not in self.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self, session: Any) -> None:
        if not hasattr(session.config, "workerinput"):
            self.path.write_text(json.dumps({"seconds": self.seconds, "failed": self.failed, "skipped": self.skipped}))


def pytest_configure(config: Any) -> None:
    """Loaded by `-p proof.mutants.plugin`: times into the file that NEXUS_TIMES names."""
    if os.environ.get("NEXUS_TIMES"):
        config.pluginmanager.register(Timed(Path(os.environ["NEXUS_TIMES"])), "nexus-times")
