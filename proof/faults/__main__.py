"""`make faults`: do to a board of its own what the world will do, and write down what was seen."""

import argparse
import json
import sys
import time
import traceback
from pathlib import Path

from proof.board import tidy
from proof.faults import dependencies, disk, keeping, killing, mail, races, stopping  # noqa: F401  each registers its faults
from proof.faults.plan import FAULTS, Finding, Size
from proof.machine import described

ROOT = Path(__file__).resolve().parents[2]
KNOWN = ROOT / "instance" / "faults.json"
PAGE = ROOT / "docs" / "faults.md"
HEAD = """# What is done to it, and what was seen

`make faults` makes boards of its own, is hard on them, and writes this page; `make faults ARGS="kill races"` does some
of it again, `make faults SHARE=0.05` rehearses. Nothing is sent anywhere but to 127.0.0.1, and only processes and
databases that it made itself are ended. Short forms of these run with the ordinary tests.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which faults (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="how much of the plan's size, 1 for all")
    parser.add_argument("--no-page", action="store_true", help="do not write docs/faults.md")
    asked = parser.parse_args()
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    bad = 0
    for name in asked.names or FAULTS:
        done, function = FAULTS[name]
        print(f"{name}: {done}", flush=True)
        began = time.monotonic()
        findings = _found(function, Size(asked.share))
        for each in findings:
            print(f"  {'ok ' if each.good else 'BAD'} {each.where}: {each.seen} {each.facts or ''}", flush=True)
        bad += sum(not each.good for each in findings)
        known[name] = {
            "done": done, "share": asked.share, "seconds": round(time.monotonic() - began),
            "when": time.strftime("%Y-%m-%d"), "findings": [each.plain() for each in findings],
        }
        KNOWN.parent.mkdir(exist_ok=True)
        KNOWN.write_text(json.dumps(known, indent=1))
    if not asked.no_page and asked.share == 1.0:
        PAGE.write_text(_page(known))
        print(f"Written to {PAGE.relative_to(ROOT)}.")
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


def _page(known: dict[str, dict[str, object]]) -> str:
    parts = [HEAD, described(), ""]
    for name in FAULTS:
        if name not in known or known[name]["share"] != 1.0:
            continue
        held = known[name]
        parts += [f"## {name}", f"{str(held['done']).capitalize()}. Took {held['seconds']} s.", ""]
        parts += ["| where | must be seen | was seen | |", "|---|---|---|---|"]
        for each in held["findings"]:  # type: ignore[attr-defined]
            verdict = "ok" if each["good"] else "**no**"
            parts.append(f"| {each['where']} | {each['expected']} | {each['seen']} | {verdict} |")
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    tidy()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted; what was made is gone. Run it again.")
        sys.exit(130)
