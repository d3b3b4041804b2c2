"""`make faults`: do to a board of its own what the world will do, and write down what was seen."""

import argparse
import re
import sys
import time
import traceback
from pathlib import Path

from proof.board import tidy
from proof.faults import dependencies, disk, keeping, killing, mail, races, stopping  # noqa: F401  each registers its faults
from proof.faults.plan import FAULTS, Finding, Size
from proof.machine import described

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "faults.md"
HEAD = """# What is done to it, and what was seen

`make faults` makes boards of its own, is hard on them, and writes this page; `make faults ARGS="kill races"` does some
of it again, `make faults SHARE=0.05` rehearses. Nothing is sent anywhere but to 127.0.0.1, and only processes and
databases that it made itself are ended; the server, what is asked of it and PostgreSQL share one machine. Short forms
of these run with the ordinary tests.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which faults (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="how much of the plan's size, 1 for all")
    parser.add_argument("--no-page", action="store_true", help="do not write docs/faults.md")
    asked = parser.parse_args()
    sections = _written(PAGE.read_text()) if PAGE.exists() else {}
    bad = 0
    for name in asked.names or FAULTS:
        done, function = FAULTS[name]
        print(f"{name}: {done}", flush=True)
        began = time.monotonic()
        findings = _found(function, Size(asked.share))
        for each in findings:
            print(f"  {'ok ' if each.good else 'BAD'} {each.where}: {each.seen} {each.facts or ''}", flush=True)
        bad += sum(not each.good for each in findings)
        sections[name] = _section(name, done, round(time.monotonic() - began), findings)
        if not asked.no_page and asked.share == 1.0:
            PAGE.write_text("\n".join([HEAD, *(sections[known] for known in FAULTS if known in sections)]))
            print(f"Written to {PAGE.relative_to(ROOT)}.", flush=True)
    return 1 if bad else 0


def _found(function: object, size: Size) -> list[Finding]:
    """What a fault found; one that broke off is a finding too."""
    try:
        return function(size)  # type: ignore[operator]
    except KeyboardInterrupt:
        raise
    except Exception as error:
        traceback.print_exc()
        return [Finding("the proof itself", "runs to its end", f"{type(error).__name__}: {error}", False)]


def _written(page: str) -> dict[str, str]:
    """The sections of the page as it stands, by the name of their fault."""
    _, *parts = re.split(r"^## ", page, flags=re.M)
    return {part.partition("\n")[0].strip(): f"## {part.rstrip()}\n" for part in parts}


def _section(name: str, done: str, seconds: int, findings: list[Finding]) -> str:
    rows = [
        f"| {each.where} | {each.expected} | {each.seen} | {'ok' if each.good else '**no**'} |" for each in findings
    ]
    return "\n".join([
        f"## {name}", f"{done[0].upper()}{done[1:]}. Took {seconds} s. {described()}", "",
        "| where | must be seen | was seen | |", "|---|---|---|---|", *rows, "",
    ])


if __name__ == "__main__":
    tidy()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted; what was made is gone. Run it again.")
        sys.exit(130)
