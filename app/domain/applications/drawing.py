"""A résumé to look at: page images and text, drawn by `drawer.py` in a process with limits, kept beside the store."""

import json
import random
import secrets
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.core.files import UploadStore
from app.domain.applications import drawer

log = structlog.get_logger()

SECONDS = 15
"""Of a clock on the wall, for one piece of work."""
MOST_KEPT = 512 * 1024 * 1024
"""Bytes of drawn pages on the disk; the longest unread go first."""
_SWEEP_EVERY = 50
_PROGRAM = Path(drawer.__file__)
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be shown of a file. `pages` are the images' sizes in pixels; `total` counts those not drawn too."""

    pages: tuple[tuple[int, int], ...] = ()
    total: int = 0
    text: str = ""


def survey(store: UploadStore, key: str, media_type: str) -> Shown:
    """What a file holds; nothing where it cannot be read. A failure is kept as well: a hostile file costs once."""
    path = store.drawn(key) / "survey.json"
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    done = _work(store, key, "survey", media_type, path)
    if done is None:
        return Shown()
    if not done:
        _keep_failure(path)
        return Shown()
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, TypeError):
        return Shown()


def page(store: UploadStore, key: str, number: int) -> bytes | None:
    """A page of a PDF as PNG, from 1; None where it cannot be drawn."""
    if not 1 <= number <= drawer.MOST_PAGES:
        return None
    path = store.drawn(key) / f"{number}.png"
    try:
        content = path.read_bytes()
        path.touch()
    except OSError:
        if not _work(store, key, "page", str(number), path):
            return None
        try:
            return path.read_bytes()
        except OSError:
            return None
    return content


def _read(path: Path) -> Shown:
    found = json.loads(path.read_text())
    pages = tuple((int(width), int(height)) for width, height in found["pages"])
    return Shown(pages, int(found["total"]), str(found["text"]))


def _keep_failure(path: Path) -> None:
    try:
        path.write_text(json.dumps({"pages": [], "total": 0, "text": ""}))
    except OSError:
        log.warning("a drawing's failure was not kept")


def _work(store: UploadStore, key: str, what: str, detail: str, out: Path) -> bool | None:
    """Run the drawer on a file and put its result at `out`. None where it could not even begin."""
    source = store.path(key)
    if not source.is_file():
        return None
    if not _AT_ONCE.acquire(timeout=SECONDS):
        return None
    draft = out.with_name(f"{secrets.token_hex(8)}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(  # noqa: S603  our own program, our own arguments
            [sys.executable, "-I", str(_PROGRAM), what, str(source), detail, str(draft)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS,
            env={"PATH": ""}, cwd="/", check=False,
        )
        if done.returncode != 0 or not draft.is_file():
            return False
        draft.rename(out)
    except subprocess.TimeoutExpired:
        return False
    except OSError as error:
        log.warning("nothing could be drawn", error=str(error))
        return None
    finally:
        _AT_ONCE.release()
        draft.unlink(missing_ok=True)
    if random.randrange(_SWEEP_EVERY) == 0:
        sweep(store)
    return True


def sweep(store: UploadStore, most: int = MOST_KEPT) -> None:
    """Forget the drawings that were longest not looked at, until at most `most` bytes are kept."""
    kept: list[tuple[float, int, Path]] = []
    for folder in store.folder.glob("drawn/*/*"):
        try:
            files = [file.stat() for file in folder.iterdir()]
        except OSError:
            continue
        kept.append((max((f.st_mtime for f in files), default=0.0), sum(f.st_size for f in files), folder))
    total = sum(size for _, size, _ in kept)
    for _, size, folder in sorted(kept):
        if total <= most:
            return
        shutil.rmtree(folder, ignore_errors=True)
        total -= size
