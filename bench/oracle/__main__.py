"""`make oracle`, or `python -m bench.oracle --size 20000 --filters 10000 --engine sqlite [--seed 1]`: a copy of the
bench's board of that size is changed by 4 processes, while 2 others ask the index and plain SQL the same questions.

Prints every difference and ends with 1 where there was one. What was seen is kept in
`bench/.data/oracle-<engine>.json`.
"""

import argparse
import json
import shutil
import signal
import sys
from dataclasses import asdict
from pathlib import Path

import psycopg

from bench import where
from bench.data import store
from bench.oracle.run import Interrupted, Result, held_against, parts

_NAME = "nexus_oracle"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.oracle", description=__doc__)
    parser.add_argument("--size", default="20000", help="postings")
    parser.add_argument("--filters", type=int, default=10_000, help="random listings asked")
    parser.add_argument("--engine", choices=where.ENGINES, default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two acts of a writer, on the average")
    parser.add_argument("--few", type=int, default=300, help="hits above which every other reader counts by whole sets")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    url = copy(asked.engine, asked.size)
    code, result = 130, None
    try:
        roles = parts(
            url, questions=asked.filters, readers=asked.readers, writers=asked.writers, pause=asked.pause,
            seed=asked.seed, few=asked.few,
        )
        result = held_against(roles, _tell)
        code = 0 if result.sound else 1
    except Interrupted as interrupted:
        result = interrupted.result
    finally:
        where.drop_database(url)
        shutil.rmtree(store.uploads(url), ignore_errors=True)
    _report(result, where.folder() / f"oracle-{asked.engine}.json", vars(asked) | {"finished": code != 130})
    return code


def copy(engine: str, size: str) -> str:
    """The address of a copy of the bench's board, to be written to."""
    made, url = store.ready(engine, size), where.database(engine, size, _NAME)
    where.drop_database(url)
    if engine == "sqlite":
        paths = [Path(one.removeprefix("sqlite:///")) for one in (made, url)]
        for end in ("", "-wal"):
            if paths[0].with_name(paths[0].name + end).exists():
                shutil.copyfile(paths[0].with_name(paths[0].name + end), paths[1].with_name(paths[1].name + end))
        return url
    name, template = (one.rsplit("/", 1)[1] for one in (url, made))
    with psycopg.connect(f"{where.POSTGRES}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return url


def _tell(result: Result) -> None:
    print(f"  {result}", flush=True)


def _report(result: Result, file: Path, asked: dict[str, object]) -> None:
    for difference in result.differences[:20]:
        print(json.dumps(difference, indent=1, ensure_ascii=False))
    for broken in result.broken[:20]:
        print(broken)
    file.write_text(json.dumps({"asked": asked, "sound": result.sound} | asdict(result), indent=1, ensure_ascii=False))
    print(f"{result}\n{'sound' if result.sound else 'NOT SOUND'}; {json.dumps(result.done, ensure_ascii=False)}")


if __name__ == "__main__":
    sys.exit(main())
