"""A run of pytest that has collected every test and made its database, and tries each mutant in a process forked off.

What stands within a function is changed in memory, so that nothing needs to be imported again. What cannot be changed
there (models, migrations) is answered with `slow`, and gets a run of its own (`work.start`).
"""

import ast
import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from proof.mutants.plugin import sqlite_name

WARM = "tests/web/test_access_matrix.py::test_every_route_and_method_is_in_the_matrix[sqlite]"
"""Run once before all, so that the session's application and its schema are there."""


class TooDeep(Exception):
    """This cannot be changed in memory."""


class Server:
    """The main loop: a line of JSON says what to change and what to run, a file gets the verdict."""

    def __init__(self, folder: Path, wire: int) -> None:
        self.folder, self.wire = folder, wire
        self.proved: set[str] = set()
        self.unfit: set[str] = set()
        self.functions: Functions = {}
        self.built: Any = None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        value = yield
        if fixturedef.argname == "built":
            self.built = value
        return value

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        items = {sqlite_name(item.nodeid): item for item in session.items}
        warm = items[WARM]
        after = next(item for item in session.items if item is not warm and "app" in item.fixturenames)
        runtestprotocol(warm, log=False, nextitem=after)
        with self.built.app_context():
            for engine in self.built.extensions["sqlalchemy"].engines.values():
                engine.dispose()
        self.functions = _functions(self.folder)
        gc.collect()
        gc.freeze()
        self.folder.with_suffix(".ready").touch()
        for line in os.fdopen(self.wire):
            asked = json.loads(line)
            self._answer(items, asked, Path(asked["told"]))
        return True

    def _answer(self, items: dict[str, Any], asked: dict[str, Any], told: Path) -> None:
        """A verdict counts if the test that failed passes here without the mutant; if not, it is left out from now."""
        while True:
            order = [test for test in asked["order"] if test not in self.unfit]
            said = self._forked(items, order, asked, asked["seconds"])
            self.proved.update(said.pop("passed", ()))
            by = said["failed"]
            if by not in items or by in self.proved:
                break
            alone = self._forked(items, [by], {"alone": asked["route"]}, asked["seconds"])
            self.proved.update(alone.get("passed", ()))
            if not alone["failed"]:
                break
            print(f"{by} fails by itself", file=sys.stderr, flush=True)
            self.unfit.add(by)
        told.with_suffix(".part").write_text(json.dumps(said))
        told.with_suffix(".part").rename(told)

    def _forked(self, items: dict[str, Any], order: list[str], asked: Any, seconds: float) -> dict[str, Any]:
        part = self.folder.parent / f"{self.folder.name}.verdict"
        part.unlink(missing_ok=True)
        pid = os.fork()
        if pid == 0:
            self._child([items[name] for name in order if name in items], asked, part)
        until = time.monotonic() + seconds
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > until:
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return {"failed": "(the tests did not end)", "ran": 1}
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        return json.loads(part.read_text()) if part.exists() else {"slow": True, "failed": ""}

    def _child(self, order: list[Any], asked: Any, part: Path) -> None:
        try:
            os.setsid()
            if "alone" in asked:
                _only(asked["alone"])
            else:
                change(self.folder, asked, self.functions)
            passed: list[str] = []
            failed = ""
            for item, after in zip(order, [*order[1:], order[0]] if order else [], strict=True):
                reports = runtestprotocol(item, log=False, nextitem=after)
                if any(report.failed for report in reports):
                    failed = sqlite_name(item.nodeid)
                    if "alone" in asked:
                        print(*(report.longreprtext for report in reports), file=sys.stderr)
                    break
                passed.append(sqlite_name(item.nodeid))
            part.write_text(json.dumps({"failed": failed, "ran": len(passed) + bool(failed), "passed": passed}))
        except TooDeep:
            part.write_text(json.dumps({"slow": True, "failed": ""}))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(0)


Functions = dict[tuple[str, str, int], list[FunctionType]]
"""Those of the application, by file, name and line."""


def _functions(folder: Path) -> Functions:
    found: Functions = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(f"{folder}/app/"):
            found.setdefault(_place(each.__code__), []).append(each)
    return found


def _place(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def change(folder: Path, asked: dict[str, Any], functions: Functions) -> None:
    """Make this mutant of what is imported. The file is changed already. Raises TooDeep."""
    file, before, text, route = asked["file"], asked["before"], asked["text"], asked["route"]
    if not file.startswith("app/") or asked["edits"] != 1:
        raise TooDeep
    module = importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    if route:
        _view(module, asked["where"]).policy = ast.literal_eval(text)
        _only(route)
        return
    if asked["where"].startswith("GRANTS"):
        exec(text.removeprefix(before), vars(module))  # noqa: S102  our own text
        return
    path = folder / file
    was = compile(asked["source"], str(path), "exec", dont_inherit=True)
    _swap(was, compile(path.read_bytes(), str(path), "exec", dont_inherit=True), functions)


def _only(route: str) -> None:
    """The access matrix asks this route alone."""
    for name, each in list(sys.modules.items()):
        if name.endswith("test_access_matrix"):
            each.ONLY = route


def _view(module: Any, name: str) -> Any:
    found = getattr(module, name, None)
    if found is None or not hasattr(found, "policy"):
        raise TooDeep
    return found


def _swap(was: CodeType, now: CodeType, functions: Functions) -> None:
    """Every function that runs what changed runs the new. Raises TooDeep where it is not within a function."""
    pairs = list(_changed(was, now))
    if not pairs or not all(_place(old) in functions for old, _ in pairs):
        raise TooDeep
    for old, new in pairs:
        for function in functions[_place(old)]:
            try:
                function.__code__ = new
            except ValueError as error:
                raise TooDeep from error


def _changed(was: CodeType, now: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The outermost functions of a module or class that are not what they were."""
    old, new = _inner(was), _inner(now)
    if [each.co_qualname for each in old] != [each.co_qualname for each in new] or _plain(was) != _plain(now):
        raise TooDeep
    for one, other in zip(old, new, strict=True):
        if one == other:
            continue
        if one.co_flags & 0x1:  # CO_OPTIMIZED: a function
            yield one, other
        else:
            yield from _changed(one, other)


def _plain(code: CodeType) -> tuple[Any, ...]:
    return code.co_code, code.co_names, [each for each in code.co_consts if not isinstance(each, CodeType)]


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]
