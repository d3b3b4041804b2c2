"""Copy app/static to app/static/dist under names that change with the content, compressed beside each.

In production these are what pages name, to be kept by browsers for a year. Older copies stay: pages that are open, and
processes that were started before, still ask for them. Nothing but the standard library is needed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from pathlib import Path, PurePosixPath

STATIC = Path(__file__).resolve().parent.parent / "app" / "static"
FOLDERS = ("css", "img", "js", "vendor")
TEXTS = {".css", ".js", ".svg"}
_ADDRESS = re.compile(r"""url\("([^":]+)"\)""")


def digest(content: bytes) -> str:
    """What stands in a name for its content."""
    return hashlib.sha256(content).hexdigest()[:12]


def sources(static: Path = STATIC) -> list[str]:
    """What is served, as paths below the folder; style sheets last, as they name the others."""
    found = [
        path.relative_to(static).as_posix()
        for folder in FOLDERS
        for path in sorted((static / folder).glob("**/*"))
        if path.is_file() and path.name != "manifest.json"
    ]
    return sorted(found, key=lambda name: name.endswith(".css"))


def build(static: Path = STATIC) -> dict[str, str]:
    """Write what is missing, the manifest last. Answers the name of each source's copy below `dist`."""
    dist, names, sums = static / "dist", dict[str, str](), dict[str, str]()
    for source in sources(static):
        content = (static / source).read_bytes()
        sums[source] = digest(content)
        if source.endswith(".css"):
            content = _renamed(content.decode(), PurePosixPath(source), names).encode()
        path = PurePosixPath(source)
        names[source] = str(path.with_name(f"{path.stem}.{digest(content)}{path.suffix}"))
        _put(dist / names[source], content)
        if path.suffix in TEXTS:
            _put(dist / f"{names[source]}.gz", gzip.compress(content, 9, mtime=0))
    _put(dist / "manifest.json", json.dumps({"files": names, "sources": sums}, indent=1).encode())
    return names


def _renamed(sheet: str, source: PurePosixPath, names: dict[str, str]) -> str:
    """The style sheet, its addresses by their new names."""

    def rename(found: re.Match[str]) -> str:
        target = os.path.normpath(source.parent / found[1])
        return f'url("{os.path.relpath(names[target], source.parent)}")' if target in names else found[0]

    return _ADDRESS.sub(rename, sheet)


def _put(target: Path, content: bytes) -> None:
    if target.name != "manifest.json" and target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    draft.write_bytes(content)
    draft.replace(target)
