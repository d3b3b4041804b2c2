"""kill -9 of web workers and of whole servers while people apply."""

import os
import random
import signal
import time

from proof.applying import Applicants
from proof.board import board, children, engines
from proof.faults.plan import Finding, Size, Told, fault, say

EACH = 40
"""So many acknowledged applications lie between one kill and the next, at the full size."""


@fault("kill", "kill -9 of web workers and whole servers during 1,000 applications, each repeated until acknowledged")
def kill(size: Size) -> Told:
    """Every acknowledged application is there with its file, none twice."""
    return [_on(engine, size.of(1000, 40)) for engine in engines()]


def _on(engine: str, number: int) -> Finding:
    with board(engine, "kill") as made:
        server, step = made.serve(), max(4, min(EACH, number // 10))
        people = Applicants(made, number)
        began = time.monotonic()
        people.begin()
        workers = servers = 0
        for mark in range(step, number, step):
            people.wait(mark, 120)
            time.sleep(random.uniform(0, 0.2))
            if mark // step % 4 == 0:
                made.kill(server)
                server, servers = made.serve(), servers + 1
            else:
                workers += _one_worker(server.pid)
            say(f"{engine}: {people.done} of {number}; killed {workers} workers, {servers} servers")
        people.join(300)
        seconds = time.monotonic() - began
        found, told = people.found(), people.told
        return Finding(
            engine, f"{number} acknowledged, 0 lost, 0 doubled",
            f"{people.done} acknowledged, {found.kept} kept, {found.lost} lost, {found.doubled} doubled;"
            f" {workers} workers and {servers} servers killed, {told.answers['cut']} connections cut;"
            f" {found.orphans} whole files and {found.halves} begun ones without a row, for the sweep",
            found.sound and found.kept == people.done == number and workers > 0 and servers > 0,
            {"seconds": round(seconds), "answers": str(dict(told.answers))},
        )


def _one_worker(pid: int) -> int:
    """Kill one of a server's workers; its master starts another."""
    living = children(pid)
    if not living:
        return 0
    try:
        os.kill(random.choice(living), signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1
