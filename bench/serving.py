"""The same systems over gunicorn, driven until they can do no more."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from bench.load import Rate, driven, request
from bench.probe import page
from bench.server import WORKERS, Server, serving
from bench.timing import figure
from bench.workload import FULL, workload

ROUNDS = 3
_WARMING = 60.0
"""Seconds at the most in which every worker meets every listing of the mix, most likely."""
_PATIENCE = 60.0


def served(engine: str, size: str, seconds: float, later: str) -> dict[str, Any]:
    """The product beside the floor, in turns, so that both meet the same machine; memory; and restarts."""
    mix = [request(page(query), htmx=True) for query in workload().mix]
    full = [request(page(FULL), htmx=True)]
    asked = {"full": full, "mix": mix, "scroll": [request(later, htmx=True)]}
    turns: dict[str, tuple[Server, Sequence[bytes]]] = {}
    with ExitStack() as stack:
        floor = stack.enter_context(serving("floor", engine, size, "/empty"))
        server = stack.enter_context(serving("index", engine, size, page(FULL)))
        remembers = stack.enter_context(serving("index", engine, size, page(FULL), memo=True))
        before, started = server.memory(), server.started
        for one in (server, remembers):
            driven(one.port, mix, _WARMING, 8, most=3 * WORKERS * len(mix))
        turns |= {"empty": (floor, [request("/empty")]), "same": (floor, [request("/same")])}
        turns |= {name: (server, requests) for name, requests in asked.items()}
        turns |= {f"{name}_memo": (remembers, requests) for name, requests in asked.items()}
        found = _in_turns(turns, seconds)
        memory = server.memory()
    with serving("index", engine, size, page(FULL), memo=True) as again:
        restarted = again.started
    return found | {"memory": memory, "memory_before": before, "start_s": started, "restart_s": restarted}


def peers(names: Sequence[str], engine: str, size: str) -> dict[str, Any]:
    """The mix, asked once of those who are slower, or as much of it as they answer in `_PATIENCE`."""
    found: dict[str, Any] = {}
    for name in names:
        paths = [page(query) if name == "plain" else f"/jobs?{query}" for query in workload().mix]
        asked = [request(path, htmx=name == "plain") for path in paths]
        first = page("posted_within=1") if name == "plain" else "/jobs?posted_within=1"
        with serving(name, engine, size, first) as one:
            found[name] = _rates([driven(one.port, asked, _PATIENCE, 8 if size != "1000000" else 2, most=len(asked))])
    return found


def static(engine: str, size: str, seconds: float) -> dict[str, Any]:
    with serving("static", engine, size, "/") as one:
        return _rates([driven(one.port, [request("/")], seconds, 8) for _ in range(ROUNDS)])


def _in_turns(asked: Mapping[str, tuple[Server, Sequence[bytes]]], seconds: float) -> dict[str, Any]:
    rounds: dict[str, list[Rate]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (server, requests) in asked.items():
            rounds[name].append(driven(server.port, requests, seconds, 8))
    return {name: _rates(rates) for name, rates in rounds.items()}


def _rates(rates: Sequence[Rate]) -> dict[str, Any]:
    return {
        "a_second": figure([rate.a_second for rate in rates]), "p50": figure([rate.p50 for rate in rates]),
        "p95": figure([rate.p95 for rate in rates]), "bad": sum(rate.bad for rate in rates),
        "answers": sum(rate.answers for rate in rates), "client": figure([rate.client for rate in rates]),
    }  # fmt: skip
