"""The upload store: bytes under random names, whole or not at all, outside everything that is served."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class UploadStore:
    """A folder of uploads. Keys are 256 random bits in hexadecimal; nothing of the user's goes into a path."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Keep `content` for good and answer its key. Raises OSError, leaving nothing, where the disk refuses."""
        key = secrets.token_hex(32)
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".part")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(target)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        sync(target.parent)
        return key

    def path(self, key: str) -> Path:
        """Where the bytes of `key` lie. Raises ValueError for what is no key of this store."""
        if not _KEY.fullmatch(key):
            raise ValueError("not a key of the upload store")
        return self.folder / key[:2] / key

    def read(self, key: str) -> bytes:
        """The bytes kept under `key`. Raises FileNotFoundError where there are none."""
        return self.path(key).read_bytes()

    def drawn(self, key: str) -> Path:
        """The folder of what was drawn from `key` to be looked at; it can be made anew. Raises ValueError."""
        return self.folder / "drawn" / key[:2] / self.path(key).name

    def delete(self, key: str) -> None:
        """Forget the bytes of `key` and what was drawn from them; what is gone stays gone."""
        self.path(key).unlink(missing_ok=True)
        shutil.rmtree(self.drawn(key), ignore_errors=True)

    def untouched_since(self, before: datetime) -> Iterator[str]:
        """Keys of bytes that were put before that instant."""
        for path in self._old(before):
            if _KEY.fullmatch(path.name):
                yield path.name

    def drop_drafts(self, before: datetime) -> int:
        """Forget what was half written before that instant, by a process that died; answers how many."""
        drafts = [path for path in self._old(before) if path.suffix == ".part"]
        for path in drafts:
            path.unlink(missing_ok=True)
        return len(drafts)

    def _old(self, before: datetime) -> Iterator[Path]:
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            try:
                touched = path.stat().st_mtime
            except FileNotFoundError:
                continue  # somebody deleted it meanwhile
            if touched < before.timestamp():
                yield path


def sync(folder: Path) -> None:
    """Make the folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
